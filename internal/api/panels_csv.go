package api

import (
	"bytes"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/openmibi/openmibi/internal/model"
	"github.com/openmibi/openmibi/mibi"
)

const mediaCSV = "text/csv"

// The names of MIBItracker's export, to the letter: format notes, "Panel CSV".
const (
	infoID          = "Panel ID"
	infoName        = "Panel Name"
	infoProject     = "Project ID"
	infoProjectName = "Project Name"
	infoDate        = "Manufacture Data"
	infoDescription = "Description"
	infoBatch       = "Batch"
	infoVolume      = "Total Volume (uL)"
	infoAntibody    = "Antibody Volume (uL)"
	infoBuffer      = "Buffer Volume (uL)"

	columnIDLot   = "ID (Lot)"
	columnTarget  = "Target"
	columnClone   = "Clone"
	columnMass    = "Mass"
	columnElement = "Element"
	columnLot     = "Lot" // in other files
)

// panelCSV is GET /panels/{id}/csv/: the export.
func (a *API) panelCSV(c *Call, w http.ResponseWriter, r *http.Request) error {
	id, err := c.ID("id")
	if err != nil {
		return err
	}
	p, err := a.Store.Panel(r.Context(), c.Viewer(), id)
	if err != nil {
		return err
	}
	var text bytes.Buffer
	if err := panelExport(*p).WriteCSV(&text); err != nil {
		if errors.Is(err, mibi.ErrPanel) { // conjugates that were stored before they were held against this
			return newProblem(http.StatusConflict, "The panel cannot be written as CSV: %s. Change that first.", err)
		}
		return err
	}
	name := strings.NewReplacer("/", "-", `\`, "-").Replace(cell(p.Name)) + ".csv"
	h := w.Header()
	h.Set("Content-Type", mediaCSV+"; charset=utf-8")
	h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": name}))
	h.Set("Content-Length", strconv.Itoa(text.Len()))
	w.WriteHeader(http.StatusOK)
	if _, err := w.Write(text.Bytes()); err != nil {
		return fmt.Errorf("%w: %w", errAnswered, err)
	}
	return nil
}

// panelExport is a panel as MIBItracker exports it: its own lines, then a table
// for each batch. Conjugates of no batch come last, in one without a number.
func panelExport(p model.Panel) *mibi.Panel {
	line := func(name, value string) mibi.PanelInfo {
		return mibi.PanelInfo{Name: name, Value: shortened(cell(value), mibi.MaxPanelField)}
	}
	projectID, projectName := "", ""
	if p.Project != nil {
		projectID, projectName = formatID(p.Project.ID), p.Project.Name
	}
	panelID := ""
	if p.ID != 0 {
		panelID = formatID(p.ID)
	}
	out := &mibi.Panel{Info: []mibi.PanelInfo{
		line(infoID, panelID), line(infoName, p.Name), line(infoProject, projectID), line(infoProjectName, projectName),
		line(infoDate, textOf(p.ManufactureDate)), line(infoDescription, textOf(p.Description)),
	}}
	table := func(number, volume, antibody, buffer string, has func(model.Conjugate) bool) {
		b := mibi.PanelBatch{
			Info:    []mibi.PanelInfo{line(infoBatch, number), line(infoVolume, volume), line(infoAntibody, antibody), line(infoBuffer, buffer)},
			Columns: []string{columnIDLot, columnTarget, columnClone, columnMass, columnElement},
		}
		for _, c := range p.Conjugates {
			if has(c) {
				target := cell(c.Target)
				b.Rows = append(b.Rows, mibi.PanelRow{Mass: c.Mass, Target: target, Values: []string{
					cell(idLot(c.ExternalID, c.Lot)), target, cell(textOf(c.Clone)), strconv.Itoa(c.Mass), cell(textOf(c.Element)),
				}})
			}
		}
		out.Batches = append(out.Batches, b)
	}
	known := map[int64]bool{}
	for _, b := range p.Batches {
		known[b.Number] = true
		table(formatID(b.Number), formatVolume(b.Volume), formatVolume(b.AntibodyVolume), formatVolume(b.BufferVolume),
			func(c model.Conjugate) bool { return c.BatchID != nil && *c.BatchID == b.Number })
	}
	loose := func(c model.Conjugate) bool { return c.BatchID == nil || !known[*c.BatchID] }
	for _, c := range p.Conjugates {
		if loose(c) {
			table("", "", "", "", loose)
			return out
		}
	}
	if len(out.Batches) == 0 {
		table("", "", "", "", loose)
	}
	return out
}

// shortened cuts a text that readers of panels would refuse for its length:
// only a description can be so long.
func shortened(text string, most int) string {
	const mark = "…"
	if len(text) <= most {
		return text
	}
	cut := most - len(mark)
	for !utf8.RuneStart(text[cut]) {
		cut--
	}
	return strings.TrimSpace(text[:cut]) + mark
}

// formatVolume writes microlitres, as few letters as read back the same.
func formatVolume(v *float64) string {
	if v == nil {
		return ""
	}
	return strconv.FormatFloat(*v, 'f', -1, 64)
}
