package api

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/openmibi/openmibi/internal/model"
	"github.com/openmibi/openmibi/internal/store"
)

// imageFields are the fields of an image that a client writes.
type imageFields struct {
	description, point, number, folder, preset opt[string]
	dwell, fovSize, gain, offset, bin, x, y    opt[float64]
	lens1                                      opt[float64]
	depths, frame                              opt[int64]
	aperture, project, tissue, section         opt[int64]
}

// imageFields reads the fields of an image: of the one before, or of a new one
// where that is nil, which needs a folder.
func (e *editing) imageFields(ctx context.Context, before *model.Image) (f imageFields) {
	now := or(before, model.Image{CreatorID: e.c.Account.ID})
	f.description, f.point = e.text("description", maxText), e.text("point", maxName)
	f.preset = e.text("imaging_preset", maxName)
	f.folder = e.filled("folder", maxFolder, before == nil)
	f.number = e.filled("number", maxName, false)
	e.checkFolder(&f, now.Folder)
	f.dwell, f.fovSize, f.bin = e.number("dwell_time"), e.number("fov_size"), e.number("time_bin")
	f.gain, f.offset = e.number("mass_gain"), e.number("mass_offset")
	f.x, f.y, f.lens1 = e.number("x_coord"), e.number("y_coord"), e.number("lens1_voltage")
	f.depths, f.frame = e.depths("depths"), e.integer("frame", 1)
	f.aperture = e.aperture(ctx, "aperture", now.Aperture)
	f.project = e.imageProject(ctx, now, before == nil)
	f.tissue = related(ctx, e, "tissue", toTissue, now.Tissue)
	f.section = related(ctx, e, "section", toSection, now.Section)
	return f
}

// imageProject reads the project that an image is to have of its own. Without
// one it is in its run's: only who may change that run leaves it there.
func (e *editing) imageProject(ctx context.Context, now model.Image, fresh bool) opt[int64] {
	id := e.project(ctx, "project", now.Project, e.c.Account.ID)
	if fresh || !id.Given || id.Value != nil || now.OwnProjectID == nil {
		return id
	}
	run, err := e.db.Run(ctx, e.c.Viewer(), now.Run.ID)
	if err != nil && !isNotFound(err) {
		e.failed(err)
		return id
	}
	if err != nil || e.c.mayEdit(run.Project, run.CreatorID) != nil {
		e.bad("project", "Without a project of its own the image is in its run's, and you may not change that run.")
	}
	return id
}

const maxFolder = 512 // characters of an image's folder

// checkFolder holds a folder to what can lie in storage below its run. An
// image's number is the folder's first part: a new folder brings it along, and
// it is no other than that. now is the folder that the image has.
func (g *given) checkFolder(f *imageFields, now string) {
	folder := now
	if f.folder.has() {
		folder = *f.folder.Value
		for part := range strings.SplitSeq(folder, "/") {
			if part == "" || part == "." || part == ".." || strings.ContainsAny(part, "\\") || baseName(part) != part {
				g.bad("folder", "Not a folder's path: "+quote(folder)+".")
				return
			}
		}
	}
	first, _, _ := strings.Cut(folder, "/")
	switch {
	case f.number.has() && strings.Contains(*f.number.Value, "/"):
		g.bad("number", "It may not hold a slash.")
	case f.number.has() && *f.number.Value != first && folder != "":
		g.bad("number", "It is not the first part of the folder.")
	case f.folder.has() && !f.number.Given:
		if utf8.RuneCountInString(first) > maxName {
			g.bad("folder", "Its first part has more than "+strconv.Itoa(maxName)+" characters.")
		}
		f.number = opt[string]{true, &first}
	}
}

// depths reads a number of scans: an integer, or a list of scan numbers as
// text, which counts by its entries: "0" is one scan, "0,5" are two. In a form
// everything is text; there a single number over 0 is the number of scans.
func (g *given) depths(name string) (o opt[int64]) {
	g.ask(someDepths(name))
	text, isString, null, found := g.raw(name)
	text = strings.TrimSpace(text)
	inForm := g.json == nil
	if !found || null || !isString || text == "" && inForm || inForm && !strings.Contains(text, ",") && text != "0" {
		return g.readInteger(name, 1)
	}
	n := int64(0)
	for part := range strings.SplitSeq(text, ",") {
		if _, err := strconv.ParseUint(strings.TrimSpace(part), 10, 31); err != nil {
			g.bad(name, "Neither an integer nor a list of scan numbers: "+quote(text)+".")
			return o
		}
		n++
	}
	return opt[int64]{true, &n}
}

// changes are the columns that the fields change.
func (f imageFields) changes() changes {
	var ch changes
	change(&ch, "description", f.description)
	change(&ch, "point", f.point)
	change(&ch, "number", f.number)
	change(&ch, "folder", f.folder)
	change(&ch, "dwell_time", f.dwell)
	change(&ch, "depths", f.depths)
	change(&ch, "frame", f.frame)
	change(&ch, "fov_size", f.fovSize)
	change(&ch, "mass_gain", f.gain)
	change(&ch, "mass_offset", f.offset)
	change(&ch, "time_bin", f.bin)
	change(&ch, "x_coord", f.x)
	change(&ch, "y_coord", f.y)
	change(&ch, "aperture_id", f.aperture)
	change(&ch, "imaging_preset", f.preset)
	change(&ch, "lens1_voltage", f.lens1)
	change(&ch, "project_id", f.project)
	change(&ch, "tissue_id", f.tissue)
	change(&ch, "section_id", f.section)
	return ch
}

func folderConflict(err error, folder opt[string]) error {
	if errors.Is(err, store.ErrConflict) && folder.has() {
		return fieldProblem("folder", "The run already has an image in folder %s.", quote(*folder.Value))
	}
	return err
}
