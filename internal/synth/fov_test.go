package synth_test

import (
	"bytes"
	"testing"
	"time"

	"github.com/openmibi/openmibi/internal/synth"
	"github.com/openmibi/openmibi/mibi"
	"github.com/openmibi/openmibi/mibitiff"
)

func TestFOVIsDeterministic(t *testing.T) {
	t.Parallel()
	var hashes [3][32]byte
	for i, seed := range []uint64{7, 7, 8} {
		img, err := synth.FOV(seed, synth.Small())
		if err != nil {
			t.Fatal(err)
		}
		hashes[i] = img.Planes[0].SHA256()
	}
	if hashes[0] != hashes[1] || hashes[0] == hashes[2] {
		t.Errorf("seeds 7, 7, 8 make %x", hashes)
	}
}

func TestFOVLooksLikeTissue(t *testing.T) {
	t.Parallel()
	began := time.Now()
	img, err := synth.FOV(1, synth.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("made in %v", time.Since(began))
	if len(img.Planes) != 40 || mibi.CheckUnique(img.Channels) != nil {
		t.Fatalf("%d channels, %v", len(img.Planes), mibi.CheckUnique(img.Channels))
	}
	sparse := 0
	for i, p := range img.Planes {
		if p.Width() != 1024 || p.Height() != 1024 || p.DType() != mibitiff.Uint16 {
			t.Fatalf("%v is %dx%d of %v", img.Channels[i], p.Width(), p.Height(), p.DType())
		}
		zeros := 0
		most := uint16(0)
		for _, v := range p.Uint16s() {
			if v == 0 {
				zeros++
			}
			most = max(most, v)
		}
		share := float64(zeros) / float64(p.Len())
		t.Logf("%v: %.1f %% zeros, at most %d", img.Channels[i], share*100, most)
		if share >= 0.9 {
			sparse++
		}
		if share > 0.999 || share < 0.4 || most < 2 || most > 199 {
			t.Errorf("%v: %.1f %% zeros, at most %d", img.Channels[i], share*100, most)
		}
	}
	if sparse < 25 {
		t.Errorf("%d of 40 channels have 90 %% of zeros, want most", sparse)
	}
	// Nuclear and membrane stains of one tissue lie on different pixels.
	both, either := 0, 0
	dna, cd45 := img.Planes[0].Uint16s(), img.Planes[1].Uint16s()
	for i := range dna {
		if dna[i] > 1 || cd45[i] > 1 {
			either++
		}
		if dna[i] > 1 && cd45[i] > 1 {
			both++
		}
	}
	if both*20 > either {
		t.Errorf("dsDNA and CD45 share %d of %d pixels", both, either)
	}
}

func TestRunFitsItsXMLAndTIFFs(t *testing.T) {
	t.Parallel()
	images, err := synth.Run(3, 2, synth.Small())
	if err != nil {
		t.Fatal(err)
	}
	doc, err := synth.RunXML(images)
	if err != nil {
		t.Fatal(err)
	}
	run, err := mibi.ParseRunXML(bytes.NewReader(doc))
	if err != nil || len(run.FOVs) != 2 {
		t.Fatalf("%v\n%s", err, doc)
	}
	for i, img := range images {
		raw, err := img.TIFF()
		if err != nil {
			t.Fatal(err)
		}
		file, err := mibitiff.Open(bytes.NewReader(raw), int64(len(raw)))
		if err != nil {
			t.Fatal(err)
		}
		meta, fov := file.Metadata(), run.FOVs[i]
		x, y, _ := meta.Coordinates.Pair()
		if meta.Folder.String() != fov.Folder || meta.FOVName.String() != *fov.PointName || !meta.Date.Equal(run.RunTime) ||
			x*10 != fov.XAttrib || y*10 != fov.YAttrib || fov.Frame != 64 || *fov.MassGain != 0.6716 {
			t.Errorf("the TIFF says %+v, the XML %+v", meta, fov)
		}
		for j, c := range img.Channels {
			page, err := file.Channel(c.Label())
			if err != nil {
				t.Fatal(err)
			}
			plane, err := file.ReadPlane(t.Context(), page.Index)
			if err != nil || !plane.Equal(img.Planes[j]) {
				t.Errorf("%v reads back differently, %v", c, err)
			}
		}
	}
	if _, err := synth.RunXML(images[1:]); err == nil {
		t.Error("a run that begins with point 2 has an XML")
	}
}

func TestFOVRefuses(t *testing.T) {
	t.Parallel()
	for _, o := range []synth.Options{{Size: 4}, {Size: 1 << 20}, {Channels: 41}, {Channels: -1}, {Point: -1}} {
		if _, err := synth.FOV(1, o); err == nil {
			t.Errorf("%+v was made", o)
		}
	}
}

func BenchmarkFOV(b *testing.B) {
	for b.Loop() {
		if _, err := synth.FOV(1, synth.Options{}); err != nil {
			b.Fatal(err)
		}
	}
}
