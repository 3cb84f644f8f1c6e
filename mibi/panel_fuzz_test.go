package mibi_test

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/openmibi/openmibi/mibi"
)

// FuzzReadPanel holds a panel against the records that encoding/csv finds in
// the same text: none is lost, none is invented. Its channels are each mass
// once, and written as a plain panel they read the same.
func FuzzReadPanel(f *testing.F) {
	f.Add([]byte(exported))
	f.Add([]byte("\ufeffMass,Target\r10,CD45\r10,CD8\r10,CD11c\r"))
	f.Add([]byte("Isotope,Label,Start,Stop\n12.0,\"C, \"\"x\"\"\",1,2\n,a\n5,NA\n"))
	f.Add([]byte("a,b\nBatch,1\nMass,Target\n1,a\nBatch,2\n,\nTarget,x,mass\nb,,2\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		p, err := mibi.ReadPanel(bytes.NewReader(text))
		if err != nil {
			var e *mibi.PanelError
			if p != nil || !errors.Is(err, mibi.ErrPanel) || !errors.As(err, &e) || e.Line < 0 || e.Line > 1+bytes.Count(text, []byte("\n"))+bytes.Count(text, []byte("\r")) {
				t.Fatalf("%v, %v", p, err)
			}
			return
		}
		checkRecords(t, p, csvRecords(t, text))
		channels := p.Channels()
		checkMerged(t, p, channels)
		checkPlainPanel(t, channels)
	})
}

// csvRecords are the records that have a value, trimmed, by the line where
// they begin.
func csvRecords(t *testing.T, text []byte) map[int][]string {
	t.Helper()
	text = bytes.TrimPrefix(text, []byte("\xef\xbb\xbf"))
	if !bytes.Contains(text, []byte("\n")) {
		text = bytes.ReplaceAll(text, []byte("\r"), []byte("\n"))
	}
	r := csv.NewReader(bytes.NewReader(text))
	r.FieldsPerRecord = -1
	records := make(map[int][]string)
	for {
		record, err := r.Read()
		if err == io.EOF {
			return records
		}
		if err != nil {
			t.Fatalf("a panel was read where encoding/csv says %v", err)
		}
		line, _ := r.FieldPos(0)
		for i := range record {
			record[i] = strings.TrimSpace(record[i])
		}
		if strings.Join(record, "") != "" {
			records[line] = record
		}
	}
}

func checkRecords(t *testing.T, p *mibi.Panel, records map[int][]string) {
	t.Helper()
	used := len(p.Info) + len(p.Dropped)
	for _, line := range p.Dropped {
		if records[line] == nil {
			t.Fatalf("line %d was dropped, which has nothing", line)
		}
	}
	for _, b := range p.Batches {
		used += len(b.Info) + len(b.Rows)
		if b.Columns != nil {
			used++
		}
		for _, row := range b.Rows {
			record := records[row.Line]
			for len(record) < len(b.Columns) {
				record = append(record, "")
			}
			if !slices.Equal(record[:len(b.Columns)], row.Values) || strings.Join(record[len(b.Columns):], "") != "" {
				t.Fatalf("row %+v, the record is %q", row, record)
			}
			if row.Mass < 1 || row.Mass > mibi.MaxPanelMass || row.Target == "" ||
				!slices.Contains(row.Values, row.Target) ||
				!slices.ContainsFunc(row.Values, func(s string) bool { m, err := strconv.ParseFloat(s, 64); return err == nil && m == float64(row.Mass) }) {
				t.Fatalf("row %+v of columns %q", row, b.Columns)
			}
		}
	}
	if used != len(records) {
		t.Fatalf("%d of %d records are in %+v", used, len(records), p)
	}
}

func checkMerged(t *testing.T, p *mibi.Panel, channels []mibi.Channel) {
	t.Helper()
	at := 0
	seen := map[int]bool{}
	for _, b := range p.Batches {
		for _, row := range b.Rows {
			if !seen[row.Mass] {
				if at == len(channels) || channels[at].Mass != row.Mass {
					t.Fatalf("channel %d of %v should have mass %d", at, channels, row.Mass)
				}
				seen[row.Mass] = true
				at++
			}
		}
	}
	if at != len(channels) {
		t.Fatalf("%d channels of %d masses", len(channels), at)
	}
	for _, c := range channels {
		// Sorted by hand: each goes before the first that is greater.
		var targets []string
		for _, b := range p.Batches {
			for _, row := range b.Rows {
				if row.Mass != c.Mass {
					continue
				}
				i := slices.IndexFunc(targets, func(s string) bool { return mibi.CompareNatural(s, row.Target) > 0 })
				if i < 0 {
					i = len(targets)
				}
				targets = slices.Insert(targets, i, row.Target)
			}
		}
		if want := strings.Join(targets, ", "); c.Target != want {
			t.Fatalf("mass %d has the target %q, want %q", c.Mass, c.Target, want)
		}
	}
}

func checkPlainPanel(t *testing.T, channels []mibi.Channel) {
	t.Helper()
	var text bytes.Buffer
	w := csv.NewWriter(&text)
	_ = w.Write([]string{"Target", "Mass"})
	for _, c := range channels {
		// A reader of CSV may change the line ends within a field.
		if strings.Contains(c.Target, "\r") || len(c.Target) > mibi.MaxPanelField {
			return
		}
		_ = w.Write([]string{c.Target, strconv.Itoa(c.Mass)})
	}
	if w.Flush(); w.Error() != nil {
		t.Fatal(w.Error())
	}
	again, err := mibi.ReadPanel(&text)
	if err != nil || !slices.Equal(again.Channels(), channels) {
		t.Fatalf("%v, %v; want %v", again, err, channels)
	}
}
