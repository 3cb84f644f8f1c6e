package transfer

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/openmibi/openmibi/mibi"
	"github.com/openmibi/openmibi/mibitiff"
	"github.com/openmibi/openmibi/mibitracker"
)

// pushBackend is a backend of another kind than ours: it takes MIBItiffs, and
// tells their hashes and sizes only if it is told to.
type pushBackend struct {
	t           *testing.T
	url         string
	hash, sizes bool

	mu     sync.Mutex
	before func(w http.ResponseWriter, r *http.Request) bool
	images []map[string]any
	puts   map[string][]byte
	calls  map[string]int // by method and first part of the path
}

// newPushBackend is a backend with one run, 7, of the folders P1/D to Pn/D.
func newPushBackend(t *testing.T, n int) *pushBackend {
	t.Helper()
	b := &pushBackend{t: t, puts: map[string][]byte{}, calls: map[string]int{}}
	for i := range n {
		b.images = append(b.images, map[string]any{
			"id": i + 1, "number": fmt.Sprintf("P%d", i+1), "folder": fmt.Sprintf("P%d/D", i+1), "status": []string{"U"}, "run": map[string]any{"id": 7},
		})
	}
	srv := httptest.NewServer(b)
	t.Cleanup(srv.Close)
	b.url = srv.URL
	return b
}

func (b *pushBackend) client(t *testing.T) *mibitracker.Client {
	t.Helper()
	c, err := mibitracker.New(b.url, mibitracker.WithToken("token"), mibitracker.WithRetries(0, 0, 0))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.CloseIdleConnections)
	return c
}

func (b *pushBackend) run() *mibitracker.Run {
	return &mibitracker.Run{ID: 7, Label: "label", Name: "name"}
}

// first sets what may answer a request in the backend's place, and says if it
// did. Requests that were given up may still be on their way to it.
func (b *pushBackend) first(f func(w http.ResponseWriter, r *http.Request) bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.before = f
}

func (b *pushBackend) count(call string) int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.calls[call]
}

func (b *pushBackend) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	first, rest, _ := strings.Cut(strings.Trim(r.URL.Path, "/"), "/")
	call := r.Method + " " + first
	b.mu.Lock()
	b.calls[call]++
	number, before := b.calls[call], b.before
	b.mu.Unlock()
	if before != nil && before(w, r) {
		return
	}
	answer := func(v any) { _ = json.NewEncoder(w).Encode(v) }
	switch call {
	case "GET images":
		b.mu.Lock()
		defer b.mu.Unlock()
		if id, err := strconv.Atoi(rest); err == nil {
			answer(b.images[id-1])
			return
		}
		answer(b.images)
	case "GET upload_mibitiff":
		answer(map[string]any{"url": fmt.Sprintf("%s/put/%d", b.url, number), "location": strconv.Itoa(number)})
	case "PUT put":
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return // it broke off
		}
		b.mu.Lock()
		b.puts[rest] = body
		b.mu.Unlock()
	case "POST upload_mibitiff":
		var asked struct{ Location string }
		if err := json.NewDecoder(r.Body).Decode(&asked); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		b.publish(asked.Location)
		answer(map[string]string{"status": "queued"})
	}
}

// publish makes the image of a file available.
func (b *pushBackend) publish(location string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	content := b.puts[location]
	file, err := mibitiff.Open(bytes.NewReader(content), int64(len(content)))
	if err != nil {
		b.t.Error(err)
		return
	}
	folder := file.Metadata().Folder.String()
	for _, image := range b.images {
		if image["folder"] == folder {
			image["status"] = []string{"A"}
			sum := sha256.Sum256(content)
			if b.hash {
				image["tiff_sha256"] = strings.ToUpper(hex.EncodeToString(sum[:]))
			}
			if b.sizes {
				image["tiff_size"] = len(content)
			}
		}
	}
}

// pushTIFF is a MIBItiff of the run "name" and a folder.
func pushTIFF(t testing.TB, run, folder string, value uint16, targets ...string) []byte {
	t.Helper()
	if len(targets) == 0 {
		targets = []string{"CD45", "dsDNA"}
	}
	id, _, _ := strings.Cut(folder, "/")
	var out bytes.Buffer
	w, err := mibitiff.NewWriter(&out, mibi.Metadata{
		Run: mibi.Text(run), FOVID: mibi.Text(id), FOVName: mibi.Text("tonsil"), Folder: mibi.Text(folder),
		Coordinates: mibi.Pair(-241, 14968), Size: mibi.Float(400), Dwell: mibi.Float(4), Scans: mibi.Int(1),
		MassGain: mibi.Float(0.2), MassOffset: mibi.Float(0), TimeResolution: mibi.Float(0.5),
		Date: time.Date(2019, 10, 16, 14, 48, 12, 0, time.UTC),
	})
	if err != nil {
		t.Fatal(err)
	}
	plane, err := mibitiff.NewPlane(2, 2, []uint16{0, 1, 2, value})
	if err != nil {
		t.Fatal(err)
	}
	for i, target := range targets {
		if err := w.WriteChannel(mibi.Channel{Mass: 100 + i, Target: target}, plane); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// writePush writes a file below a folder, and gives its path.
func writePush(t testing.TB, content []byte, parts ...string) string {
	t.Helper()
	path := filepath.Join(parts...)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// pushFolder is a folder with a MIBItiff for each of the folders P1/D to Pn/D.
func pushFolder(t testing.TB, n int) string {
	t.Helper()
	dir := t.TempDir()
	for i := range n {
		folder := fmt.Sprintf("P%d", i+1)
		writePush(t, pushTIFF(t, "name", folder+"/D", uint16(i)), dir, folder+".tiff")
	}
	return dir
}

// states are the states of files in their order.
func states(files []PushFile) string {
	var texts []string
	for i := range files {
		texts = append(texts, string(files[i].State))
	}
	return strings.Join(texts, " ")
}
