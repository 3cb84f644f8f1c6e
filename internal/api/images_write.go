package api

import (
	"context"
	"encoding/hex"
	"io"
	"strings"

	"github.com/google/uuid"

	"github.com/openmibi/openmibi/internal/model"
	"github.com/openmibi/openmibi/internal/store"
)

// createImage is POST /images/: one more image of a run that the caller may
// change.
func (a *API) createImage(ctx context.Context, c *Call, _ *none) (*written[wireImage], error) {
	g, err := c.given(nil)
	if err != nil {
		return nil, err
	}
	f, err := c.imageFields(ctx, g, true)
	if err != nil {
		return nil, err
	}
	runID, err := c.runToEdit(ctx, g)
	if err != nil {
		return nil, err
	}
	if err := g.err(); err != nil {
		return nil, err
	}
	number, _, _ := strings.Cut(*f.folder.Value, "/")
	image := model.NewImage{
		RunID: runID, ProjectID: f.project.Value, Description: f.description.Value, Point: f.point.Value, Number: number,
		Folder: *f.folder.Value, DwellTime: f.dwell.Value, Depths: f.depths.Value, Frame: f.frame.Value, FOVSize: f.fovSize.Value,
		MassGain: f.gain.Value, MassOffset: f.offset.Value, TimeBin: f.bin.Value, XCoord: f.x.Value, YCoord: f.y.Value,
		ApertureID: f.aperture.Value, ImagingPreset: f.preset.Value, Lens1Voltage: f.lens1.Value, TissueID: f.tissue.Value,
		SectionID: f.section.Value, CreatorID: c.Account.ID,
	}
	return write(ctx, c, func(tx *store.Tx) (made wireImage, err error) {
		id, err := tx.AddImage(ctx, image)
		if err != nil {
			return made, folderConflict(err, f.folder)
		}
		return show(imageWire)(tx.Image(ctx, c.Viewer(), id))
	})
}

// runToEdit reads the run of a new image.
func (c *Call) runToEdit(ctx context.Context, g *given) (int64, error) {
	id := g.id("run")
	if !id.has() {
		if g.wrong["run"] == nil {
			g.bad("run", "This field is required.")
		}
		return 0, nil
	}
	run, err := c.api.Store.Run(ctx, c.Viewer(), *id.Value)
	if err != nil {
		return 0, g.relation("run", err)
	}
	if c.mayEdit(run.Project, run.CreatorID) != nil {
		return 0, forbidden("You may see run %s but not add to it.", quote(run.Label))
	}
	return run.ID, nil
}

// changeImage is PUT and PATCH /images/{id}/ in both forms: JSON, or a form
// with an SED image.
func (a *API) changeImage(ctx context.Context, c *Call, in *byID) (_ *reply[wireImage], err error) {
	before, err := c.imageToEdit(ctx, in.ID)
	if err != nil {
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
	f, err := c.imageFields(ctx, g, false)
	if err != nil {
		return nil, err
	}
	ch := f.changes()
	if f.folder.has() && !f.number.Given {
		number, _, _ := strings.Cut(*f.folder.Value, "/")
		ch = append(ch, store.Change{Column: "number", Value: number})
	}
	change(&ch, "active", g.boolean("active"))
	name := g.text("sed", maxName)
	if err := c.mayFollowRun(ctx, g, f.project, before.Run.ID); err != nil {
		return nil, err
	}
	if err := g.err(); err != nil {
		return nil, err
	}
	err = c.write(ctx, func(tx *store.Tx) error {
		if err := tx.UpdateImage(ctx, in.ID, ch); err != nil {
			return folderConflict(err, f.folder)
		}
		switch {
		case sed.key != "":
			err := tx.SetSED(ctx, in.ID, &store.SED{
				Name: sed.name, Key: sed.key, SHA256: hex.EncodeToString(sed.info.SHA256[:]), Size: sed.info.Size,
			})
			if err != nil {
				return err
			}
			sed.kept = true
			return tx.Keep(ctx, sed.reserved)
		case name.Given && name.Value == nil:
			return tx.SetSED(ctx, in.ID, nil)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	image, err := a.Store.Image(ctx, c.Viewer(), in.ID)
	if err != nil {
		return nil, err
	}
	return ok(imageWire(*image)), nil
}

// mayFollowRun notes in g that an image cannot be left to its run's project by
// who may not change that run.
func (c *Call) mayFollowRun(ctx context.Context, g *given, project opt[int64], runID int64) error {
	if !project.Given || project.Value != nil {
		return nil
	}
	run, err := c.api.Store.Run(ctx, c.Viewer(), runID)
	if err != nil && !isNotFound(err) {
		return err
	}
	if err != nil || c.mayEdit(run.Project, run.CreatorID) != nil {
		g.bad("project", "Without a project of its own the image is in its run's, and you may not change that run.")
	}
	return nil
}
