package mibitracker_test

import (
	"bytes"
	"errors"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/openmibi/openmibi/mibi"
	"github.com/openmibi/openmibi/mibitiff"
	"github.com/openmibi/openmibi/mibitracker"
)

func makeTIFF(t testing.TB, channels, edge int) []byte {
	t.Helper()
	return makeTIFFOf(t, channels, edge, "", func(c, i int) uint16 { return uint16((i*i + 7*i*c) >> 5) })
}

// makeTIFFOf gives the channels names that end in more or less of a tail.
func makeTIFFOf(t testing.TB, channels, edge int, tail string, sample func(channel, i int) uint16) []byte {
	t.Helper()
	meta := mibi.Metadata{
		Run: mibi.Text("r"), Coordinates: mibi.Pair(1, 2), Size: mibi.Float(400), FOVID: mibi.Text("Point1"),
		FOVName: mibi.Text("tonsil"), Folder: mibi.Text("Point1/RowNumber0/Depth_Profile0"), Dwell: mibi.Float(1),
		Scans: mibi.Int(1), MassOffset: mibi.Float(0.1), MassGain: mibi.Float(0.6), TimeResolution: mibi.Float(0.5),
		Date: time.Date(2019, 3, 8, 1, 2, 3, 0, time.UTC),
	}
	var names []mibi.Channel
	var planes []mibitiff.Plane
	for c := range channels {
		samples := make([]uint16, edge*edge)
		for i := range samples {
			samples[i] = sample(c, i)
		}
		plane, err := mibitiff.NewPlane(edge, edge, samples)
		if err != nil {
			t.Fatal(err)
		}
		names = append(names, mibi.Channel{Mass: 100 + c, Target: fmt.Sprintf("T%02d%.*s", c, c*7%20, tail)})
		planes = append(planes, plane)
	}
	var out bytes.Buffer
	if err := mibitiff.Write(&out, meta, names, planes); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestImagesOpen(t *testing.T) {
	t.Parallel()
	const channels = 12
	content := makeTIFF(t, channels, 256)
	local, err := mibitiff.Open(bytes.NewReader(content), int64(len(content)))
	if err != nil {
		t.Fatal(err)
	}
	files := newStorage(t, content, 5) // a signed URL expires on the way
	forward := files.Config.Handler
	files.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/images/1/" {
			reply(w, 200, map[string]any{"id": 1, "folder": "Point1/RowNumber0/Depth_Profile0", "run": map[string]any{"id": 2, "path": "r-uuid"}})
			return
		}
		forward.ServeHTTP(w, r)
	})
	c := newClient(t, files.URL)
	image, err := c.Images.Open(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = image.Close() }()
	if q := files.of("/download/")[0].Query; q != "path=r-uuid%2FPoint1%2FRowNumber0%2FDepth_Profile0%2Fsummed_image.tiff" {
		t.Errorf("path %s", q)
	}
	// Requests that were refused as expired are in the count.
	if n := len(files.of("/signed")); n > channels*3/2+1 {
		t.Errorf("%d requests for the index of %d pages", n, channels)
	}
	page, err := image.Channel("T05")
	if err != nil {
		t.Fatal(err)
	}
	got, err := image.ReadPlane(t.Context(), page.Index)
	if err != nil {
		t.Fatal(err)
	}
	want, err := local.ReadPlane(t.Context(), page.Index)
	if err != nil || !got.Equal(want) {
		t.Errorf("the plane differs, %v", err)
	}
}

func TestImagesOpenForeignFile(t *testing.T) {
	t.Parallel()
	files := newStorage(t, noise(5000), 99)
	forward := files.Config.Handler
	files.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/images/1/" {
			reply(w, 200, map[string]any{"id": 1, "folder": "Point1", "run": map[string]any{"id": 2, "path": "r"}})
			return
		}
		forward.ServeHTTP(w, r)
	})
	if _, err := newClient(t, files.URL).Images.Open(t.Context(), 1); !errors.Is(err, mibitiff.ErrNotMIBItiff) {
		t.Error(err)
	}
}

func TestImagesOpenBare(t *testing.T) {
	t.Parallel()
	srv := newRecorder(t, func(w http.ResponseWriter, r *http.Request) { reply(w, 200, map[string]any{"id": 1, "run": 5}) })
	if _, err := newClient(t, srv.URL).Images.Open(t.Context(), 1); !errors.Is(err, mibitracker.ErrUnexpected) {
		t.Error(err)
	}
}
