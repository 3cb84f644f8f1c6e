package api_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/openmibi/openmibi/internal/api"
	"github.com/openmibi/openmibi/internal/model"
	"github.com/openmibi/openmibi/internal/store"
)

// jobs takes every job that is due and counts them by image.
func (s *server) jobs(t *testing.T) map[int64]int {
	t.Helper()
	out := map[int64]int{}
	for {
		job, err := s.store.TakeJob(t.Context(), time.Hour, 3)
		if errors.Is(err, store.ErrNotFound) {
			return out
		}
		must(t, err)
		out[job.ImageID]++
	}
}

func TestUpload(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	var moments []string
	s := newServer(t, func(c *api.Config) {
		c.Hook = func(_ context.Context, moment string) error {
			mu.Lock()
			defer mu.Unlock()
			moments = append(moments, moment)
			return nil
		}
	})
	run := s.addRun(t, s.alice, "one")
	id, image := idOf(run), idOf(imagesOf(run)[0])
	mu.Lock()
	moments = nil // those of making the run
	mu.Unlock()
	file := string(mibiTIFF(t, "one", folder, "CD3")) // by the run's label
	putURL, location := s.sign(t, s.alice, id)
	s.put(t, putURL, "first try, half").want(t, http.StatusOK)
	s.put(t, putURL, file).want(t, http.StatusOK, fmt.Sprintf(`"size":%d`, len(file)))
	first := s.enqueue(t, s.alice, location, id).want(t, http.StatusOK, fmt.Sprintf(`"image_id":%d`, image))
	for range 3 {
		if again := s.enqueue(t, s.alice, location, id).want(t, http.StatusOK); string(again.body) != string(first.body) {
			t.Errorf("asked again: %s, first %s", again.body, first.body)
		}
	}
	want := []string{"upload.staged", "upload.recorded", "upload.staged", "upload.recorded", "enqueue.before-commit", "enqueue.after-commit"}
	if !slices.Equal(moments, want) {
		t.Errorf("moments: %q", moments)
	}
	s.put(t, putURL, "too late").want(t, http.StatusConflict, "detail")
	u, err := s.store.Upload(t.Context(), location)
	must(t, err)
	o, err := s.blobs.Open(t.Context(), u.Key)
	must(t, err)
	if o.Info().Size != int64(len(file)) {
		t.Errorf("%d bytes are stored, want %d", o.Info().Size, len(file))
	}
	must(t, o.Close())
	if got := s.jobs(t); len(got) != 1 || got[image] != 1 {
		t.Errorf("jobs: %v", got)
	}
}

func TestSignUploadRefused(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	project := s.do(t, s.alice, "POST", "/projects/", `{"name": "open", "is_public": true}`).id(t)
	public := itoa(idOf(s.addRun(t, s.alice, "public", "project", itoa(project))))
	hidden := itoa(idOf(s.addRun(t, s.alice, "hidden")))
	for query, status := range map[string]int{"": 400, "?run_id=": 400, "?run_id=x": 400, "?run_id=-1": 400, "?run_id=99999": 404,
		"?run_id=" + hidden: 404, "?run_id=" + public: 403} {
		s.do(t, s.bob, "GET", "/upload_mibitiff/sign_tiff_url/"+query, nil).want(t, status)
	}
	s.do(t, user{}, "GET", "/upload_mibitiff/sign_tiff_url/?run_id="+public, nil).want(t, http.StatusUnauthorized)
}

func TestPutRefused(t *testing.T) {
	t.Parallel()
	s := newServer(t, func(c *api.Config) { c.MaxUpload = 1000 })
	id := idOf(s.addRun(t, s.alice, "one"))
	putURL, location := s.sign(t, s.alice, id)
	before := s.stored(t)
	for name, test := range map[string]struct {
		body    string
		headers []string
		status  int
	}{
		"another type":  {"x", []string{"Content-Type", "image/png"}, 415},
		"no type":       {"x", nil, 415},
		"a part":        {"x", []string{"Content-Type", "image/tiff", "Content-Range", "bytes 0-0/5"}, 400},
		"compressed":    {"x", []string{"Content-Type", "image/tiff", "Content-Encoding", "gzip"}, 415},
		"too large":     {strings.Repeat("x", 1001), []string{"Content-Type", "image/tiff"}, 413},
		"just right":    {strings.Repeat("x", 1000), []string{"Content-Type", "image/tiff; x=y"}, 200},
		"just too much": {strings.Repeat("x", 1001), []string{"Content-Type", "image/tiff"}, 413},
	} {
		if got := s.at(t, "PUT", putURL, test.body, test.headers...); got.status != test.status {
			t.Errorf("%s: %d %s, want %d", name, got.status, got.body, test.status)
		}
	}
	// Without a length the limit holds as well.
	req, err := http.NewRequestWithContext(t.Context(), "PUT", putURL, struct{ *strings.Reader }{strings.NewReader(strings.Repeat("x", 5000))})
	must(t, err)
	req.ContentLength = -1
	req.Header.Set("Content-Type", "image/tiff")
	s.send(t, req).want(t, http.StatusRequestEntityTooLarge)
	s.Close()
	if after := s.stored(t); len(after) != len(before)+1 {
		t.Errorf("stored before %q, after %q", before, after)
	}
	u, err := s.store.Upload(t.Context(), location)
	if err != nil || u.Size != 1000 {
		t.Errorf("%+v, %v", u, err)
	}
}

// A body that ends before its length leaves nothing, and is no upload.
func TestPutShort(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	id := idOf(s.addRun(t, s.alice, "one"))
	putURL, location := s.sign(t, s.alice, id)
	before := s.stored(t)
	u, err := url.Parse(putURL)
	must(t, err)
	var dialer net.Dialer
	conn, err := dialer.DialContext(t.Context(), "tcp", u.Host)
	must(t, err)
	_, err = fmt.Fprintf(conn, "PUT %s HTTP/1.1\r\nHost: %s\r\nContent-Type: image/tiff\r\nContent-Length: 100\r\n\r\n%s",
		u.RequestURI(), u.Host, strings.Repeat("x", 40))
	must(t, err)
	must(t, conn.(*net.TCPConn).CloseWrite())
	res, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err == nil { // the server may also just hang up
		if res.StatusCode != http.StatusBadRequest {
			t.Errorf("answered %s", res.Status)
		}
		_ = res.Body.Close()
	}
	_ = conn.Close()
	s.Close() // waits for the handler
	if after := s.stored(t); !slices.Equal(after, before) {
		t.Errorf("left behind: %q", after)
	}
	if got, err := s.store.Upload(t.Context(), location); err != nil || got.ReceivedAt != nil {
		t.Errorf("%+v, %v", got, err)
	}
	garbage, err := s.store.DueGarbage(t.Context(), time.Now().Add(48*time.Hour), 10)
	if err != nil || len(garbage) != 0 {
		t.Errorf("reservations left: %v, %v", garbage, err)
	}
}

// After a failure at any moment of a PUT, what is stored is either recorded or
// garbage, and the upload can be done again.
func TestPutFails(t *testing.T) {
	t.Parallel()
	for _, moment := range []string{"upload.staged", "upload.recorded"} {
		t.Run(moment, func(t *testing.T) {
			t.Parallel()
			var failing bool
			s := newServer(t, func(c *api.Config) {
				c.Hook = func(_ context.Context, at string) error {
					if failing && at == moment {
						return errors.New("the power is off")
					}
					return nil
				}
			})
			id := idOf(s.addRun(t, s.alice, "one"))
			putURL, location := s.sign(t, s.alice, id)
			failing = true
			s.put(t, putURL, "half").want(t, http.StatusInternalServerError)
			failing = false
			s.put(t, putURL, string(mibiTIFF(t, "one", folder, "CD3"))).want(t, http.StatusOK)
			s.enqueue(t, s.alice, location, id).want(t, http.StatusOK)
			garbage, err := s.store.DueGarbage(t.Context(), time.Now().Add(48*time.Hour), 10)
			must(t, err)
			for _, g := range garbage {
				must(t, s.blobs.Delete(t.Context(), g.Key))
			}
			if keys := s.stored(t); len(keys) != 2 { // the XML and the TIFF
				t.Errorf("stored: %q", keys)
			}
		})
	}
}

func TestEnqueueRefused(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	one, two := s.addRun(t, s.alice, "one"), s.addRun(t, s.alice, "two")
	id, image := idOf(one), idOf(imagesOf(one)[0])
	upload := func(t *testing.T, file []byte) string {
		t.Helper()
		putURL, location := s.sign(t, s.alice, id)
		s.put(t, putURL, string(file)).want(t, http.StatusOK)
		return location
	}
	must(t, s.store.Write(t.Context(), func(tx *store.Tx) error {
		return tx.PutExtraChannel(t.Context(), model.Channel{ImageID: image, Name: "cells", Key: "x"})
	}))
	good := mibiTIFF(t, runName, folder, "CD3")
	for name, test := range map[string]struct {
		file []byte
		want string
	}{
		"no TIFF":         {[]byte("<html>"), "not a MIBItiff"},
		"empty":           {nil, "not a MIBItiff"},
		"truncated":       {good[:len(good)-40], "too early"},
		"cut in its tags": {good[:200], "too early"},
		"foreign TIFF":    {[]byte("II*\x00\x08\x00\x00\x00\x00\x00\x00\x00\x00\x00"), "TIFF"},
		"another run":     {mibiTIFF(t, "three", folder, "CD3"), `of run \"three\"`},
		"another folder":  {mibiTIFF(t, runName, "Point7/RowNumber0/Depth_Profile0", "CD3"), "Point7"},
		"part of folder":  {mibiTIFF(t, runName, "Point1", "CD3"), "Point1"},
		"extra's name":    {mibiTIFF(t, runName, folder, "CD3", "cells"), "cells"},
	} {
		got := s.enqueue(t, s.alice, upload(t, test.file), id)
		if got.status != http.StatusBadRequest || !strings.Contains(string(got.body), test.want) || !strings.Contains(string(got.body), "non_field_errors") {
			t.Errorf("%s: %d %s", name, got.status, got.body)
		}
	}
	location := upload(t, good)
	_, unused := s.sign(t, s.alice, id)
	for name, test := range map[string]struct {
		who    user
		body   string
		status int
		want   string
	}{
		"another run's location": {s.alice, fmt.Sprintf(`{"location": %q, "run_id": %d}`, location, idOf(two)), 400, "run_id"},
		"never uploaded":         {s.alice, fmt.Sprintf(`{"location": %q, "run_id": %d}`, unused, id), 400, "location"},
		"never signed":           {s.alice, fmt.Sprintf(`{"location": "nothing", "run_id": %d}`, id), 400, "location"},
		"somebody else's":        {s.bob, fmt.Sprintf(`{"location": %q, "run_id": %d}`, location, id), 400, "location"},
		"an administrator's":     {s.admin, fmt.Sprintf(`{"location": %q, "run_id": %d}`, location, id), 400, "location"},
		"no location":            {s.alice, fmt.Sprintf(`{"run_id": %d}`, id), 400, "location"},
		"no run":                 {s.alice, fmt.Sprintf(`{"location": %q}`, location), 400, "run_id"},
		"no JSON":                {s.alice, `location`, 400, "JSON"},
		"nobody":                 {user{}, `{}`, 401, "detail"},
	} {
		got := s.do(t, test.who, "POST", "/upload_mibitiff/", test.body)
		if got.status != test.status || !strings.Contains(string(got.body), test.want) {
			t.Errorf("%s: %d %s", name, got.status, got.body)
		}
	}
	// Nothing was queued, and nothing shows on the image.
	if jobs := s.jobs(t); len(jobs) != 0 {
		t.Errorf("queued: %v", jobs)
	}
	got, err := s.store.Image(t.Context(), store.Viewer{Admin: true}, image)
	must(t, err)
	if got.Status != model.StatusUnavailable || got.ProcessingError != nil || got.TIFF != nil {
		t.Errorf("the image changed: %+v", got)
	}
	s.enqueue(t, s.alice, location, id).want(t, http.StatusOK)
}

// Two POSTs at once queue once, and a failure before the commit queues nothing.
func TestEnqueueOnce(t *testing.T) {
	t.Parallel()
	var failing bool
	s := newServer(t, func(c *api.Config) {
		c.Hook = func(_ context.Context, at string) error {
			if failing && at == "enqueue.before-commit" {
				return errors.New("the power is off")
			}
			return nil
		}
	})
	run := s.addRun(t, s.alice, "one")
	id := idOf(run)
	putURL, location := s.sign(t, s.alice, id)
	s.put(t, putURL, string(mibiTIFF(t, "one", folder, "CD3"))).want(t, http.StatusOK)
	failing = true
	s.enqueue(t, s.alice, location, id).want(t, http.StatusInternalServerError)
	if jobs := s.jobs(t); len(jobs) != 0 {
		t.Fatalf("queued: %v", jobs)
	}
	failing = false
	var wg sync.WaitGroup
	answers := make([]answer, 8)
	for i := range answers {
		wg.Go(func() { answers[i] = s.enqueue(t, s.alice, location, id) })
	}
	wg.Wait()
	for _, got := range answers {
		if got.status != http.StatusOK || string(got.body) != string(answers[0].body) {
			t.Errorf("%d %s", got.status, got.body)
		}
	}
	if jobs := s.jobs(t); len(jobs) != 1 || jobs[idOf(imagesOf(run)[0])] != 1 {
		t.Errorf("queued: %v", jobs)
	}
}

// Rights are looked at in each step: who lost them may not finish.
func TestEnqueueNeedsRights(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	project := s.do(t, s.alice, "POST", "/projects/", `{"name": "shared"}`).id(t)
	role := func(r model.Role) {
		must(t, s.store.Write(t.Context(), func(tx *store.Tx) error { return tx.SetProjectRole(t.Context(), project, s.bob.id, r) }))
	}
	id := idOf(s.addRun(t, s.alice, "one", "project", itoa(project)))
	role(model.RoleEditor)
	putURL, location := s.sign(t, s.bob, id)
	s.put(t, putURL, string(mibiTIFF(t, "one", folder, "CD3"))).want(t, http.StatusOK)
	role(model.RoleViewer)
	s.enqueue(t, s.bob, location, id).want(t, http.StatusForbidden)
	role(model.RoleEditor)
	s.enqueue(t, s.bob, location, id).want(t, http.StatusOK)
}

func TestUploadRealFile(t *testing.T) {
	t.Parallel()
	dir := os.Getenv("MIBI_TESTDATA")
	if dir == "" {
		t.Skip("MIBI_TESTDATA names no folder of real files")
	}
	file, err := os.ReadFile(filepath.Join(dir, "mibitiff", "cohort-point1-raw.tiff"))
	if err != nil {
		t.Skipf("no real file: %v", err)
	}
	xml, err := os.ReadFile(filepath.Join(dir, "runs", "191203_CohortSlide1_S1622757.xml"))
	if err != nil {
		t.Skipf("no real file: %v", err)
	}
	s := newServer(t)
	run := s.do(t, s.alice, "POST", "/runs/", newForm("label", "cohort", "instrument", "1").
		file("xml", "191203_CohortSlide1_S1622757.xml", "application/xml", string(xml))).want(t, http.StatusCreated).object(t)
	putURL, location := s.sign(t, s.alice, idOf(run))
	s.put(t, putURL, string(file)).want(t, http.StatusOK)
	s.enqueue(t, s.alice, location, idOf(run)).want(t, http.StatusOK, itoa(idOf(imagesOf(run)[0])))
}
