package e2e

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/openmibi/openmibi/internal/synth"
	"github.com/openmibi/openmibi/mibi"
	"github.com/openmibi/openmibi/mibitiff"
)

// manyFOVs is a backend with one run of many FOVs, all of the same small TIFF.
type manyFOVs struct {
	url      string
	fovs     int
	tiff     []byte
	sum      string
	channels []byte // in JSON
	meta     mibi.Metadata
}

func newManyFOVs(t *testing.T, fovs int) *manyFOVs {
	t.Helper()
	image, err := synth.FOV(1, synth.Options{Size: 8, Channels: 40})
	if err != nil {
		t.Fatal(err)
	}
	m := &manyFOVs{fovs: fovs, meta: image.Metadata}
	m.tiff = noisyTIFF(t, rand.New(rand.NewPCG(1, 1)), m.meta, 2)
	m.sum = hash(m.tiff)
	var names []string
	for n := range 40 {
		names = append(names, fmt.Sprintf("T%02d", n))
	}
	if m.channels, err = json.Marshal(names); err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(http.HandlerFunc(m.serve))
	t.Cleanup(server.Close)
	m.url = server.URL
	return m
}

func (m *manyFOVs) serve(w http.ResponseWriter, r *http.Request) {
	switch r.URL.Path {
	case "/runs/", "/runs/search_runs/":
		m.runs(w)
	case "/images/":
		query := r.URL.Query()
		limit, _ := strconv.Atoi(query.Get("limit"))
		offset, _ := strconv.Atoi(query.Get("offset"))
		m.page(w, min(max(limit, 1), m.fovs-offset), offset)
	case "/download/":
		_ = json.NewEncoder(w).Encode(map[string]string{"url": m.url + "/storage/one"})
	case "/storage/one":
		w.Header().Set("ETag", `"`+m.sum+`"`)
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(m.tiff))
	default:
		if r.Method != http.MethodOptions {
			http.NotFound(w, r)
		}
	}
}

const manyRun = `"id":1,"label":"many","name":"many","path":"many-path"`

// runs is the list of the one run, which names all of its images.
func (m *manyFOVs) runs(w http.ResponseWriter) {
	out := bufio.NewWriter(w)
	_, _ = fmt.Fprintf(out, `{"count":1,"next":null,"previous":null,"results":[{%s,"imageset":{"id":1,"name":"many","images":[`, manyRun)
	for i := range m.fovs {
		if i > 0 {
			_ = out.WriteByte(',')
		}
		_, _ = fmt.Fprintf(out, `{"id":%d,"number":"Point%d","point":"tonsil %d","folder":"%s","pngs":%s}`, i+1, i+1, i, manyFolder(i), m.channels)
	}
	_, _ = out.WriteString(`]}}]}`)
	_ = out.Flush()
}

// page is one page of the list of images.
func (m *manyFOVs) page(w http.ResponseWriter, n, offset int) {
	out := bufio.NewWriter(w)
	next := "null"
	if offset+n < m.fovs {
		next = fmt.Sprintf(`"%s/images/?limit=%d&offset=%d"`, m.url, n, offset+n)
	}
	_, _ = fmt.Fprintf(out, `{"count":%d,"next":%s,"previous":null,"results":[`, m.fovs, next)
	text := strings.Repeat("as labs write it ", 20)
	for i := offset; i < offset+n; i++ {
		if i > offset {
			_ = out.WriteByte(',')
		}
		_, _ = fmt.Fprintf(out, `{"id":%d,"number":"Point%d","folder":"%s","run":{%s},"status":["A"],"tiff_size":%d,"tiff_sha256":"%s","sims_pngs":%s,"extra_pngs":[],"description":"%s"}`,
			i+1, i+1, manyFolder(i), manyRun, len(m.tiff), m.sum, m.channels, text)
	}
	_, _ = out.WriteString(`]}`)
	_ = out.Flush()
}

func manyFolder(i int) string { return fmt.Sprintf("Point%d/RowNumber0/Depth_Profile0", i+1) }

// pulled makes the folder that a pull of all FOVs ends with.
func (m *manyFOVs) pulled(t *testing.T) (dir string) {
	t.Helper()
	dir = t.TempDir()
	run := filepath.Join(dir, "many")
	if err := os.Mkdir(run, 0o777); err != nil {
		t.Fatal(err)
	}
	manifest, err := os.Create(filepath.Join(run, "manifest.json"))
	if err != nil {
		t.Fatal(err)
	}
	out := bufio.NewWriter(manifest)
	_, _ = fmt.Fprintf(out, `{"format":1,"server":"%s","run":"many","run_id":1,"run_path":"many-path","layouts":["mibitiff"],"split":[],"files":[`, m.url)
	then := time.Date(2024, 6, 13, 10, 0, 0, 0, time.UTC)
	for i := range m.fovs {
		name := fmt.Sprintf("Point%d.tiff", i+1)
		path := filepath.Join(run, name)
		if err := os.WriteFile(path, m.tiff, 0o666); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(path, then, then); err != nil {
			t.Fatal(err)
		}
		if i > 0 {
			_ = out.WriteByte(',')
		}
		_, _ = fmt.Fprintf(out, "\n"+`{"path":"%s","fov":"Point%d","image_id":%d,"size":%d,"sha256":"%s","verified":"SHA-256","version":"%s","mtime":"%s"}`,
			name, i+1, i+1, len(m.tiff), m.sum, m.sum, then.Format(time.RFC3339Nano))
	}
	_, _ = out.WriteString("]}\n")
	if err := out.Flush(); err != nil {
		t.Fatal(err)
	}
	if err := manifest.Close(); err != nil {
		t.Fatal(err)
	}
	return dir
}

// toPush makes a folder of files of so many of the FOVs.
func (m *manyFOVs) toPush(t *testing.T, files int) (dir string) {
	t.Helper()
	dir = t.TempDir()
	plane, err := mibitiff.NewPlane(2, 2, []uint16{1, 2, 3, 4})
	if err != nil {
		t.Fatal(err)
	}
	for i := range files {
		meta := m.meta
		meta.Run, meta.Folder, meta.FOVID = mibi.Text("many"), mibi.Text(manyFolder(i)), mibi.Text(fmt.Sprintf("Point%d", i+1))
		file, err := os.Create(filepath.Join(dir, fmt.Sprintf("fov-%d.tiff", i+1)))
		if err != nil {
			t.Fatal(err)
		}
		w, err := mibitiff.NewWriter(file, meta, mibitiff.WithLevel(1))
		if err == nil {
			err = w.WriteChannel(mibi.Channel{Mass: 1, Target: "T00"}, plane)
		}
		if err == nil {
			err = w.Close()
		}
		if err = errors.Join(err, file.Close()); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}
