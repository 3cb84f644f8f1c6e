package e2e

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/openmibi/openmibi/internal/synth"
)

// manyFOVs is a backend with one run of many FOVs, all of the same small TIFF.
type manyFOVs struct {
	url      string
	fovs     int
	tiff     []byte
	channels []string
}

func newManyFOVs(t *testing.T, fovs int) *manyFOVs {
	t.Helper()
	image, err := synth.FOV(1, synth.Options{Size: 8, Channels: 40})
	if err != nil {
		t.Fatal(err)
	}
	m := &manyFOVs{fovs: fovs}
	m.tiff = noisyTIFF(t, rand.New(rand.NewPCG(1, 1)), image.Metadata, 2)
	for n := range 40 {
		m.channels = append(m.channels, fmt.Sprintf("T%02d", n))
	}
	server := httptest.NewServer(http.HandlerFunc(m.serve))
	t.Cleanup(server.Close)
	m.url = server.URL
	return m
}

func (m *manyFOVs) serve(w http.ResponseWriter, r *http.Request) {
	switch r.URL.Path {
	case "/runs/", "/runs/search_runs/":
		_ = json.NewEncoder(w).Encode(map[string]any{"count": 1, "next": nil, "previous": nil, "results": []any{m.run()}})
	case "/images/":
		query := r.URL.Query()
		limit, _ := strconv.Atoi(query.Get("limit"))
		offset, _ := strconv.Atoi(query.Get("offset"))
		m.page(w, min(max(limit, 1), m.fovs-offset), offset)
	case "/download/":
		_ = json.NewEncoder(w).Encode(map[string]string{"url": m.url + "/storage/one"})
	case "/storage/one":
		w.Header().Set("ETag", `"`+hash(m.tiff)+`"`)
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(m.tiff))
	default:
		if r.Method != http.MethodOptions {
			http.NotFound(w, r)
		}
	}
}

func (m *manyFOVs) run() map[string]any {
	return map[string]any{"id": 1, "label": "many", "name": "many", "path": "many-path"}
}

// page is one page of the list of images.
func (m *manyFOVs) page(w http.ResponseWriter, n, offset int) {
	results := []any{}
	for i := range n {
		results = append(results, m.image(offset+i))
	}
	answer := map[string]any{"count": m.fovs, "next": nil, "previous": nil, "results": results}
	if offset+n < m.fovs {
		answer["next"] = fmt.Sprintf("%s/images/?limit=%d&offset=%d", m.url, n, offset+n)
	}
	_ = json.NewEncoder(w).Encode(answer)
}

func (m *manyFOVs) image(i int) any {
	folder := fmt.Sprintf("Point%d/RowNumber0/Depth_Profile0", i+1)
	return map[string]any{
		"id": i + 1, "number": fmt.Sprintf("Point%d", i+1), "folder": folder, "run": m.run(), "status": []string{"A"},
		"tiff": folder + "/summed_image.tiff", "tiff_size": len(m.tiff), "tiff_sha256": hash(m.tiff), "sims_channels": m.channels,
		"description": strings.Repeat("as labs write it ", 20),
	}
}
