package mibi

import (
	"slices"
	"strings"
)

// Panel is what a panel CSV says: which target is bound to which mass, and
// what else its file has ("Panel CSV" in the format notes).
type Panel struct {
	// Info holds the name,value lines above the first batch, in the file's
	// order. Only MIBItracker's export has them: "Panel ID", "Panel Name",
	// "Project ID", "Project Name", "Manufacture Data", "Description".
	Info []PanelInfo
	// Batches are the tables of the file in its order: one in a plain file,
	// one for each batch in MIBItracker's export, where the last may have info
	// lines and no table.
	Batches []PanelBatch
	// Dropped are the lines, from 1, of the rows that were left out because
	// they lack a mass or a target. Rows without any value are not counted.
	Dropped []int
}

// PanelInfo is one name,value line of MIBItracker's export.
type PanelInfo struct {
	// Line is where it begins in the file, from 1.
	Line int
	// Name is as the file has it, "Total Volume (uL)" for example.
	Name string
	// Value is the rest of the line, without the commas that pad it.
	Value string
}

// PanelBatch is one table of a panel.
type PanelBatch struct {
	// Info holds the batch's own name,value lines: "Batch", and in µl
	// "Total Volume (uL)", "Antibody Volume (uL)", "Buffer Volume (uL)".
	Info []PanelInfo
	// Columns is the table's header, without the space around each name.
	Columns []string
	// Rows are those that have both a mass and a target, in the file's order.
	Rows []PanelRow
}

// PanelRow is one row of a panel: one antibody, or one element, on its mass.
type PanelRow struct {
	// Line is where the row begins in the file, from 1.
	Line int
	// Mass is the nominal mass in Da: column Mass, or Isotope.
	Mass int
	// Target is what is bound to the mass: column Target, or Label.
	Target string
	// Values are all the row's values without the space around them, one for
	// each of the batch's Columns: clone, element, lot, or Start and Stop in Da.
	Values []string
}

// Get returns the value of the info line of that name, and whether the panel
// has one.
func (p *Panel) Get(name string) (string, bool) { return panelInfo(p.Info, name) }

// Get returns the value of the batch's info line of that name, and whether the
// batch has one.
func (b *PanelBatch) Get(name string) (string, bool) { return panelInfo(b.Info, name) }

// Value returns the value that a row of this batch has in a column, and
// whether the batch has that column. Letter case does not matter.
func (b *PanelBatch) Value(row PanelRow, column string) (string, bool) {
	for i, name := range b.Columns {
		if strings.EqualFold(name, column) && i < len(row.Values) {
			return row.Values[i], true
		}
	}
	return "", false
}

// Channels returns the channels that an image of this panel has: one for each
// mass, in the order in which the file first has them. The targets of one mass
// become one, in natural order and joined with ", ": CD45, CD8 and CD11c give
// "CD8, CD11c, CD45". A target that a mass has twice is named twice, as
// MIBItracker's tools do it. Use [CheckUnique] to see whether a target stands on
// two masses.
func (p *Panel) Channels() []Channel {
	var masses []int
	targets := make(map[int][]string)
	for _, b := range p.Batches {
		for _, row := range b.Rows {
			if _, seen := targets[row.Mass]; !seen {
				masses = append(masses, row.Mass)
			}
			targets[row.Mass] = append(targets[row.Mass], row.Target)
		}
	}
	channels := make([]Channel, len(masses))
	for i, mass := range masses {
		slices.SortStableFunc(targets[mass], CompareNatural)
		channels[i] = Channel{Mass: mass, Target: strings.Join(targets[mass], ", ")}
	}
	return channels
}

func panelInfo(lines []PanelInfo, name string) (string, bool) {
	for _, line := range lines {
		if line.Name == name {
			return line.Value, true
		}
	}
	return "", false
}
