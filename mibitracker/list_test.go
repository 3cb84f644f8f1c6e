package mibitracker_test

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/openmibi/openmibi/mibitracker"
)

// pages serves n runs; next names a host that the client must not go to.
func pages(n int) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		q := r.URL.Query()
		limit, _ := strconv.Atoi(q.Get("limit"))
		offset, _ := strconv.Atoi(q.Get("offset"))
		if limit == 0 {
			limit = 10
		}
		results := []map[string]any{}
		for i := offset; i < min(offset+limit, n); i++ {
			results = append(results, map[string]any{"id": i + 1})
		}
		var next any
		if offset+limit < n {
			q.Set("offset", strconv.Itoa(offset+limit))
			next = "http://hidden.invalid/runs/?" + q.Encode()
		}
		reply(w, 200, map[string]any{"count": n, "next": next, "previous": nil, "results": results})
	}
}

func TestListPages(t *testing.T) {
	t.Parallel()
	srv := newRecorder(t, pages(25))
	c := newClient(t, srv.URL)
	page, err := c.Runs.List(t.Context(), mibitracker.RunFilter{Name: "a b&c", ListOptions: mibitracker.ListOptions{Limit: 7, Ordering: "-id"}})
	if err != nil || page.Count != 25 || len(page.Results) != 7 || page.Next == "" || page.Previous != "" {
		t.Fatalf("%+v, %v", page, err)
	}
	if got := srv.of("/runs/")[0].Query; got != "limit=7&name=a+b%26c&ordering=-id" {
		t.Errorf("query %s", got)
	}
	var ids []int64
	for run, err := range c.Runs.All(t.Context(), mibitracker.RunFilter{Label: "x", ListOptions: mibitracker.ListOptions{Limit: 10}}) {
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, run.ID)
	}
	if len(ids) != 25 || ids[24] != 25 {
		t.Errorf("ids %v", ids)
	}
	for _, r := range srv.of("/runs/")[1:] {
		if q, _ := url.ParseQuery(r.Query); q.Get("label") != "x" {
			t.Errorf("a page lost its filter: %s", r.Query)
		}
	}
	before := len(srv.all())
	for _, err := range c.Runs.All(t.Context(), mibitracker.RunFilter{ListOptions: mibitracker.ListOptions{Limit: 5}}) {
		if err != nil {
			t.Error(err)
		}
		break
	}
	if got := len(srv.all()) - before; got != 1 {
		t.Errorf("stopping early made %d requests", got)
	}
}

// A walk can be walked again, and by several at once.
func TestOneWalkForMany(t *testing.T) {
	t.Parallel()
	srv := newRecorder(t, pages(250))
	all := newClient(t, srv.URL).Runs.All(t.Context(), mibitracker.RunFilter{})
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			n := 0
			for _, err := range all {
				if err != nil {
					t.Error(err)
				}
				n++
			}
			if n != 250 {
				t.Errorf("%d runs", n)
			}
		})
	}
	wg.Wait()
}

func TestListForms(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]int{
		`[{"id": 1}, {"id": 2}]`: 2,
		`[]`:                     0,
		` {"count": 1, "next": null, "results": [{"id": 1}]}`: 1,
		`{"results": []}`:   0,
		`{"detail": "odd"}`: -1,
		`{"count": 9, "next": "http://x/?a=1", "results": []}`:          -1,
		`{"count": 9, "next": "http://x/?a=1", "results": [{"id": 1}]}`: -1,
		`null`: -1,
	} {
		srv := newRecorder(t, func(w http.ResponseWriter, r *http.Request) { text(w, 200, body) })
		n := 0
		var failed error
		for _, err := range newClient(t, srv.URL).Images.All(t.Context(), mibitracker.ImageFilter{}) {
			if err != nil {
				failed = err
				break
			}
			n++
		}
		if want < 0 {
			if !errors.Is(failed, mibitracker.ErrUnexpected) {
				t.Errorf("%s: %v", body, failed)
			}
		} else if n != want || failed != nil {
			t.Errorf("%s: %d, %v", body, n, failed)
		}
	}
}

func TestRunLookups(t *testing.T) {
	t.Parallel()
	srv := newRecorder(t, func(w http.ResponseWriter, r *http.Request) {
		q := r.URL.Query()
		if q.Get("paging") != "no" {
			t.Errorf("a lookup came paged: %s", r.URL)
		}
		switch q.Get("label") + q.Get("name") {
		case "one":
			reply(w, 200, []map[string]any{{"id": 3, "label": "one"}})
		case "same":
			if q.Get("label") != "" {
				reply(w, 200, []int{})
				return
			}
			reply(w, 200, []map[string]any{{"id": 3, "label": "first"}, {"id": 4, "label": "second"}})
		case "named":
			if q.Get("label") != "" {
				reply(w, 200, []int{})
				return
			}
			reply(w, 200, []map[string]any{{"id": 5, "label": "l"}})
		default:
			reply(w, 200, []int{})
		}
	})
	c := newClient(t, srv.URL)
	if run, err := c.Runs.ByLabel(t.Context(), "one"); err != nil || run.ID != 3 {
		t.Errorf("%v, %v", run, err)
	}
	if _, err := c.Runs.ByLabel(t.Context(), "none"); !errors.Is(err, mibitracker.ErrUnexpected) {
		t.Error(err)
	}
	if run, err := c.Runs.Find(t.Context(), "named"); err != nil || run.ID != 5 {
		t.Errorf("%v, %v", run, err)
	}
	_, err := c.Runs.Find(t.Context(), "same")
	var unexpected *mibitracker.UnexpectedAnswerError
	if !errors.As(err, &unexpected) || len(unexpected.Found) != 2 || !strings.Contains(err.Error(), "second (id 4)") {
		t.Error(err)
	}
}

func TestImageByRunAndFOV(t *testing.T) {
	t.Parallel()
	srv := newRecorder(t, func(w http.ResponseWriter, r *http.Request) {
		q := r.URL.Query()
		image := func(id int) map[string]any {
			return map[string]any{"id": id, "folder": fmt.Sprint("Point1/", id), "run": map[string]any{"id": 1, "label": "lab"}}
		}
		switch {
		case q.Get("run__label") == "lab" && q.Get("number") == "Point1":
			reply(w, 200, []any{image(7)})
		case q.Get("run__name") == "name" && q.Get("number") == "Point1":
			reply(w, 200, []any{image(8)})
		case q.Get("run__name") == "twice":
			reply(w, 200, []any{image(8), image(9)})
		default:
			reply(w, 200, []int{})
		}
	})
	var log bytes.Buffer
	c := newClient(t, srv.URL, mibitracker.WithLogger(slog.New(slog.NewTextHandler(&log, nil))))
	for run, want := range map[string]int64{"lab": 7, "name": 8} {
		log.Reset()
		if image, err := c.Images.ByRunAndFOV(t.Context(), run, "Point1"); err != nil || image.ID != want {
			t.Errorf("%s: %v, %v", run, image, err)
		}
		// That a name was taken for a label is told.
		if told := strings.Contains(log.String(), "level=WARN") && strings.Contains(log.String(), "run=name"); told != (run == "name") {
			t.Errorf("%s: the log says %q", run, log.String())
		}
	}
	_, err := c.Images.ByRunAndFOV(t.Context(), "twice", "Point1")
	if !errors.Is(err, mibitracker.ErrUnexpected) || !strings.Contains(err.Error(), "image 9 of run lab") {
		t.Error(err)
	}
	if _, err := c.Images.ByRunAndFOV(t.Context(), "lab", "Point2"); !errors.Is(err, mibitracker.ErrUnexpected) {
		t.Error(err)
	}
}
