package e2e

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/openmibi/openmibi/mibitracker"
)

// bomb is an XML that would grow to 10^9 texts were its entities expanded.
func bomb() string {
	var b strings.Builder
	b.WriteString(`<?xml version="1.0"?><!DOCTYPE r [<!ENTITY a0 "lol">`)
	for i := range 9 {
		fmt.Fprintf(&b, `<!ENTITY a%d "%s">`, i+1, strings.Repeat(fmt.Sprintf("&a%d;", i), 10))
	}
	b.WriteString(`]><DocRoot><Root RunTime="2024-01-01T00:00:00"><Point PointName="&a9;"/></Root></DocRoot>`)
	return b.String()
}

// What makes no run makes nothing: no run, no image, no file.
func TestClientCreateRefusals(t *testing.T) {
	t.Parallel()
	f := newFOV(t)
	s := newSite(t)
	ctx := t.Context()
	c := s.client(t, alice)
	first := f.createRun(ctx, t, c)
	good := mibitracker.NewRun{XML: mibitracker.FromBytes("r.xml", f.xml), Label: "new", Instrument: first.Instrument.ID}
	with := func(change func(*mibitracker.NewRun)) mibitracker.NewRun {
		n := good
		change(&n)
		return n
	}
	xml := func(text string) mibitracker.NewRun {
		return with(func(n *mibitracker.NewRun) { n.XML = mibitracker.FromBytes("r.xml", []byte(text)) })
	}
	const root = `<DocRoot><Root RunTime="2024-01-01T00:00:00">`
	before := s.holds(t)
	for name, refused := range map[string]struct {
		run   mibitracker.NewRun
		field string
	}{
		"the label of another run": {with(func(n *mibitracker.NewRun) { n.Label = first.Label }), "label"},
		"a label of spaces":        {with(func(n *mibitracker.NewRun) { n.Label = "  " }), "label"},
		"a label with NUL":         {with(func(n *mibitracker.NewRun) { n.Label = "a\x00b" }), "label"},
		"a label not in UTF-8":     {with(func(n *mibitracker.NewRun) { n.Label = "a\xff" }), "label"},
		"a very long label":        {with(func(n *mibitracker.NewRun) { n.Label = strings.Repeat("x", 10_000) }), "label"},
		"no instrument":            {with(func(n *mibitracker.NewRun) { n.Instrument = 0 }), "instrument"},
		"an unknown instrument":    {with(func(n *mibitracker.NewRun) { n.Instrument = 999 }), "instrument"},
		"an unknown project":       {with(func(n *mibitracker.NewRun) { n.Project = 999 }), "project"},
		"an unknown slide":         {with(func(n *mibitracker.NewRun) { n.Slides = []int64{999} }), "slides"},
		"an unknown aperture":      {with(func(n *mibitracker.NewRun) { n.Aperture = 999 }), "aperture"},
		"no date":                  {with(func(n *mibitracker.NewRun) { n.RunDate = "2024-13-45" }), "user_run_date"},
		"a size without end":       {with(func(n *mibitracker.NewRun) { n.FOVSize = math.Inf(1) }), "fov_size"},
		"XML cut in half":          {xml(string(f.xml[:len(f.xml)/2])), "xml"},
		"an empty XML":             {xml(""), "xml"},
		"no XML":                   {xml("Dear server, this is a letter."), "xml"},
		"a TIFF":                   {xml(string(f.tiff)), "xml"},
		"JSON":                     {xml(`{"Root": {"Point": []}}`), "xml"},
		"HTML":                     {xml("<!DOCTYPE html><html><body>no</body></html>"), "xml"},
		"XML of no run":            {xml("<a><b/></a>"), "xml"},
		"no points":                {xml(root + "</Root></DocRoot>"), "xml"},
		"a bomb":                   {xml(bomb()), "xml"},
		"a file by entity":         {xml(`<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]>` + root + `<Point PointName="&x;"/></Root></DocRoot>`), "xml"},
		"deep nesting":             {xml(root + strings.Repeat("<a>", 100_000)), "xml"},
		"a huge tag":               {xml(root + "<Point PointName=\"" + strings.Repeat("A", 4<<20) + "\"/></Root></DocRoot>"), "xml"},
		"numbers that are none": {xml(root + `<Point><RowNumber0 XAttrib="1e400" YAttrib="x"/><Depth_Profile XSize="-5" MaxNumberOfLevels="abc"/></Point></Root></DocRoot>`),
			"xml"},
	} {
		_, err := c.Runs.Create(ctx, refused.run)
		var answer *mibitracker.APIError
		if !errors.As(err, &answer) || answer.Status != 400 || !errors.Is(err, mibitracker.ErrBadRequest) || len(answer.Fields[refused.field]) == 0 {
			t.Errorf("%s: %.300v; want 400 of %s", name, err, refused.field)
		} else if len(err.Error()) > 2000 || strings.Contains(err.Error(), "root:x:") {
			t.Errorf("%s: the error is not fit for people: %.300s", name, err)
		}
	}
	if diff := cmp.Diff(before, s.holds(t)); diff != "" {
		t.Errorf("something was left: %s", diff)
	}
	for _, n := range []mibitracker.NewRun{{}, {Label: "x"}, with(func(n *mibitracker.NewRun) { n.Label = "" })} {
		if _, err := c.Runs.Create(ctx, n); err == nil {
			t.Errorf("%+v was created", n)
		}
	}
	run, err := c.Runs.Create(ctx, with(func(n *mibitracker.NewRun) {
		n.RunDate, n.FOVSize, n.Aperture, n.Description, n.Operator = "2020-02-29", 500, 2, "æ ≠ µ\n\"", "O'Neill; DROP TABLE runs"
		n.Label = `weird "label" / % _ é` + " \U0001f9ec"
	}))
	if err != nil {
		t.Fatal(err)
	}
	got, err := c.Runs.Get(ctx, run.ID)
	if err != nil || got.RunDate != "2020-02-29" || *got.FOVSize != 500 || got.Description != "æ ≠ µ\n\"" || got.Name != "r" ||
		got.Operator != "O'Neill; DROP TABLE runs" || got.Aperture == nil || got.Aperture.ID != 2 || len(got.ImageSet.Images) != 2 {
		t.Errorf("%+v, %v", got, err)
	}
	if diff := cmp.Diff(run, got); diff != "" {
		t.Errorf("what was created is not what is read: %s", diff)
	}
	if found, err := c.Runs.ByLabel(ctx, run.Label); err != nil || found.ID != run.ID {
		t.Errorf("by its label: %+v, %v", found, err)
	}
}

// Of many that create a run of one label at once, one does.
func TestClientCreateOnce(t *testing.T) {
	t.Parallel()
	f := newFOV(t)
	s := newSite(t)
	c := s.client(t, alice)
	if err := c.Login(t.Context()); err != nil {
		t.Fatal(err)
	}
	const tries = 8
	results := make(chan error, tries)
	for range tries {
		go func() {
			_, err := c.Runs.Create(t.Context(), mibitracker.NewRun{XML: mibitracker.FromBytes("r.xml", f.xml), Label: "one", Instrument: 1})
			results <- err
		}()
	}
	made := 0
	for range tries {
		err := <-results
		var refused *mibitracker.APIError
		switch {
		case err == nil:
			made++
		case !errors.As(err, &refused) || refused.Status != http.StatusBadRequest || len(refused.Fields["label"]) != 1:
			t.Errorf("%v, want a refused label", err)
		}
	}
	if h := s.holds(t); made != 1 || h.Counts.Runs != 1 || h.Counts.Images != 2 || len(h.Files) != 1 {
		t.Errorf("%d were told that they made it; there is %+v", made, h)
	}
}

// A file's own name says nothing about where it is kept.
func TestClientCreateFileNames(t *testing.T) {
	t.Parallel()
	f := newFOV(t)
	s := newSite(t)
	ctx := t.Context()
	c := s.client(t, alice)
	for i, name := range []string{"../../../x.xml", `C:\runs\y.xml`, "a b#?%&\".xml", "é.xml", ".xml", strings.Repeat("n", 250) + ".xml", "x"} {
		run, err := c.Runs.Create(ctx, mibitracker.NewRun{XML: mibitracker.FromBytes(name, f.xml), Label: fmt.Sprint(i), Instrument: 1})
		if err != nil {
			t.Errorf("%q: %v", name, err)
			continue
		}
		if strings.ContainsAny(run.Path, `/\ %`) || strings.Contains(run.Path, "..") || strings.ContainsAny(run.XML, `/\`) {
			t.Errorf("%q: path %q, XML %q", name, run.Path, run.XML)
		}
		stream, err := c.Files.Open(ctx, run.Path+"/"+run.XML)
		if err != nil {
			t.Errorf("%q: the XML does not come back: %v", name, err)
			continue
		}
		var got bytes.Buffer
		if _, err := got.ReadFrom(stream); err != nil || !bytes.Equal(got.Bytes(), f.xml) {
			t.Errorf("%q: another XML, %v", name, err)
		}
		_ = stream.Close()
	}
}
