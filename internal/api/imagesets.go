package api

import (
	"context"
	"strconv"

	"github.com/openmibi/openmibi/internal/model"
	"github.com/openmibi/openmibi/internal/store"
)

// wireImageSet is an image set on its own.
type wireImageSet struct {
	ID          int64           `json:"id"`
	Name        string          `json:"name"`
	Description *string         `json:"description"`
	Project     *wireProjectRef `json:"project"`
	Run         *int64          `json:"run"`
	Images      []wireImageRef  `json:"images"`
	Active      bool            `json:"active"`
}

func imageSetWire(s model.ImageSet) wireImageSet {
	return wireImageSet{
		ID: s.ID, Name: s.Name, Description: s.Description, Project: maybe(s.Project, projectRefWire), Run: s.RunID,
		Images: each(s.Images, imageRefWire), Active: s.Active,
	}
}

// imageSets are the routes of /imagesets/. A run's own set is the run's: it
// can be renamed, and everything else of it follows the run.
var imageSets = &resource[model.ImageSet, wireImageSet]{
	listing: store.ImageSetListing,
	find:    (*store.Queries).ImageSet,
	wire:    toAll(imageSetWire),
	mayEdit: func(c *Call, s *model.ImageSet) error { return c.mayEdit(s.Project, s.CreatorID) },
	mayRemove: func(s *model.ImageSet) error {
		if s.RunID != nil {
			return fieldProblem(nonField, ofRun)
		}
		return nil
	},
	write:  writeImageSet,
	update: (*store.Tx).UpdateImageSet,
}

const (
	maxSetImages = 10_000 // of a set that somebody puts together
	ofRun        = "This is the set of a run, which has the images of that run: change or delete the run instead."
)

// writeImageSet is write for image sets. The images given stand for those that
// the caller was shown: hidden and deleted ones stay in the set.
func writeImageSet(ctx context.Context, e *editing, before *model.ImageSet) (int64, error) {
	now := or(before, model.ImageSet{CreatorID: e.c.Account.ID})
	var ch changes
	change(&ch, "name", e.filled("name", maxName, before == nil))
	change(&ch, "description", e.text("description", maxText))
	project := e.project(ctx, "project", now.Project, now.CreatorID)
	change(&ch, "project_id", project)
	images := e.setImages(before == nil)
	if before != nil {
		active := e.boolean("active")
		change(&ch, "active", active)
		e.refuseOfRun(now, map[string]bool{"project": project.Given, "images": images.Given, "active": active.Given})
	}
	all, err := e.imagesOfSet(ctx, now, images, project)
	if err != nil {
		return 0, err
	}
	if err := e.err(); err != nil {
		return 0, err
	}
	id := now.ID
	if before == nil {
		id, err = e.tx.AddImageSet(ctx, now.CreatorID, ch)
	} else {
		err = e.tx.UpdateImageSet(ctx, id, ch)
	}
	if err != nil || !images.Given {
		return id, err
	}
	return id, e.tx.SetImageSetImages(ctx, id, all)
}

// setImages reads the images of a set: at least one.
func (e *editing) setImages(required bool) opt[[]int64] {
	images := e.ids("images")
	switch {
	case e.wrong["images"] != nil:
	case images.Given && (images.Value == nil || len(*images.Value) == 0), !images.Given && required:
		e.bad("images", "This field is required: a list of ids.")
	case images.Given && len(*images.Value) > maxSetImages:
		e.bad("images", "More than "+strconv.Itoa(maxSetImages)+" images.")
	}
	return images
}

// refuseOfRun notes which of the given fields are not a run's set's to change.
func (e *editing) refuseOfRun(set model.ImageSet, given map[string]bool) {
	for name, is := range given {
		if is && set.RunID != nil {
			e.bad(name, ofRun)
		}
	}
}
