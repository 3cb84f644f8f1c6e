package cli

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/openmibi/openmibi/mibitracker"
)

func newPanel(g *globals) *cobra.Command {
	c := &catalog[mibitracker.Panel]{
		g: g, kind: panels, one: "a panel", many: "panels",
		short: "Find, make and change antibody panels",
		about: "A panel is the antibodies that sections are stained with, each with its metal.",
		heads: []string{"ID", "NAME", "PROJECT", "MADE", "ANTIBODIES", "DESCRIPTION"}, columns: "id, name,\nproject, day it was made, number of antibodies, description",
		cells: func(p *mibitracker.Panel) []any {
			return []any{p.ID, p.Name, projectName(p.Project), p.ManufactureDate, antibodyCount(p), p.Description}
		},
		show:      showPanel,
		filters:   []listFilter{nameFilter(), relatedFilter("project")},
		relations: map[string]lookup{"project": idOf(projects), "previous_id": idOf(panels)},
		sample:    sample{id: "TNBC", filter: "--project Liver", fields: "-f name=TNBC -f project=Liver", change: "-f dilution=0.5"},
	}
	return c.command(newPanelCreate(c), newPanelCSV(c), newPanelConjugates(c))
}

func panels(c *mibitracker.Client) kind[mibitracker.Panel] {
	return kind[mibitracker.Panel]{
		name: "panel", get: c.Panels.Get, all: c.Panels.All, update: c.Panels.Update, remove: c.Panels.Delete,
		id: func(p *mibitracker.Panel) int64 { return p.ID }, names: func(p *mibitracker.Panel) []string { return []string{p.Name} },
	}
}

// antibodyCount is empty where a list does not say.
func antibodyCount(p *mibitracker.Panel) any {
	if p.Conjugates == nil {
		return nil
	}
	return len(p.Conjugates)
}

func showPanel(t *table, p *mibitracker.Panel) {
	t.field("ID", p.ID)
	t.field("Name", p.Name)
	t.field("Description", p.Description)
	t.field("Project", projectName(p.Project))
	t.field("Made", p.ManufactureDate)
	t.field("Dilution", p.Dilution)
	t.field("Draft", yesNo(p.IsDraft))
	t.field("Version before", idText(p.PreviousID))
	t.field("Version after", idText(p.NextID))
	var batches, antibodies []string
	for _, b := range p.Batches {
		text := fmt.Sprint(b.BatchID)
		if b.Volume != nil {
			text += " (" + cellText(b.Volume) + " µl)"
		}
		batches = append(batches, text)
	}
	t.field("Batches", batches)
	for _, c := range p.Conjugates {
		antibodies = append(antibodies, cellText(c.Mass)+" "+c.Target)
	}
	t.field("Antibodies (Da)", strings.Join(antibodies, "; ")) // targets have commas of their own
}

func idText(id int64) string { return nameOrID("", id) }
