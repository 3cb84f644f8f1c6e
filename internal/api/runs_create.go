package api

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"github.com/openmibi/openmibi/internal/model"
	"github.com/openmibi/openmibi/internal/store"
	"github.com/openmibi/openmibi/mibi"
)

// smallXML is how many bytes of XML are read however many others are.
const smallXML = 1 << 20

// createRun is POST /runs/: a run and its images out of a run XML. The XML is
// streamed into a blob first and parsed from there; until the run is committed
// the blob counts as garbage, so that nothing stays behind a refusal or a crash.
func (a *API) createRun(ctx context.Context, c *Call, _ *none) (_ *written[wireRun], err error) {
	var xml stagedFile
	defer func() { a.unstage(ctx, xml, err) }()
	g, err := c.given(&filePart{name: "xml", max: a.MaxXML, take: func(fileName string, r io.Reader) error {
		name := baseName(fileName)
		if name == "" {
			return fieldProblem("xml", "The file has no usable name.")
		}
		if xml, err = a.stage(ctx, "runs/"+uuid.NewString()+".xml", name, r, a.MaxXML); err != nil {
			return err
		}
		return a.reach(ctx, "run.staged")
	}})
	if err != nil {
		return nil, err
	}
	// Once before the XML is parsed, for nothing; what counts is read in the
	// transaction.
	early := &editing{given: g, c: c, db: a.Store.Queries}
	early.runFields(ctx, nil)
	if xml.key == "" {
		g.bad("xml", "This field is required: a file.")
	}
	if err := early.err(); err != nil {
		return nil, err
	}
	if xml.info.Size > smallXML {
		// What is read of it is a few times as large, and is held until the run is
		// written.
		select {
		case a.reading <- struct{}{}:
			defer func() { <-a.reading }()
		case <-ctx.Done():
			return nil, ctx.Err()
		}
		if err := a.reach(ctx, "run.reading"); err != nil {
			return nil, err
		}
	}
	parsed, err := a.parseRunXML(ctx, xml)
	if err != nil {
		return nil, err
	}
	out, err := write(ctx, c, func(tx *store.Tx) (made wireRun, err error) {
		e := &editing{given: g, c: c, db: tx.Queries, tx: tx}
		fields := e.runFields(ctx, nil)
		if err := e.err(); err != nil {
			return made, err
		}
		id, err := tx.AddRun(ctx, newRun(fields, xml, parsed, c.Account.ID))
		if err != nil {
			return made, createConflict(err, fields.label)
		}
		if fields.magnification.has() {
			if err := tx.UpdateRun(ctx, id, changes{{Column: "magnification", Value: *fields.magnification.Value}}); err != nil {
				return made, err
			}
		}
		xml.kept = true
		if err := tx.Keep(ctx, xml.reserved); err != nil {
			return made, err
		}
		if made, err = show(runWire)(tx.Run(ctx, c.Viewer(), id)); err != nil {
			return made, err
		}
		return made, a.reach(ctx, "run.before-commit")
	})
	if err != nil {
		return nil, err
	}
	return out, a.reach(ctx, "run.after-commit")
}

func createConflict(err error, label opt[string]) error {
	var conflict *store.ConflictError
	if errors.As(err, &conflict) && conflict.Field == "folder" {
		return fieldProblem("xml", "The folder %s is in it twice.", quote(conflict.Value))
	}
	return runConflict(err, label)
}

func (a *API) parseRunXML(ctx context.Context, xml stagedFile) (run *mibi.RunXML, err error) {
	f, err := a.Blobs.Open(ctx, xml.key)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	run, err = mibi.ParseRunXML(f, mibi.RunXMLMaxBytes(a.MaxXML))
	if errors.Is(err, mibi.ErrRunXML) {
		return nil, fieldProblem("xml", "%s", err)
	}
	if err != nil {
		return nil, fmt.Errorf("parse run XML: %w", err)
	}
	if len(run.FOVs) > maxRunImages {
		return nil, fieldProblem("xml", "It has %d images, and a run may have %d.", len(run.FOVs), maxRunImages)
	}
	for _, fov := range run.FOVs {
		// Every image of a point repeats it.
		if fov.PointName != nil && utf8.RuneCountInString(*fov.PointName) > maxName {
			return nil, fieldProblem("xml", "The PointName of %s has more than %d characters.", fov.Number, maxName)
		}
	}
	return run, nil
}

// newRun is the run that the fields and the XML make ("Runs" in the contract).
func newRun(f runFields, xml stagedFile, parsed *mibi.RunXML, creator int64) model.NewRun {
	name := strings.TrimSuffix(xml.name, path.Ext(xml.name))
	if name == "" {
		name = xml.name
	}
	run := model.NewRun{
		Label: *f.label.Value, Name: name, Description: f.description.Value, Filename: xml.name,
		Path:   safeFolder(name) + "-" + uuid.NewString(),
		XMLKey: xml.key, XMLSHA256: hex.EncodeToString(xml.info.SHA256[:]), XMLSize: xml.info.Size,
		RunDate: f.date.Value, Operator: f.operator.Value, FOVSize: f.fovSize.Value, ApertureID: f.aperture.Value,
		ProjectID: f.project.Value, InstrumentID: *f.instrument.Value, CreatorID: creator,
	}
	if run.RunDate == nil && !parsed.RunTime.IsZero() {
		day := parsed.RunTime.Format(time.DateOnly)
		run.RunDate = &day
	}
	if f.slides.Value != nil {
		run.SlideIDs = *f.slides.Value
	}
	run.Images = make([]model.NewImage, len(parsed.FOVs))
	for i, fov := range parsed.FOVs {
		run.Images[i] = newRunImage(fov, run)
	}
	return run
}

func newRunImage(fov mibi.RunFOV, run model.NewRun) model.NewImage {
	depths := int64(fov.Depths)
	x, y := roundCoordinate(fov.XAttrib), roundCoordinate(fov.YAttrib)
	image := model.NewImage{
		Point: fov.PointName, Number: fov.Number, Folder: fov.Folder, Depths: &depths,
		FOVSize: run.FOVSize, ApertureID: run.ApertureID,
		MassGain: fov.MassGain, MassOffset: fov.MassOffset, TimeBin: fov.TimeBin, XCoord: &x, YCoord: &y,
	}
	if fov.Dwell != 0 {
		image.DwellTime = &fov.Dwell
	}
	if fov.Frame != 0 {
		frame := int64(fov.Frame)
		image.Frame = &frame
	}
	return image
}
