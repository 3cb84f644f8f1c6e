package cli

import (
	"cmp"

	"github.com/spf13/cobra"

	"github.com/openmibi/openmibi/mibitracker"
)

func newSection(g *globals) *cobra.Command {
	c := &catalog[mibitracker.Section]{
		g: g, kind: sections, one: "a section", many: "sections", nameless: true,
		short: "Find, make and change sections of tissue",
		about: "A section is a piece of tissue on a slide, stained with a panel. Images are of\n" +
			"sections: mibi image set ID -f section=SECTION.",
		fields:  "Tissue,\nslide, panel and project are ids or names. Further fields: position, description,\nblock, cut_date, stain_date, receive_date (days such as 2024-06-13).",
		heads:   []string{"ID", "SLIDE", "POSITION", "TISSUE", "PANEL", "PROJECT", "STAINED"},
		columns: "id, slide,\nposition, tissue, panel, project, day of staining",
		cells: func(s *mibitracker.Section) []any {
			return []any{s.ID, slideName(s.Slide), s.Position, tissueText(s.Tissue), panelName(s.Panel), projectName(s.Project), s.StainDate}
		},
		show: showSection,
		filters: []listFilter{
			relatedFilter("slide"), relatedFilter("tissue"), relatedFilter("panel"), relatedFilter("project"),
			{"position", "of this `position`"}, {"block", "of this `block`"},
		},
		relations: map[string]lookup{"slide": idOf(slides), "tissue": idOf(tissues), "panel": idOf(panels), "project": idOf(projects)},
		sample: sample{
			id: "319", filter: "--slide 1601", change: "-f stain_date=2024-06-13",
			fields: "-f slide=1601 -f tissue=Tonsil -f panel=TNBC -f position=top",
		},
	}
	return c.command(c.create())
}

func sections(c *mibitracker.Client) kind[mibitracker.Section] {
	return kind[mibitracker.Section]{
		name: "section", get: c.Sections.Get, all: c.Sections.All, update: c.Sections.Update, remove: c.Sections.Delete,
		id: func(s *mibitracker.Section) int64 { return s.ID },
		// They have none; this tells one from others.
		names: func(s *mibitracker.Section) []string { return []string{sectionName(s)} },
	}
}

func showSection(t *table, s *mibitracker.Section) {
	t.field("ID", s.ID)
	t.field("Slide", slideName(s.Slide))
	t.field("Position", s.Position)
	t.field("Tissue", tissueText(s.Tissue))
	t.field("Panel", panelName(s.Panel))
	t.field("Project", projectName(s.Project))
	t.field("Description", s.Description)
	t.field("Block", s.Block)
	cut := "Cut"
	if s.CutDate == "" && s.DateType != "" {
		cut = "Day of " + s.DateType
	}
	t.field(cut, cmp.Or(s.CutDate, s.SectionCreateDate))
	t.field("Stained", s.StainDate)
	t.field("Received", s.ReceiveDate)
	if s.Counterstain != "" {
		t.field("Counterstain", s.Counterstain)
	}
}

func slideName(s *mibitracker.Slide) string {
	if s == nil {
		return ""
	}
	return nameOrID(s.Name, s.ID)
}

func panelName(p *mibitracker.Panel) string {
	if p == nil {
		return ""
	}
	return nameOrID(p.Name, p.ID)
}
