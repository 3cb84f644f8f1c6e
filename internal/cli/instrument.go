package cli

import (
	"github.com/spf13/cobra"

	"github.com/openmibi/openmibi/mibitracker"
)

func newInstrument(g *globals) *cobra.Command {
	c := &catalog[mibitracker.Instrument]{
		g: g, kind: instruments, one: "an instrument", many: "instruments",
		short:   "Find, make and change instruments",
		about:   "Instruments are the mass spectrometers that runs come from. Administrators make\nand change them. Their apertures are at mibi api /apertures/.",
		fields:  "It needs\na name. Further fields: description.",
		heads:   []string{"ID", "NAME", "DESCRIPTION"},
		columns: "id,\nname, description",
		cells:   func(i *mibitracker.Instrument) []any { return []any{i.ID, i.Name, i.Description} },
		show: func(t *table, i *mibitracker.Instrument) {
			t.field("ID", i.ID)
			t.field("Name", i.Name)
			t.field("Description", i.Description)
		},
		filters: []listFilter{nameFilter()},
		sample:  sample{id: "MIBIscope", filter: "--name MIBIscope", fields: "-f name='MIBIscope 2'", change: "-f description='in room 12'"},
	}
	return c.command(c.create())
}
