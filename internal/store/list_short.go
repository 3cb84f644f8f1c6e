package store

import (
	"context"
	"slices"

	"github.com/openmibi/openmibi/internal/model"
	"github.com/openmibi/openmibi/internal/store/columns"
)

// shortImages are the short forms of images of runs, or of chosen images, that
// a viewer may see, from memory. Deleted images are not among them; those of a
// deleted run are.
func (x *imageIndex) shortImages(ctx context.Context, q *Queries, v Viewer, owners map[int64][]int64) (map[int64][]model.RunImage, error) {
	for {
		if err := x.follow(ctx, q); err != nil {
			return nil, err
		}
		out, more, ok := x.shortened(v, owners)
		if !ok {
			continue
		}
		if len(more) == 0 {
			return out, nil
		}
		extra, err := q.extraNames(ctx, more)
		if err != nil {
			return nil, err
		}
		for _, images := range out {
			for i := range images {
				if channels := extra[images[i].ID]; len(channels) > 0 {
					images[i].PNGs = slices.Concat(images[i].PNGs, namesOf(channels))
				}
			}
		}
		return out, nil
	}
}

// shortened makes short forms: of the images given for each owner, or for nil
// of all images of the owner, which is a run. It returns which have extra
// channels besides, and false where the index was given up meanwhile.
func (x *imageIndex) shortened(v Viewer, owners map[int64][]int64) (out map[int64][]model.RunImage, more []int64, ok bool) {
	x.mu.RLock()
	defer x.mu.RUnlock()
	if !x.loaded.Load() {
		return nil, nil, false
	}
	sees := x.scopesOf(v)
	out = make(map[int64][]model.RunImage, len(owners))
	for owner, images := range owners {
		var list []model.RunImage
		for _, r := range x.rangesOfOwner(owner, images) {
			for at := r.Lo; at < r.Hi; at++ {
				if !x.active[at] || sees != nil && !sees.has(x.scope.At(at)) {
					continue
				}
				if list = append(list, x.short(at)); x.extras[at] {
					more = append(more, x.ids[at])
				}
			}
		}
		if list != nil {
			out[owner] = list
		}
	}
	return out, more, true
}

func (x *imageIndex) rangesOfOwner(owner int64, images []int64) (out []columns.Range) {
	if images == nil {
		for _, s := range x.spans {
			if int64(s.run) == owner {
				out = append(out, s.Range)
			}
		}
		return out
	}
	for _, id := range images {
		if at, found := x.find(id); found {
			out = append(out, columns.Range{Lo: at, Hi: at + 1})
		}
	}
	return out
}

// short is the short form of an image. Images share the names of their channels.
func (x *imageIndex) short(row uint32) model.RunImage {
	img := model.RunImage{ID: x.ids[row], PNGs: at(x.sets, x.codes["channel_set_id"].At(row)).names}
	img.Number, _ = x.texts["number"].At(row)
	img.Folder, _ = x.texts["folder"].At(row)
	if point, some := x.texts["point"].At(row); some {
		img.Point = &point
	}
	status, _ := x.texts["status"].At(row)
	img.Status = model.Status(status)
	return img
}
