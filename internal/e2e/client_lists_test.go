package e2e

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/openmibi/openmibi/mibitracker"
)

// runs makes runs r00, r01, ... all of one name, and returns their ids.
func (f *fov) runs(t *testing.T, c *mibitracker.Client, n int) []int64 {
	t.Helper()
	var ids []int64
	for i := range n {
		run, err := c.Runs.Create(t.Context(), mibitracker.NewRun{
			XML: mibitracker.FromBytes("same.xml", f.xml), Label: fmt.Sprintf("r%02d", i), Instrument: 1, RunDate: fmt.Sprintf("2020-01-%02d", i%5+1),
		})
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, run.ID)
	}
	return ids
}

func labels(t *testing.T, c *mibitracker.Client, f mibitracker.RunFilter) []string {
	t.Helper()
	var got []string
	for run, err := range c.Runs.All(t.Context(), f) {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, run.Label)
	}
	return got
}

func TestClientLists(t *testing.T) {
	t.Parallel()
	f := newFOV(t)
	s := newSite(t)
	ctx := t.Context()
	m := newMeter()
	c := s.client(t, alice, m.option())
	const n = 23
	ids := f.runs(t, c, n)
	var up []string
	for i := range n {
		up = append(up, fmt.Sprintf("r%02d", i))
	}
	down := slices.Clone(up)
	slices.Reverse(down)

	page, err := c.Runs.List(ctx, mibitracker.RunFilter{})
	if err != nil || page.Count != n || len(page.Results) != 10 || page.Previous != "" || page.Next == "" || page.Results[0].ID != ids[n-1] {
		t.Fatalf("the first page: %+v, %v", page, err)
	}
	page, err = c.Runs.List(ctx, mibitracker.RunFilter{ListOptions: mibitracker.ListOptions{Limit: 10, Offset: 20}})
	if err != nil || page.Count != n || len(page.Results) != 3 || page.Previous == "" || page.Next != "" {
		t.Errorf("the last page: %+v, %v", page, err)
	}
	page, err = c.Runs.List(ctx, mibitracker.RunFilter{ListOptions: mibitracker.ListOptions{Offset: 5000}})
	if err != nil || page.Count != n || len(page.Results) != 0 || page.Next != "" {
		t.Errorf("beyond the end: %+v, %v", page, err)
	}
	options := func(limit int, ordering string, filters url.Values) mibitracker.RunFilter {
		return mibitracker.RunFilter{ListOptions: mibitracker.ListOptions{Limit: limit, Ordering: ordering, Filters: filters}}
	}
	for _, l := range []struct {
		name     string
		filter   mibitracker.RunFilter
		want     []string
		requests int64
	}{
		{"newest first", options(0, "", nil), down, 1},
		{"by sevens", options(7, "", nil), down, 4},
		{"one by one", options(1, "label", nil), up, n},
		{"a page exactly", options(n, "", nil), down, 1},
		{"ordered up", options(5, "label", nil), up, 5},
		{"no paging", options(0, "label", url.Values{"paging": {"no"}}), up, 1},
		{"from an offset", mibitracker.RunFilter{ListOptions: mibitracker.ListOptions{Offset: 20, Limit: 2, Ordering: "label"}}, up[20:], 2},
		{"a label", mibitracker.RunFilter{Label: "r07"}, up[7:8], 1},
		{"a label that is none", mibitracker.RunFilter{Label: "R07"}, nil, 1},
		{"a wildcard is a letter", mibitracker.RunFilter{Label: "r%"}, nil, 1},
		{"a name", mibitracker.RunFilter{Name: "same", ListOptions: mibitracker.ListOptions{Limit: 9}}, down, 3},
		{"a day", mibitracker.RunFilter{RunDate: "2020-01-02", ListOptions: mibitracker.ListOptions{Ordering: "id", Limit: 2}}, []string{"r01", "r06", "r11", "r16", "r21"}, 3},
		{"an instrument", mibitracker.RunFilter{Instrument: 1, ListOptions: mibitracker.ListOptions{Limit: 1000}}, down, 1},
		{"deleted ones", options(0, "", url.Values{"active": {"false"}}), nil, 1},
	} {
		began := m.requests.Load()
		if got := labels(t, c, l.filter); !slices.Equal(got, l.want) || m.requests.Load()-began != l.requests {
			t.Errorf("%s: %v in %d requests, want %v in %d", l.name, got, m.requests.Load()-began, l.want, l.requests)
		}
	}
	for name, filter := range map[string]mibitracker.RunFilter{
		"colour":   options(0, "", url.Values{"colour": {"red"}}),
		"ordering": options(0, "-colour", nil),
		"run_date": {RunDate: "yesterday"},
		"limit":    options(-1, "", nil),
	} {
		_, err := c.Runs.List(ctx, filter)
		var refused *mibitracker.APIError
		if !errors.As(err, &refused) || refused.Status != 400 || len(refused.Fields[name]) == 0 {
			t.Errorf("%s: %v, want 400 that names it", name, err)
		}
		walked := 0
		for _, err := range c.Runs.All(ctx, filter) {
			if walked++; err == nil {
				t.Errorf("%s: the walk gives a run", name)
			}
		}
		if walked != 1 {
			t.Errorf("%s: the walk gives %d errors", name, walked)
		}
	}
	// Whoever stops early asks for no more pages.
	began := m.requests.Load()
	for run, err := range c.Runs.All(ctx, options(2, "", nil)) {
		if err != nil || run.Label == down[2] {
			break
		}
	}
	if got := m.requests.Load() - began; got != 2 {
		t.Errorf("%d requests for three runs by twos", got)
	}
	lookUps(t, c, ids)
}

// lookUps finds runs and images by their words.
func lookUps(t *testing.T, c *mibitracker.Client, ids []int64) {
	t.Helper()
	ctx := t.Context()
	if run, err := c.Runs.ByLabel(ctx, "r03"); err != nil || run.ID != ids[3] {
		t.Errorf("%+v, %v", run, err)
	}
	if run, err := c.Runs.Find(ctx, "r04"); err != nil || run.ID != ids[4] {
		t.Errorf("%+v, %v", run, err)
	}
	for what, find := range map[string]func() error{
		"label of none": func() error { _, err := c.Runs.ByLabel(ctx, "none"); return err },
		"a name":        func() error { _, err := c.Runs.ByLabel(ctx, "same"); return err },
		"found none":    func() error { _, err := c.Runs.Find(ctx, "none"); return err },
		"empty":         func() error { _, err := c.Runs.Find(ctx, ""); return err },
		"no such FOV":   func() error { _, err := c.Images.ByRunAndFOV(ctx, "r03", "Point9"); return err },
		"no such run":   func() error { _, err := c.Images.ByRunAndFOV(ctx, "none", "Point1"); return err },
	} {
		if err := find(); !errors.Is(err, mibitracker.ErrUnexpected) {
			t.Errorf("%s: %v", what, err)
		}
	}
	for what, find := range map[string]func() error{
		"runs of one name":   func() error { _, err := c.Runs.Find(ctx, "same"); return err },
		"images of one name": func() error { _, err := c.Images.ByRunAndFOV(ctx, "same", "Point2"); return err },
	} {
		err := find()
		var several *mibitracker.UnexpectedAnswerError
		if !errors.As(err, &several) || len(several.Found) != len(ids) || !strings.Contains(strings.Join(several.Found, "\n"), "r22") {
			t.Errorf("%s: %v", what, err)
		}
	}
	image, err := c.Images.ByRunAndFOV(ctx, "r05", "Point2")
	if err != nil || image.Run == nil || image.Run.ID != ids[5] || image.Number != "Point2" {
		t.Fatalf("%+v, %v", image, err)
	}
	// A label wins over the name that other runs have.
	if err := c.JSON(ctx, mibitracker.Request{Method: "PATCH", Route: "/runs/" + itoa(ids[5]) + "/", Body: mibitracker.JSONBody(map[string]string{"label": "same"})}, nil); err != nil {
		t.Fatal(err)
	}
	if run, err := c.Runs.Find(ctx, "same"); err != nil || run.ID != ids[5] {
		t.Errorf("a label that is a name, too: %+v, %v", run, err)
	}
	if image, err := c.Images.ByRunAndFOV(ctx, "same", "Point2"); err != nil || image.Run.ID != ids[5] {
		t.Errorf("an image of it: %+v, %v", image, err)
	}
	// A deleted run is in no list, and its label stays taken.
	if err := c.JSON(ctx, mibitracker.Request{Method: "DELETE", Route: "/runs/" + itoa(ids[6]) + "/"}, nil); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Runs.ByLabel(ctx, "r06"); !errors.Is(err, mibitracker.ErrUnexpected) {
		t.Errorf("a deleted run is found: %v", err)
	}
	if run, err := c.Runs.Get(ctx, ids[6]); err != nil || run.Active {
		t.Errorf("by its id: %+v, %v", run, err)
	}
	if _, err := c.Runs.Get(ctx, 99999); !errors.Is(err, mibitracker.ErrNotFound) {
		t.Errorf("no run: %v", err)
	}
}

// A list of thousands comes as it is read: the first byte long before the
// last, and the client reads it whole and by pages alike.
func TestClientLargeList(t *testing.T) {
	t.Parallel()
	points := 4000
	if raceDetector {
		points = 1500
	}
	var xml bytes.Buffer
	xml.WriteString(`<DocRoot><Root RunTime="2024-01-01T00:00:00">`)
	for i := range points {
		fmt.Fprintf(&xml, `<Point PointName="p%d"><RowNumber0 XAttrib="1" YAttrib="2"/><Depth_Profile XSize="64" YSize="64" AcquisitionTime="4" MaxNumberOfLevels="1"/></Point>`, i)
	}
	xml.WriteString(`</Root></DocRoot>`)
	s := newSite(t)
	ctx := t.Context()
	m := newMeter()
	c := s.client(t, alice, m.option())
	run, err := c.Runs.Create(ctx, mibitracker.NewRun{XML: mibitracker.FromBytes("large.xml", xml.Bytes()), Label: "large", Instrument: 1})
	if err != nil || len(run.ImageSet.Images) != points {
		t.Fatalf("%v", err)
	}
	count := func(name string, o mibitracker.ListOptions, requests int64) {
		t.Helper()
		began, before := time.Now(), m.requests.Load()
		seen := map[string]bool{}
		for image, err := range c.Images.All(ctx, mibitracker.ImageFilter{Run: run.ID, ListOptions: o}) {
			if err != nil {
				t.Fatalf("%s after %d images: %v", name, len(seen), err)
			}
			seen[image.Point] = true
		}
		if len(seen) != points || m.requests.Load()-before != requests {
			t.Errorf("%s: %d images in %d requests", name, len(seen), m.requests.Load()-before)
		}
		t.Logf("%s: %d images in %v", name, len(seen), time.Since(began))
	}
	count("pages", mibitracker.ListOptions{Limit: 1000}, int64(points+999)/1000)
	count("whole", mibitracker.ListOptions{Filters: url.Values{"paging": {"no"}}}, 1)

	resp, err := c.Do(ctx, mibitracker.Request{Route: "/images/?paging=no"})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.ContentLength >= 0 || !slices.Equal(resp.TransferEncoding, []string{"chunked"}) {
		t.Errorf("a bare array of %d bytes was held in memory", resp.ContentLength)
	}
	began := time.Now()
	var first [1]byte
	if _, err := io.ReadFull(resp.Body, first[:]); err != nil || first[0] != '[' {
		t.Fatalf("%q, %v", first, err)
	}
	n, err := io.Copy(io.Discard, resp.Body)
	t.Logf("%d bytes in %v after the first one; %v", n, time.Since(began), err)
	// Who goes away in the middle costs nobody anything.
	resp, err = c.Do(ctx, mibitracker.Request{Method: http.MethodGet, Route: "/images/?paging=no"})
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	if page, err := c.Runs.List(ctx, mibitracker.RunFilter{}); err != nil || page.Count != 1 {
		t.Errorf("after that: %+v, %v", page, err)
	}
}
