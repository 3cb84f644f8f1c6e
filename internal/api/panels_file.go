package api

import (
	"bytes"
	"io"
	"math"
	"mime"
	"net/http"
	"net/url"
	"path"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/openmibi/openmibi/internal/model"
	"github.com/openmibi/openmibi/mibi"
)

// fieldCSV is the part of a form that has a panel's file, and the key of what
// is wrong with one.
const fieldCSV = "csv"

// panelFile is what a panel's CSV says. The nil panelFile says nothing.
type panelFile struct {
	name              string
	description, date *string
	batches           []model.Batch
	conjugates        []model.Conjugate
}

// fill puts what the file says into a panel.
func (f *panelFile) fill(p *model.Panel) {
	if f == nil {
		return
	}
	if f.name != "" {
		p.Name = f.name
	}
	if f.description != nil {
		p.Description = f.description
	}
	if f.date != nil {
		p.ManufactureDate = f.date
	}
	p.Batches, p.Conjugates = f.batches, f.conjugates
}

// givenPanel reads the body of POST /panels/. The fields beside a CSV that is
// the body itself are in the query.
func (c *Call) givenPanel() (*given, *panelFile, error) {
	media, params, err := mime.ParseMediaType(c.Request.Header.Get("Content-Type"))
	if err == nil && media == mediaCSV {
		return c.givenPanelBody(params["charset"])
	}
	var file *panelFile
	g, err := c.given(&filePart{name: fieldCSV, max: mibi.MaxPanelBytes, take: func(fileName string, r io.Reader) error {
		file, err = readPanelFile(r)
		if err == nil && file.name == "" {
			base := baseName(fileName)
			file.name = strings.TrimSuffix(base, path.Ext(base))
			if utf8.RuneCountInString(file.name) > maxName || unfitCell(file.name) != "" {
				file.name = "" // then it has to be given
			}
		}
		return err
	}})
	return g, file, err
}

func (c *Call) givenPanelBody(charset string) (*given, *panelFile, error) {
	if charset != "" && !strings.EqualFold(charset, "utf-8") && !strings.EqualFold(charset, "us-ascii") {
		return nil, nil, newProblem(http.StatusUnsupportedMediaType, "The charset %s is not supported: send UTF-8.", quote(charset))
	}
	query, err := url.ParseQuery(c.Request.URL.RawQuery)
	if err != nil {
		return nil, nil, newProblem(http.StatusBadRequest, "The query string cannot be read.")
	}
	file, err := readPanelFile(c.limited(mibi.MaxPanelBytes))
	if err != nil {
		return nil, nil, err
	}
	if c.once != nil {
		if _, err := c.once.asked(); err != nil {
			return nil, nil, err
		}
	}
	g := newGiven()
	g.form = query
	if g.asked = c.about.asked; g.asked != nil {
		g.ask(aFile(fieldCSV))
	}
	return g, file, nil
}

// readPanelFile reads a panel's CSV, in each of its dialects. What it has no
// field for is left out: columns such as Start and Stop, and the ids of the
// panel and the project that an export was made from.
func readPanelFile(r io.Reader) (*panelFile, error) {
	text, err := io.ReadAll(io.LimitReader(r, mibi.MaxPanelBytes+1))
	if err != nil {
		return nil, readProblem(err)
	}
	if len(text) > mibi.MaxPanelBytes {
		return nil, newProblem(http.StatusRequestEntityTooLarge, "The panel's CSV is larger than %d bytes.", mibi.MaxPanelBytes)
	}
	p, err := mibi.ReadPanel(bytes.NewReader(text))
	if err != nil {
		return nil, fieldProblem(fieldCSV, "%s.", err)
	}
	f := &panelFile{}
	wrong := newGiven()
	f.info(p.Info, wrong)
	for _, b := range p.Batches {
		f.batch(b, wrong)
	}
	if len(f.batches) > maxBatches {
		wrong.bad(fieldCSV, "More than "+strconv.Itoa(maxBatches)+" batches.")
	}
	return f, wrong.err()
}

// badLine notes what is wrong with a value, and where it stands.
func (g *given) badLine(line int, column, reason string) {
	g.bad(fieldCSV, "panel CSV, line "+strconv.Itoa(line)+" ("+column+"): "+reason)
}

func (f *panelFile) info(lines []mibi.PanelInfo, wrong *given) {
	for _, line := range lines {
		value, most := uncell(line.Value), maxText
		switch line.Name {
		case infoName:
			if f.name, most = value, maxName; unfitCell(value) != "" {
				wrong.badLine(line.Line, line.Name, unfitCell(value))
			}
		case infoDescription:
			f.description = filledText(value)
		case infoDate:
			day, ok := parseDay(value)
			if !ok {
				wrong.badLine(line.Line, line.Name, "Not a date. Use YYYY-MM-DD.")
			}
			f.date = day
		}
		if utf8.RuneCountInString(value) > most {
			wrong.badLine(line.Line, line.Name, "Ensure this field has no more than "+strconv.Itoa(most)+" characters.")
		}
	}
}

// parseDay reads a date, perhaps as a spreadsheet has written it again: as
// month, day and year or as day, month and year, where only one of the two can
// be meant. Nothing is no date.
func parseDay(text string) (*string, bool) {
	if text == "" {
		return nil, true
	}
	var found *string
	for _, layout := range []string{time.DateOnly, "1/2/2006", "2/1/2006"} {
		day, err := time.Parse(layout, text)
		if err != nil {
			continue
		}
		written := day.Format(time.DateOnly)
		if found != nil && *found != written {
			return nil, false
		}
		found = &written
	}
	return found, found != nil
}

func (f *panelFile) batch(b mibi.PanelBatch, wrong *given) {
	var number *int64
	made := model.Batch{}
	volumes := map[string]**float64{infoVolume: &made.Volume, infoAntibody: &made.AntibodyVolume, infoBuffer: &made.BufferVolume}
	for _, line := range b.Info {
		if line.Value == "" {
			continue
		}
		if line.Name == infoBatch {
			n, err := strconv.ParseInt(line.Value, 10, 64)
			if err != nil || n < 0 || n > 1<<53 {
				wrong.badLine(line.Line, line.Name, "A valid integer is required.")
				continue
			}
			for _, other := range f.batches {
				if other.Number == n {
					wrong.badLine(line.Line, line.Name, "There are two batches "+formatID(n)+".")
				}
			}
			number, made.Number = &n, n
		}
		if to := volumes[line.Name]; to != nil {
			v, err := strconv.ParseFloat(line.Value, 64)
			if err != nil || math.IsNaN(v) || math.IsInf(v, 0) || strings.ContainsAny(line.Value, "xXpP_") {
				wrong.badLine(line.Line, line.Name, "A valid number is required.")
				continue
			}
			*to = &v
			if number == nil {
				wrong.badLine(line.Line, line.Name, "Its batch has no number.")
			}
		}
	}
	if number != nil {
		f.batches = append(f.batches, made)
	}
	for _, row := range b.Rows {
		if len(f.conjugates) == maxConjugates {
			wrong.badLine(row.Line, columnMass, "More than "+strconv.Itoa(maxConjugates)+" conjugates.")
			return
		}
		f.conjugates = append(f.conjugates, conjugateOf(b, row, number, wrong))
	}
}

// conjugateOf reads a row of the table.
func conjugateOf(b mibi.PanelBatch, row mibi.PanelRow, batch *int64, wrong *given) model.Conjugate {
	fit := func(column string, text *string) *string {
		if text != nil {
			if reason := unfitCell(*text); reason != "" {
				wrong.badLine(row.Line, column, reason)
			}
			if utf8.RuneCountInString(*text) > maxName {
				wrong.badLine(row.Line, column, "Ensure this field has no more than "+strconv.Itoa(maxName)+" characters.")
			}
		}
		return text
	}
	value := func(column string) *string {
		text, _ := b.Value(row, column)
		return filledText(text)
	}
	c := model.Conjugate{
		Mass: row.Mass, Target: *fit(columnTarget, &row.Target), Clone: fit(columnClone, value(columnClone)),
		Element: fit(columnElement, value(columnElement)), BatchID: batch,
	}
	if both := value(columnIDLot); both != nil {
		c.ExternalID, c.Lot = parseIDLot(uncell(*both))
		fit(columnIDLot, c.ExternalID)
		fit(columnIDLot, c.Lot)
	}
	if c.Lot == nil {
		c.Lot = fit(columnLot, value(columnLot))
	}
	if c.Lot != nil && !balanced(*c.Lot) {
		wrong.badLine(row.Line, columnLot, unbalanced)
	}
	return c
}
