package transfer

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/openmibi/openmibi/mibitiff"
	"github.com/openmibi/openmibi/mibitracker"
)

// backend is somebody else's server: what it says of its files it says or
// leaves out as the test wants it.
type backend struct {
	t        *testing.T
	noHash   bool // it lists neither sizes nor hashes
	noRanges bool
	noTags   bool // its storage has no ETags

	mu     sync.Mutex
	images []*fakeImage
	asked  []string // method and route, of all requests
	moved  int64    // bytes of files
	before func(w http.ResponseWriter, r *http.Request) bool

	url string
}

// fakeImage is an image of it.
type fakeImage struct {
	id             int64
	number, folder string
	status         string
	reason         string
	tiff           []byte
	extra          map[string][]byte // PNGs of uploaded channels
	sims           []string          // nil for those of the TIFF
	said           map[string]any    // fields that it says instead of true ones
}

// testRun is the run that all images are of.
func testRun() *mibitracker.Run {
	return &mibitracker.Run{ID: 3, Label: "run-A", Name: "run", Path: "run-path"}
}

func newBackend(t *testing.T, images ...*fakeImage) *backend {
	t.Helper()
	b := &backend{t: t, images: images}
	server := httptest.NewServer(http.HandlerFunc(b.serve))
	t.Cleanup(server.Close)
	b.url = server.URL
	return b
}

// client is a client that gives up quickly.
func (b *backend) client() *mibitracker.Client {
	b.t.Helper()
	c, err := mibitracker.New(b.url, mibitracker.WithToken("t"), mibitracker.WithRetries(1, time.Millisecond, time.Millisecond))
	if err != nil {
		b.t.Fatal(err)
	}
	b.t.Cleanup(c.CloseIdleConnections)
	return c
}

// first sets what may answer a request in the backend's place, and says if it
// did. Requests that were given up may still be on their way to it.
func (b *backend) first(f func(w http.ResponseWriter, r *http.Request) bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.before = f
}

func (b *backend) serve(w http.ResponseWriter, r *http.Request) {
	b.mu.Lock()
	if r.Method != http.MethodOptions { // the token is looked at by every new client
		b.asked = append(b.asked, r.Method+" "+r.URL.Path)
	}
	before, images := b.before, slices.Clone(b.images)
	b.mu.Unlock()
	if before != nil && before(w, r) {
		return
	}
	find := func(of func(*fakeImage) bool) *fakeImage {
		if i := slices.IndexFunc(images, of); i >= 0 {
			return images[i]
		}
		http.Error(w, `{"detail": "Not found."}`, http.StatusNotFound)
		return nil
	}
	switch path := r.URL.Path; {
	case r.Method == http.MethodOptions:
		_, _ = w.Write([]byte("{}"))
	case path == "/images/":
		var list []map[string]any
		for _, i := range images {
			list = append(list, b.listed(i))
		}
		b.json(w, list)
	case path == "/download/":
		if i := find(func(i *fakeImage) bool {
			return r.URL.Query().Get("path") == "run-path/"+i.folder+"/summed_image.tiff" && i.tiff != nil
		}); i != nil {
			b.json(w, map[string]string{"url": fmt.Sprintf("%s/storage/%d", b.url, i.id)})
		}
	case strings.HasPrefix(path, "/storage/"):
		if i := find(func(i *fakeImage) bool { return fmt.Sprintf("/storage/%d", i.id) == path }); i != nil {
			b.file(w, r, i.tiff)
		}
	case strings.HasSuffix(path, "/channel_url/"):
		name := r.URL.Query().Get("channel")
		if i := find(func(i *fakeImage) bool { return fmt.Sprintf("/images/%d/channel_url/", i.id) == path }); i != nil {
			b.json(w, map[string]string{"url": fmt.Sprintf("%s/png/%d?name=%s", b.url, i.id, name)})
		}
	case strings.HasPrefix(path, "/png/"):
		if i := find(func(i *fakeImage) bool { return fmt.Sprintf("/png/%d", i.id) == path }); i != nil {
			b.file(w, r, i.picture(b.t, r.URL.Query().Get("name")))
		}
	default:
		http.Error(w, `{"detail": "Not found."}`, http.StatusNotFound)
	}
}

func (b *backend) json(w http.ResponseWriter, v any) {
	if err := json.NewEncoder(w).Encode(v); err != nil {
		b.t.Error(err)
	}
}

// listed is an image as the list has it.
func (b *backend) listed(i *fakeImage) map[string]any {
	image := map[string]any{
		"id": i.id, "number": i.number, "folder": i.folder, "status": []string{i.status}, "processing_error": i.reason,
		"run": map[string]any{"id": 3, "label": "run-A", "path": "run-path"}, "sims_pngs": i.sims, "extra_pngs": []string{},
	}
	if i.status == "A" && i.sims == nil && i.tiff != nil {
		image["sims_pngs"] = channelsOf(b.t, i.tiff)
	}
	var extra []string
	for name := range i.extra {
		extra = append(extra, name)
	}
	slices.Sort(extra)
	image["extra_pngs"] = extra
	if !b.noHash && i.tiff != nil {
		image["tiff_size"], image["tiff_sha256"] = len(i.tiff), shaOf(i.tiff)
	}
	for name, value := range i.said {
		image[name] = value
	}
	return image
}

func (b *backend) file(w http.ResponseWriter, r *http.Request, content []byte) {
	if b.noRanges {
		r.Header.Del("Range")
		w.Header().Set("Accept-Ranges", "none")
	}
	if !b.noTags && !b.noHash {
		w.Header().Set("ETag", `"`+shaOf(content)+`"`)
	} else if !b.noTags {
		w.Header().Set("ETag", `"v-`+shaOf(content)[:8]+`"`)
	}
	counted := &countedWriter{ResponseWriter: w, b: b}
	if b.noRanges {
		w.Header().Set("Content-Length", fmt.Sprint(len(content)))
		_, _ = counted.Write(content)
		return
	}
	http.ServeContent(counted, r, "", time.Time{}, bytes.NewReader(content))
}

type countedWriter struct {
	http.ResponseWriter
	b *backend
}

func (c *countedWriter) Write(p []byte) (int, error) {
	c.count(len(p)) // before: who gets them may ask at once
	n, err := c.ResponseWriter.Write(p)
	c.count(n - len(p))
	return n, err
}

func (c *countedWriter) count(n int) {
	c.b.mu.Lock()
	defer c.b.mu.Unlock()
	c.b.moved += int64(n)
}

// forget gives the requests since the last time, and the bytes of files.
func (b *backend) forget() (asked []string, moved int64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	asked, moved = b.asked, b.moved
	b.asked, b.moved = nil, 0
	return asked, moved
}

func (i *fakeImage) picture(t *testing.T, name string) []byte {
	t.Helper()
	if content, ok := i.extra[name]; ok {
		return content
	}
	file, err := mibitiff.Open(bytes.NewReader(i.tiff), int64(len(i.tiff)))
	if err != nil {
		t.Error(err)
		return nil
	}
	page, err := file.Channel(name)
	if err != nil {
		t.Error(err)
		return nil
	}
	plane, err := file.ReadPlane(context.Background(), page.Index)
	if err != nil {
		t.Error(err)
		return nil
	}
	var out bytes.Buffer
	if err := plane.EncodePNG(&out); err != nil {
		t.Error(err)
	}
	return out.Bytes()
}

// filesOf are the files of a result.
func filesOf(t *testing.T, r *PullResult) (files []PulledFile) {
	t.Helper()
	for f, err := range r.Files() {
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, f)
	}
	if len(files) != r.FileCount {
		t.Errorf("%d files, and %d are counted", len(files), r.FileCount)
	}
	return files
}

// pull plans and pulls; it fails the test on errors, but not on failures.
func (b *backend) pull(o PullOptions) *PullResult {
	b.t.Helper()
	result, err := b.tryPull(b.t.Context(), o)
	if err != nil {
		b.t.Fatal(err)
	}
	return result
}

func (b *backend) tryPull(ctx context.Context, o PullOptions) (*PullResult, error) {
	b.t.Helper()
	plan, err := PlanPull(ctx, b.client(), testRun(), o)
	if err != nil {
		return nil, err
	}
	plan.pull.patience = patience{}
	return plan.Run(ctx)
}
