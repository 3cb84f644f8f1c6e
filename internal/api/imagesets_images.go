package api

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strconv"

	"github.com/openmibi/openmibi/internal/model"
	"github.com/openmibi/openmibi/internal/policy"
	"github.com/openmibi/openmibi/internal/store"
)

// setChange is what a write does to the images of a set.
type setChange struct {
	had     map[int64]bool // all that are in it
	want    map[int64]bool // those given, or else those that the caller was shown
	all     map[int64]bool // all that will be in it
	project *int64         // the set's
	moved   bool           // the set's project is new to it
}

// imagesOfSet is all images that a set will have, after it has noted which of
// them cannot be in it. Where neither the images nor the project are given,
// nothing is looked at.
func (e *editing) imagesOfSet(ctx context.Context, now model.ImageSet, images opt[[]int64], to opt[int64]) ([]int64, error) {
	if len(e.wrong) > 0 || e.fail != nil || !images.Given && !to.Given {
		return nil, nil
	}
	ids, err := e.db.ImageSetImages(ctx, now.ID)
	if err != nil {
		return nil, err
	}
	w := setChange{had: setOf(ids), want: setOf(each(now.Images, func(i model.RunImage) int64 { return i.ID }))}
	w.project, w.moved = movedTo(now.Project, to)
	w.all = maps.Clone(w.had)
	if images.Given {
		maps.DeleteFunc(w.all, func(id int64, _ bool) bool { return w.want[id] })
		w.want = setOf(*images.Value)
	}
	maps.Copy(w.all, w.want)
	return slices.Sorted(maps.Keys(w.all)), e.checkSetImages(ctx, w)
}

// movedTo is the project that an object will be in, and whether that is new.
func movedTo(now *model.Project, to opt[int64]) (project *int64, moved bool) {
	if now != nil {
		project = &now.ID
	}
	if !to.Given {
		return project, false
	}
	same := project == nil && to.Value == nil || project != nil && to.Value != nil && *project == *to.Value
	return to.Value, !same
}

func setOf(ids []int64) map[int64]bool {
	out := make(map[int64]bool, len(ids))
	for _, id := range ids {
		out[id] = true
	}
	return out
}

// checkSetImages notes which images cannot be in a set: the caller must see
// each that it names, and none that is new may be deleted; in a project's set
// each must be of that project, or of another one that shares its images.
func (e *editing) checkSetImages(ctx context.Context, w setChange) error {
	ids := slices.Sorted(maps.Keys(w.all))
	seen, err := e.db.SeesImages(ctx, e.c.Viewer(), ids)
	if err != nil {
		return err
	}
	living, err := e.db.LivingImages(ctx, ids)
	if err != nil {
		return err
	}
	owners, err := e.db.ImageProjects(ctx, ids)
	if err != nil {
		return err
	}
	shares := map[int64]bool{}
	for _, id := range ids {
		image, fresh := "Image "+formatID(id), !w.had[id]
		switch owner := owners[id]; {
		case !seen[id] && w.want[id]:
			e.bad("images", "There is no image "+formatID(id)+", or you may not see it.")
		case fresh && !living[id]:
			e.bad("images", image+" is deleted.")
		case w.project == nil || !fresh && !w.moved:
		case !seen[id]:
			e.bad("project", "An image of the set that you may not see cannot go along.")
		case owner == nil:
			e.bad("images", image+" is in no project.")
		default:
			shared, err := e.shared(ctx, shares, *owner)
			if err != nil {
				return err
			}
			if !policy.CanJoin(*w.project, *owner, shared) {
				e.bad("images", image+" is in another project, which does not share its images.")
			}
		}
	}
	return nil
}

// shared tells whether the caller sees a project that lets its images be in
// sets of others. It remembers in known.
func (e *editing) shared(ctx context.Context, known map[int64]bool, project int64) (bool, error) {
	if may, ok := known[project]; ok {
		return may, nil
	}
	p, err := e.db.Project(ctx, e.c.Viewer(), project)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return false, err
	}
	known[project] = err == nil && p.ShareImages
	return known[project], nil
}

func formatID(id int64) string { return strconv.FormatInt(id, 10) }
