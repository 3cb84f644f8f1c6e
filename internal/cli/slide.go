package cli

import (
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/openmibi/openmibi/mibitracker"
)

func newSlide(g *globals) *cobra.Command {
	c := &catalog[mibitracker.Slide]{
		g: g, kind: slides, one: "a slide", many: "slides",
		short:   "Find, make and change slides",
		about:   "A slide carries sections of tissue, and is imaged in runs.",
		fields:  "It needs a name.\nFurther fields: project (an id or a name), description, external_id, source, lot,\nslide_type, location.",
		heads:   []string{"ID", "NAME", "PROJECT", "TYPE", "LOT", "SECTIONS", "RUNS", "DESCRIPTION"},
		columns: "id, name,\nproject, type, lot, number of sections, number of runs, description",
		cells: func(s *mibitracker.Slide) []any {
			return []any{s.ID, s.Name, projectName(s.Project), s.SlideType, s.Lot, len(s.Sections), len(s.Runs), s.Description}
		},
		show:      showSlide,
		filters:   []listFilter{nameFilter(), relatedFilter("project"), {"lot", "of this `lot`"}},
		relations: inProject(),
		sample:    sample{id: "1601", filter: "--project Liver", fields: "-f name:=1601 -f project=Liver -f slide_type=coated", change: "-f location='shelf 3'"},
	}
	return c.command(c.create())
}

func showSlide(t *table, s *mibitracker.Slide) {
	t.field("ID", s.ID)
	t.field("Name", s.Name)
	t.field("Description", s.Description)
	t.field("Project", projectName(s.Project))
	t.field("External ID", s.ExternalID)
	t.field("Source", s.Source)
	t.field("Lot", s.Lot)
	t.field("Type", s.SlideType)
	t.field("Location", s.Location)
	t.field("Sections (ids)", ids(s.Sections))
	t.field("Runs (ids)", ids(s.Runs))
}

func ids(all mibitracker.IDs) string {
	texts := make([]string, len(all))
	for i, id := range all {
		texts[i] = strconv.FormatInt(id, 10)
	}
	return strings.Join(texts, ", ")
}
