package api

import (
	"context"
	"encoding/hex"
	"errors"
	"io"
	"strconv"

	"github.com/google/uuid"

	"github.com/openmibi/openmibi/internal/model"
	"github.com/openmibi/openmibi/internal/store"
)

// images are the routes of /images/, but for changing one: see changeImage.
// What is in no project of its own is its run's.
var images = &resource[model.Image, wireImage]{
	listing:  store.ImageListing,
	find:     (*store.Queries).Image,
	wire:     toAll(imageWire),
	encoders: newImageTexts,
	mayEdit:  func(c *Call, i *model.Image) error { return c.mayEdit(i.Project, i.Run.CreatorID) },
	write:    writeImage,
	update:   (*store.Tx).UpdateImage,
}

// writeImage is write for images, but for their SED files.
func writeImage(ctx context.Context, e *editing, before *model.Image) (int64, error) {
	f := e.imageFields(ctx, before)
	if before == nil {
		return e.addImage(ctx, f)
	}
	ch := f.changes()
	change(&ch, "active", e.boolean("active"))
	if err := e.err(); err != nil {
		return 0, err
	}
	return before.ID, folderConflict(e.tx.UpdateImage(ctx, before.ID, ch), f.folder)
}

// addImage adds one more image to a run that the caller may change.
func (e *editing) addImage(ctx context.Context, f imageFields) (int64, error) {
	run := e.runToEdit(ctx)
	if err := e.err(); err != nil {
		return 0, err
	}
	id, err := e.tx.AddImage(ctx, model.NewImage{
		RunID: run, ProjectID: f.project.Value, Description: f.description.Value, Point: f.point.Value, Number: *f.number.Value,
		Folder: *f.folder.Value, DwellTime: f.dwell.Value, Depths: f.depths.Value, Frame: f.frame.Value, FOVSize: f.fovSize.Value,
		MassGain: f.gain.Value, MassOffset: f.offset.Value, TimeBin: f.bin.Value, XCoord: f.x.Value, YCoord: f.y.Value,
		ApertureID: f.aperture.Value, ImagingPreset: f.preset.Value, Lens1Voltage: f.lens1.Value, TissueID: f.tissue.Value,
		SectionID: f.section.Value, CreatorID: e.c.Account.ID,
	})
	return id, folderConflict(err, f.folder)
}

// runToEdit reads the run of a new image.
func (e *editing) runToEdit(ctx context.Context) int64 {
	id := e.id("run")
	if !id.has() {
		if e.wrong["run"] == nil {
			e.bad("run", "This field is required.")
		}
		return 0
	}
	run, err := e.db.Run(ctx, e.c.Viewer(), *id.Value)
	switch {
	case errors.Is(err, store.ErrNotFound):
		e.bad("run", unknownRelation)
	case err != nil:
		e.failed(err)
	case e.c.mayEdit(run.Project, run.CreatorID) != nil:
		e.failed(forbidden("You may see run %s but not add to it.", quote(run.Label)))
	case !run.Active:
		e.bad("run", deletedRelation)
	}
	if err == nil && len(run.Images) >= maxRunImages {
		e.bad("run", "The run has "+strconv.Itoa(len(run.Images))+" images already.")
	}
	return *id.Value
}

// changeImage is PUT and PATCH /images/{id}/ in both forms: JSON, or a form
// with an SED image.
func (a *API) changeImage(ctx context.Context, c *Call, in *byID) (_ *reply[wireImage], err error) {
	if _, err := images.toEdit(ctx, c, a.Store.Queries, in.ID); err != nil {
		return nil, err
	}
	var sed stagedFile
	defer func() { a.unstage(ctx, sed, err) }()
	g, err := c.given(&filePart{name: "attachment", max: a.MaxSED, take: func(fileName string, r io.Reader) error {
		name, r, err := checkSED(fileName, r)
		if err == nil {
			sed, err = a.stage(ctx, "sed/"+uuid.NewString(), name, r, a.MaxSED)
		}
		return err
	}})
	if err != nil {
		return nil, err
	}
	name := g.text("sed", maxName)
	var out wireImage
	err = c.write(ctx, func(tx *store.Tx) error {
		before, err := images.toEdit(ctx, c, tx.Queries, in.ID)
		if err != nil {
			return err
		}
		if sed.key == "" {
			g.checkSEDName(name, before)
		}
		if _, err = writeImage(ctx, &editing{given: g, c: c, db: tx.Queries, tx: tx}, before); err != nil {
			return err
		}
		switch {
		case sed.key != "":
			err = tx.SetSED(ctx, in.ID, &store.SED{
				Name: sed.name, Key: sed.key, SHA256: hex.EncodeToString(sed.info.SHA256[:]), Size: sed.info.Size,
			})
			if err == nil {
				sed.kept = true
				err = tx.Keep(ctx, sed.reserved)
			}
		case name.Given && name.Value == nil:
			err = tx.SetSED(ctx, in.ID, nil)
		}
		if err != nil {
			return err
		}
		out, err = show(imageWire)(tx.Image(ctx, c.Viewer(), in.ID))
		return err
	})
	if err != nil {
		return nil, err
	}
	return ok(out), nil
}

// checkSEDName notes that a file's name alone makes no SED image. The name of
// the one that is there may be written back.
func (g *given) checkSEDName(name opt[string], now *model.Image) {
	if name.has() && *name.Value != "" && (now.SED == nil || *now.SED != *name.Value) {
		g.bad("sed", "Send the file itself, as attachment of a form. null takes the present one away.")
	}
}
