package api_test

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/openmibi/openmibi/internal/api"
)

// Bytes that are uploaded and never queued must not fill the disk: an account
// may have so many. What replaces an upload goes in its place, what is queued
// counts no more, and what was refused leaves nothing.
func TestStagedBytes(t *testing.T) {
	t.Parallel()
	file := string(mibiTIFF(t, "one", folder, "CD3"))
	s := newServer(t, func(c *api.Config) { c.MaxStaged = int64(len(file)) + 100 })
	id := idOf(s.addRun(t, s.alice, "one"))
	before := len(s.stored(t))
	putURL, location := s.sign(t, s.alice, id)
	for range 3 { // each takes the place of the one before, on disk, too
		s.put(t, putURL, file).want(t, 200)
		if after := s.stored(t); len(after) != before+1 {
			t.Fatalf("stored: %q", after)
		}
	}
	other, _ := s.sign(t, s.alice, id)
	got := s.put(t, other, strings.Repeat("x", 101)).want(t, 429, "detail", "not queued", "request_id")
	if got.header.Get("Retry-After") == "" {
		t.Error("no Retry-After")
	}
	// Without a length it shows on the way.
	req, err := http.NewRequestWithContext(t.Context(), "PUT", other, struct{ io.Reader }{strings.NewReader(strings.Repeat("x", 101))})
	must(t, err)
	req.Header.Set("Content-Type", "image/tiff")
	s.send(t, req).want(t, 429, "not queued")
	if after := s.stored(t); len(after) != before+1 {
		t.Errorf("stored: %q", after)
	}
	s.put(t, other, strings.Repeat("x", 100)).want(t, 200)
	// Bob's room is his own.
	bobs, _ := s.sign(t, s.bob, idOf(s.addRun(t, s.bob, "bob's")))
	s.put(t, bobs, file).want(t, 200)

	s.enqueue(t, s.alice, location, id).want(t, 200)
	another, _ := s.sign(t, s.alice, id)
	s.put(t, another, file).want(t, 200)
	s.put(t, another, strings.Repeat("x", len(file)+1)).want(t, 429)
}

// URLs to upload to are signed up to a number; one that has expired makes room.
func TestOpenUploads(t *testing.T) {
	t.Parallel()
	now := time.Now()
	s := newServer(t, func(c *api.Config) {
		c.MaxOpenUploads = 3
		c.Now = func() time.Time { return now }
	})
	id := idOf(s.addRun(t, s.alice, "one"))
	path := "/upload_mibitiff/sign_tiff_url/?run_id=" + itoa(id)
	for range 3 {
		s.do(t, s.alice, "GET", path, nil).want(t, 200)
	}
	s.do(t, s.alice, "GET", path, nil).want(t, 429, "detail", "3 uploads")
	now = now.Add(2 * time.Hour)
	s.do(t, s.alice, "GET", path, nil).want(t, 200)
}
