package storeseed

import (
	"fmt"
	"math"
	"time"
)

// seededRun is what the images of a run need of it.
type seededRun struct {
	id, set, aperture, creator int64
	number                     int
	gain, size                 float64
	sections                   []int
}

// addRuns makes runs and their image sets. Two of a hundred are deleted.
func (w *seeder) addRuns(t *tx) error {
	day := time.Date(2017, 1, 2, 0, 0, 0, 0, time.UTC)
	count := (w.Images + w.PerRun - 1) / w.PerRun
	for i := range count {
		date := day.AddDate(0, 0, i*3000/max(count, 1))
		runName := name(date.Format("20060102"), fmt.Sprint(2000+i/2)) // two runs share a name
		label := name(date.Format("20060102"), fmt.Sprint(2000+i/2), fmt.Sprint(i))
		project := w.projectOf(w.rnd.IntN(1000))
		switch i {
		case 0:
			project = w.projects[projects-2]
		case 1:
			project = w.projects[projects-1]
		}
		var dated, operator any = date.Format(time.DateOnly), fmt.Sprintf("Operator %d", w.rnd.IntN(8))
		if i%40 == 39 {
			dated, operator = nil, nil
		}
		r := seededRun{number: i, aperture: int64(1 + w.rnd.IntN(5)), creator: w.accounts[w.rnd.IntN(people)], gain: 0.62 + float64(i)*1e-6,
			size: []float64{400, 500, 800}[w.rnd.IntN(3)]}
		for range 3 {
			r.sections = append(r.sections, w.rnd.IntN(sections))
		}
		var err error
		r.id, err = t.add("runs", "label,name,xml_name,xml_key,xml_sha256,xml_size,path,filename,run_date,operator,fov_size,magnification,"+
			"aperture_id,project_id,instrument_id,created_by,created_at,active",
			label, runName, runName+".xml", "runs/"+label, "00", 1000, label+"-92a8e5d5", runName+".xml", dated, operator, r.size, 160000/r.size,
			r.aperture, project, 1+i%5, r.creator, now, i%50 != 49)
		if err != nil {
			return err
		}
		if r.set, err = t.add("imagesets", "name,run_id,created_by,created_at", runName, r.id, r.creator, now); err != nil {
			return err
		}
		seen := map[int64]bool{}
		for _, s := range r.sections {
			slide := w.slides[s%slides]
			if seen[slide] {
				continue
			}
			seen[slide] = true
			if _, err := t.add("run_slides", "run_id,slide_id", r.id, slide); err != nil {
				return err
			}
		}
		w.runs = append(w.runs, r)
	}
	return nil
}

const imageColumns = "run_id,project_id,description,point,number,folder,dwell_time,depths,frame,fov_size,mass_gain,mass_offset,time_bin," +
	"x_coord,y_coord,sed,aperture_id,imaging_preset,lens1_voltage,tissue_id,section_id,status,processing_error,tiff_key,tiff_size,tiff_sha256," +
	"tiff_width,tiff_height,tiff_updated_at,created_by,created_at,active,channel_set_id"

// addImages makes the images of runs.
func (w *seeder) addImages(t *tx, runs []seededRun) error {
	for _, r := range runs {
		for i := range min(w.PerRun, w.Images-r.number*w.PerRun) {
			if err := w.addImage(t, r, i); err != nil {
				return err
			}
		}
	}
	return nil
}

func (w *seeder) addImage(t *tx, r seededRun, i int) error {
	section := r.sections[i*len(r.sections)/w.PerRun]
	at := r.number*w.PerRun + i
	pick := w.rnd.IntN(1000)
	number := fmt.Sprintf("Point%d", i+1)
	point := fmt.Sprintf("%d_R%dC%d_%s_%d", r.number, i/16+1, i%16+1, organs[section%tissues%len(organs)], at)
	var project, description, sed, lens, problem, set any
	if pick < 20 {
		project = w.projects[pick%(projects-2)]
	}
	if pick%10 == 3 {
		description = fmt.Sprintf("note %d", w.rnd.IntN(1000))
	}
	if pick%4 == 1 {
		sed, lens = "sed.bmp", float64(pick%7)*10
	}
	status, tiff := "A", true
	switch {
	case pick >= 960:
		status, tiff = "U", false
	case pick >= 940:
		status, problem, tiff = "E", "the TIFF ends early", false
	case pick >= 930:
		status = "AM"
	}
	key, size, hash, side, updated := "", 0, "", 0, ""
	if tiff {
		key, size, hash, side, updated = fmt.Sprintf("uploads/%d", at), 5_000_000+w.rnd.IntN(5_000_000), fmt.Sprintf("%032x%032x", w.rnd.Uint64(), at), 1024, now
		set = w.sets[section%panels*2+pick%20/19]
	}
	id, err := t.add("images", imageColumns, r.id, project, description, point, number, number+"/RowNumber0/Depth_Profile0",
		[]float64{1, 2, 4, 8}[pick%4], 1+pick%5, []int{512, 1024, 2048}[pick%3], r.size, r.gain, 0.2062068, 0.5,
		math.Round(w.rnd.Float64()*4e6)/10, math.Round(w.rnd.Float64()*4e5), sed, r.aperture, []string{"Coarse", "Fine", "Super"}[r.number%3], lens,
		w.tissues[section%tissues], w.sections[section], status, problem, key, size, hash, side, side, updated, r.creator, now, pick != 500, set)
	if err != nil {
		return err
	}
	if _, err := t.add("imageset_images", "imageset_id,image_id", r.set, id); err != nil || !tiff {
		return err
	}
	if _, err := t.add("image_channels", "image_id,packed", id, w.packed[at%packedKinds]); err != nil {
		return err
	}
	if pick%100 == 7 {
		_, err = t.add("extra_channels", "image_id,name,blob_key,file_name,content_type,size,sha256,width,height,dtype,min_value,max_value,sum_value,non_zero",
			id, "cell_boundaries", fmt.Sprintf("extra/%d", id), "cell_boundaries.png", "image/png", 1000, "00", 1024, 1024, "uint8", 0, 1, 5, 5)
	}
	return err
}
