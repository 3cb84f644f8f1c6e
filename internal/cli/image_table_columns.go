package cli

import (
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/openmibi/openmibi/mibitracker"
)

// imageColumn is a column of the table of images: a field of the API, by its
// name there.
type imageColumn struct {
	name string
	kind cellKind
	get  func(*mibitracker.Image) cell
}

// cellKind says what a column's cells are, and what writes them.
type cellKind int

const (
	identityCell cellKind = iota // says which image it is, and has to stay
	shownCell                    // is the server's, and never looked at again
	textCell
	numberCell
	integerCell
	relationCell // another object: its name and its id
)

func (k cellKind) written() bool { return k >= textCell }

// cell is the value of a field: nil for none, string, float64, int64 or ref.
type cell any

// ref is a related object. Its id is 0 where a backend gives its code alone.
type ref struct {
	id   int64
	name string
}

// imageColumns are all columns of the table, in their order.
func imageColumns() []imageColumn {
	type image = mibitracker.Image
	text := func(name string, kind cellKind, get func(*image) string) imageColumn {
		return imageColumn{name, kind, func(i *image) cell { return noneIfZero(get(i)) }}
	}
	number := func(name string, get func(*image) *float64) imageColumn {
		return imageColumn{name, numberCell, func(i *image) cell { return noneIfNil(get(i)) }}
	}
	integer := func(name string, get func(*image) *int64) imageColumn {
		return imageColumn{name, integerCell, func(i *image) cell { return noneIfNil(get(i)) }}
	}
	relation := func(name string, get func(*image) ref) imageColumn {
		return imageColumn{name, relationCell, func(i *image) cell { return noneIfZero(get(i)) }}
	}
	return []imageColumn{
		{"id", identityCell, func(i *image) cell { return i.ID }},
		text("run", identityCell, runLabel),
		text("number", identityCell, fov),
		text("point", textCell, func(i *image) string { return i.Point }),
		text("folder", identityCell, func(i *image) string { return i.Folder }),
		text("status", shownCell, func(i *image) string { return strings.Join(i.Status, " ") }),
		text("description", textCell, func(i *image) string { return i.Description }),
		relation("tissue", func(i *image) ref { return tissueRef(i.Tissue) }),
		relation("section", func(i *image) ref { return sectionRef(i.Section) }),
		relation("project", func(i *image) ref { return projectRef(i.Project) }),
		number("fov_size", func(i *image) *float64 { return i.FOVSize }),
		relation("aperture", func(i *image) ref { return apertureRef(i.Aperture) }),
		number("dwell_time", func(i *image) *float64 { return i.DwellTime }),
		integer("depths", func(i *image) *int64 { return i.Depths }),
		integer("frame", func(i *image) *int64 { return i.Frame }),
		number("time_bin", func(i *image) *float64 { return i.TimeBin }),
		number("mass_gain", func(i *image) *float64 { return i.MassGain }),
		number("mass_offset", func(i *image) *float64 { return i.MassOffset }),
		number("x_coord", func(i *image) *float64 { return i.XCoord }),
		number("y_coord", func(i *image) *float64 { return i.YCoord }),
		text("imaging_preset", textCell, func(i *image) string { return cellText(i.ImagingPreset) }),
		number("lens1_voltage", func(i *image) *float64 { return i.Lens1Voltage }),
	}
}

func noneIfZero[T comparable](v T) cell {
	var zero T
	if v == zero {
		return nil
	}
	return v
}

func noneIfNil[T any](v *T) cell {
	if v == nil {
		return nil
	}
	return *v
}

// The names of related objects are on one line, without the double spaces and
// empty brackets that the names of tissues have and nobody types.
func tissueRef(t *mibitracker.Tissue) ref {
	switch {
	case t == nil:
		return ref{}
	case t.Organ == "":
		return ref{t.ID, onOneLine(t.Name)}
	}
	return ref{t.ID, onOneLine(tissueText(t))}
}

func sectionRef(s *mibitracker.Section) ref {
	switch {
	case s == nil:
		return ref{}
	case s.Slide != nil && s.Slide.Name != "":
		return ref{s.ID, onOneLine(s.Position + " of slide " + s.Slide.Name)}
	}
	return ref{s.ID, onOneLine(s.Position)}
}

func projectRef(p *mibitracker.Project) ref {
	if p == nil {
		return ref{}
	}
	return ref{p.ID, onOneLine(p.Name)}
}

func apertureRef(a *mibitracker.Aperture) ref {
	switch {
	case a == nil:
		return ref{}
	case a.Code == "":
		return ref{a.ID, onOneLine(a.Name)}
	}
	return ref{a.ID, onOneLine(a.Code)}
}

func onOneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

// plainCell is a value as the table has it.
func plainCell(v cell) string {
	switch v := v.(type) {
	case string:
		return v
	case int64:
		return strconv.FormatInt(v, 10)
	case float64:
		return plainNumber(v)
	case ref:
		return v.String()
	}
	return ""
}

// String is the name with the id behind it, as far as both are there.
func (r ref) String() string {
	switch {
	case r.id == 0:
		return r.name
	case r.name == "":
		return strconv.FormatInt(r.id, 10)
	}
	return fmt.Sprintf("%s (id %d)", r.name, r.id)
}

// plainNumber writes all digits that tell the number from others, and no
// exponent where people would not: motor steps are millions.
func plainNumber(v float64) string {
	if abs := math.Abs(v); abs == 0 || abs >= 1e-9 && abs < 1e15 {
		return strconv.FormatFloat(v, 'f', -1, 64)
	}
	return strconv.FormatFloat(v, 'g', -1, 64)
}

// jsonCell is a value as --json has it: numbers are numbers, and none is null.
func jsonCell(v cell) any {
	if r, ok := v.(ref); ok {
		return r.String()
	}
	return v
}

// imageRow is a row of the table in JSON: an object of the columns, in their
// order.
type imageRow struct {
	columns []imageColumn
	cells   []cell
}

// MarshalJSON writes the object.
func (r imageRow) MarshalJSON() ([]byte, error) {
	out := []byte{'{'}
	for i, c := range r.columns {
		if i > 0 {
			out = append(out, ',')
		}
		value, err := json.Marshal(jsonCell(r.cells[i]))
		if err != nil {
			return nil, err
		}
		out = append(append(strconv.AppendQuote(out, c.name), ':'), value...)
	}
	return append(out, '}'), nil
}
