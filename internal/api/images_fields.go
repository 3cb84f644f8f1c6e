package api

import (
	"context"
	"errors"
	"strconv"
	"strings"

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

// imageFields reads the fields of an image, and checks that the caller may
// relate to what they name. required: a new image's folder.
func (c *Call) imageFields(ctx context.Context, g *given, required bool) (f imageFields, err error) {
	f.description, f.point = g.text("description", maxText), g.text("point", maxName)
	f.preset = g.text("imaging_preset", maxName)
	f.folder = g.filled("folder", maxFolder, required)
	f.number = g.filled("number", maxName, false)
	g.checkFolder(f)
	f.dwell, f.fovSize, f.bin = g.number("dwell_time"), g.number("fov_size"), g.number("time_bin")
	f.gain, f.offset = g.number("mass_gain"), g.number("mass_offset")
	f.x, f.y, f.lens1 = g.number("x_coord"), g.number("y_coord"), g.number("lens1_voltage")
	f.depths, f.frame = g.depths("depths"), g.integer("frame", 1)
	if f.aperture, err = c.aperture(ctx, g, "aperture"); err != nil {
		return f, err
	}
	if f.project, err = c.projectTo(ctx, g, "project"); err != nil {
		return f, err
	}
	if f.tissue, err = related(ctx, c, g, "tissue", forAll(c.api.Store.Tissue)); err != nil {
		return f, err
	}
	f.section, err = related(ctx, c, g, "section", c.api.Store.Section)
	return f, err
}

const maxFolder = 512 // characters of an image's folder

// checkFolder holds a folder to what can lie in storage below its run, and its
// number to its first part.
func (g *given) checkFolder(f imageFields) {
	if f.number.has() && strings.Contains(*f.number.Value, "/") {
		g.bad("number", "It may not hold a slash.")
	}
	if !f.folder.has() {
		return
	}
	for part := range strings.SplitSeq(*f.folder.Value, "/") {
		if part == "" || part == "." || part == ".." || strings.ContainsAny(part, "\\") || baseName(part) != part {
			g.bad("folder", "Not a folder's path: "+quote(*f.folder.Value)+".")
			return
		}
	}
	first, _, _ := strings.Cut(*f.folder.Value, "/")
	if f.number.has() && *f.number.Value != first {
		g.bad("number", "It is not the first part of the folder.")
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
