package mibitiff_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/openmibi/openmibi/internal/tiff"
	"github.com/openmibi/openmibi/mibi"
	"github.com/openmibi/openmibi/mibitiff"
)

// What every page has is said once, with all the pages that have it.
func TestReportGroups(t *testing.T) {
	t.Parallel()
	d := newDraft(t)
	for i := range d.pages {
		d.pages[i].set(tiff.ShortField(tiff.NewSubfileType, 0))
	}
	d.pages[0].drop(tiff.DateTime)
	d.pages[1].drop(tiff.DateTime)
	d.tail = []byte("tail")
	report := checked(t, d.bytes())
	type group struct {
		severity, code string
		pages          []int
		each           []string
	}
	var got []group
	for _, g := range report.Groups() {
		got = append(got, group{g.Severity.String(), g.Code, g.Pages, g.Each})
	}
	want := []group{
		{"error", "missing-tag", []int{0}, nil},
		{"warning", "missing-tag", []int{1}, nil},
		{"note", "trailing-data", nil, []string{"4 bytes"}},
		{"note", "extra-tag", []int{0, 1, 2, 3, 4}, []string{"0"}},
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("%v\nwant %v", got, want)
	}
	if n := report.Count(mibitiff.SeverityNote); n != 6 || report.Count(mibitiff.SeverityError) != 1 {
		t.Errorf("%d notes", n)
	}
	if want := []string{"TargetAa (100)", "TargetBa (101)", "SED", "Optical", "Label"}; !slices.Equal(report.Pages, want) {
		t.Errorf("pages %q", report.Pages)
	}
	if first := report.Groups()[0]; first.String() != "error: page 0: tag 306 DateTime: the tag is missing; mibilib fails without it" ||
		first.Text() != "tag 306 DateTime: the tag is missing; mibilib fails without it" || first.TagName() != "DateTime" {
		t.Errorf("%s, %s", first, first.Text())
	}
	if alignment := checked(t, func() []byte { d.align, d.lead = 2, 2; return d.bytes() }()).Groups(); !slices.ContainsFunc(alignment, func(g mibitiff.FindingGroup) bool {
		return g.Code == "strip-alignment" && len(g.Pages) == len(g.Each) && strings.Contains(g.Text(), ", other pages differ;")
	}) {
		t.Errorf("%v", alignment)
	}
}

func TestSeverityAsText(t *testing.T) {
	t.Parallel()
	for _, s := range []mibitiff.Severity{note, warning, failure} {
		text, err := json.Marshal(s)
		if err != nil {
			t.Fatal(err)
		}
		var again mibitiff.Severity
		if err := json.Unmarshal(text, &again); err != nil || again != s || string(text) != `"`+s.String()+`"` {
			t.Errorf("%s became %s, %v", text, again, err)
		}
	}
	var s mibitiff.Severity
	if s.UnmarshalText([]byte("fatal")) == nil {
		t.Error("fatal is a severity")
	}
}

// Each kind of findings is limited for itself: notes do not hide an error.
func TestFindingsAreLimited(t *testing.T) {
	t.Parallel()
	d := newDraft(t)
	for i := range d.pages {
		for id := range 5000 {
			d.pages[i].fields = append(d.pages[i].fields, tiff.ShortField(uint16(50000+id), 0))
		}
	}
	d.pages[1].strip = []byte("no stream, but some text that is long enough")
	report := checked(t, d.bytes())
	if n := len(report.Findings); n < 10_000 || n > 10_010 {
		t.Errorf("%d findings", n)
	}
	last := report.Findings[len(report.Findings)-1]
	if last.Code != "more-findings" || !strings.HasSuffix(last.Found, " more") {
		t.Errorf("%v", last)
	}
	if report.Count(failure) == 0 {
		t.Error("the error was dropped")
	}
}

// The largest value is found whatever the tag says of it, for every type.
func TestCheckFindsTheLargestValue(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name     string
		change   func(*draft)
		guess    float64
		found    string
		findings int
	}{
		{"right", nil, math.NaN(), "", 0},
		{"higher", nil, 9, "9, the largest value is 6", 2},
		{"lower", nil, 2, "2, the largest value is 6", 2},
		{"a fraction", nil, 5.5, "5.5, the largest value is 6", 2},
		{"negative", nil, -1, "-1, the largest value is 6", 2},
		{"beyond the type", nil, 1e9, "1e+09, the largest value is 6", 2},
		{"infinite", nil, math.Inf(1), "+Inf, the largest value is 6", 2},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			d := newDraft(t)
			samples := make([]byte, 2*64)
			samples[2*37] = 6
			samples[2*11] = 3
			d.pages[0].strip = zlibbed(t, samples)
			d.pages[0].set(tiff.LongField(tiff.SMaxSampleValue, 6))
			if !math.IsNaN(c.guess) {
				d.pages[0].set(tiff.DoubleField(tiff.SMaxSampleValue, c.guess))
			}
			wantRange(t, checked(t, d.bytes()), c.findings, c.found)
		})
	}
}

func wantRange(t *testing.T, report *mibitiff.Report, findings int, found string) {
	t.Helper()
	if len(report.Findings) != findings {
		t.Errorf("%d findings, want %d: %v", len(report.Findings), findings, report.Findings)
	}
	for _, f := range report.Findings {
		if f.Code == "range-maximum" && f.Found != found {
			t.Errorf("%s, want %s", f.Found, found)
		}
	}
}

// Floats that are negative, no numbers, or large are told apart.
func TestCheckOfFloats(t *testing.T) {
	t.Parallel()
	nan, inf := float32(math.NaN()), float32(math.Inf(1))
	for _, c := range []struct {
		name   string
		values []float32
		codes  []string
	}{
		{"counts", []float32{0, 0, 7.5, 1}, nil},
		{"all zero", []float32{0, 0, 0, 0}, nil},
		{"negative ones", []float32{-3, 0, 2, -1}, nil},
		{"only negative ones", []float32{-3, -2, -4, -2}, nil},
		{"no numbers", []float32{nan, 0, 3, nan}, []string{"nan-values"}},
		{"infinite", []float32{1, inf, 0, 0}, []string{"infinite-values"}},
		{"minus infinite", []float32{-inf, 3, 0, 0}, []string{"infinite-values"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			plane, err := mibitiff.NewPlane(2, 2, c.values)
			if err != nil {
				t.Fatal(err)
			}
			data := writeImage(t, madeMetadata(), []mibi.Channel{{Mass: 1, Target: "a"}}, []mibitiff.Plane{plane})
			var codes []string
			for _, f := range checked(t, data).Findings {
				codes = append(codes, f.Code)
			}
			if !slices.Equal(codes, c.codes) {
				t.Errorf("%q, want %q", codes, c.codes)
			}
		})
	}
}

// Errors of the reader and the context are no findings.
func TestCheckPassesErrorsOn(t *testing.T) {
	t.Parallel()
	data := newDraft(t).bytes()
	failed := errors.New("the line is dead")
	for _, after := range []int64{0, 100, 1500, int64(len(data)) - 10} {
		r := brokenReader{bytes.NewReader(data), after, failed}
		if _, err := mibitiff.Check(t.Context(), r, int64(len(data)), mibitiff.CheckOpening(mibitiff.WithReadAhead(64))); !errors.Is(err, failed) {
			t.Errorf("after %d: %v", after, err)
		}
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	for _, opts := range [][]mibitiff.CheckOption{nil, {mibitiff.CheckStructureOnly()}} {
		if _, err := mibitiff.Check(ended, bytes.NewReader(data), int64(len(data)), opts...); !errors.Is(err, context.Canceled) {
			t.Errorf("after its end: %v", err)
		}
	}
	if _, err := mibitiff.Check(t.Context(), bytes.NewReader(nil), -5); err != nil {
		t.Error(err)
	}
}

// A finding can be printed: texts of the file are quoted in it and cut.
func TestFindingsAreSafeToPrint(t *testing.T) {
	t.Parallel()
	long := "\x1b[2J" + strings.Repeat("x", 10_000)
	d := newDraft(t)
	for _, id := range []uint16{tiff.Software, tiff.DateTime, tiff.PageName} {
		d.pages[0].set(tiff.TextField(id, long))
	}
	d.pages[0].describe(`"mibi.fov_id": "FOV1"`, `"mibi.fov_id": "\u001b`+long[1:]+`"`)
	d.pages[0].describe(`"image.type"`, `"mibi.\u001b`+long[1:]+`": 1, "image.type"`)
	d.pages[1].set(tiff.TextField(tiff.ImageDescription, long))
	d.pages[2].describe(`"SED"`, `"\u001b`+long[1:]+`"`)
	report := checked(t, d.bytes())
	if len(report.Findings) < 8 {
		t.Errorf("%d findings", len(report.Findings))
	}
	for _, f := range report.Findings {
		if text := f.String(); len(text) > 700 || strings.Contains(text, "\x1b") {
			t.Errorf("%d bytes: %.700q", len(text), text)
		}
	}
}

// The manual lists all codes, with what the program says of them.
func TestCheckIsDocumented(t *testing.T) {
	t.Parallel()
	manual, err := os.ReadFile("../docs/cli/tiff-check.md")
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(string(manual), "\n")
	for _, row := range mibitiff.CheckRows() {
		if !slices.Contains(lines, row) {
			t.Errorf("the manual lacks %s", row)
		}
	}
	if rows := strings.Count(string(manual), "\n| `"); rows != len(mibitiff.CheckRows()) {
		t.Errorf("the manual has %d rows", rows)
	}
}
