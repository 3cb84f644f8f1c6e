package transfer_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"math/rand/v2"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/openmibi/openmibi/mibi"
	"github.com/openmibi/openmibi/mibitiff"
	"github.com/openmibi/openmibi/mibitracker"
)

// watchedRun is the run of the tests' backend.
func watchedRun() *mibitracker.Run {
	return &mibitracker.Run{ID: 26, Name: "tonsil", Label: "tonsil_1"}
}

// watchBackend is a backend of one run, in memory, so that it lives in the
// time of a synctest bubble.
type watchBackend struct {
	mu       sync.Mutex
	images   []*mibitracker.Image
	staged   map[string][]byte // by location
	requests []string
	good     map[string]bool // tokens
	refuse   func(*http.Request) (status int, err error)
	verdict  func(content []byte) string // why it cannot be processed; empty for well
	slow     int                         // how often an image is asked for until it is processed
	pending  map[int64]func()
}

func newWatchBackend(folders ...string) *watchBackend {
	b := &watchBackend{staged: map[string][]byte{}, good: map[string]bool{"token": true}, pending: map[int64]func(){}}
	for _, folder := range folders {
		b.add(folder)
	}
	return b
}

func (b *watchBackend) add(folder string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	number, _, _ := strings.Cut(folder, "/")
	b.images = append(b.images, &mibitracker.Image{ID: int64(100 + len(b.images)), Number: number, Folder: folder, Status: mibitracker.Statuses{"U"}})
}

func (b *watchBackend) set(change func()) {
	b.mu.Lock()
	defer b.mu.Unlock()
	change()
}

// count gives how many requests of a method and path there were since it was
// called last, and of all.
func (b *watchBackend) count(of string) (n, all int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, r := range b.requests {
		if r == of {
			n++
		}
	}
	all = len(b.requests)
	b.requests = nil
	return n, all
}

func (b *watchBackend) RoundTrip(r *http.Request) (*http.Response, error) {
	var body []byte
	if r.Body != nil {
		var err error
		if body, err = io.ReadAll(r.Body); err != nil {
			return nil, errors.Join(err, r.Body.Close())
		}
		_ = r.Body.Close()
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.requests = append(b.requests, r.Method+" "+r.URL.Path)
	status, answer := http.StatusOK, any(map[string]string{})
	_, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	refused := 0
	if b.refuse != nil {
		var err error
		if refused, err = b.refuse(r); err != nil {
			return nil, err
		}
	}
	switch {
	case refused != 0:
		status = refused
	case r.URL.Path == "/api-token-refresh/":
		var asked struct{ Token string }
		if err := json.Unmarshal(body, &asked); err != nil {
			return nil, err
		}
		if status = http.StatusBadRequest; b.good[asked.Token] {
			status, answer = http.StatusOK, map[string]string{"token": asked.Token}
		}
	case r.Host == "storage.example.org" || r.URL.Host == "storage.example.org":
		b.staged[r.URL.Path] = body
	case !b.good[token]:
		status, answer = http.StatusUnauthorized, map[string]string{"detail": "Signature has expired."}
	case r.Method == http.MethodOptions:
	case r.URL.Path == "/images/":
		answer = map[string]any{"count": len(b.images), "results": b.images}
	case strings.HasPrefix(r.URL.Path, "/images/"):
		status, answer = b.image(strings.Trim(strings.TrimPrefix(r.URL.Path, "/images/"), "/"))
	case r.URL.Path == "/upload_mibitiff/sign_tiff_url/":
		place := "/staged/" + strconv.Itoa(len(b.requests))
		answer = map[string]string{"url": "https://storage.example.org" + place + "?signature=s", "location": place}
	case r.URL.Path == "/upload_mibitiff/":
		status, answer = b.upload(body)
	default:
		status = http.StatusNotFound
	}
	text, err := json.Marshal(answer)
	if err != nil {
		return nil, err
	}
	return &http.Response{StatusCode: status, Header: http.Header{"Content-Type": {"application/json"}}, Body: io.NopCloser(bytes.NewReader(text)), Request: r}, nil
}

func (b *watchBackend) image(id string) (int, any) {
	for _, image := range b.images {
		if strconv.FormatInt(image.ID, 10) == id {
			if b.slow--; b.slow <= 0 && b.pending[image.ID] != nil {
				b.pending[image.ID]()
				delete(b.pending, image.ID)
			}
			return http.StatusOK, image
		}
	}
	return http.StatusNotFound, nil
}

func (b *watchBackend) upload(body []byte) (int, any) {
	var asked struct {
		Location string `json:"location"`
	}
	if err := json.Unmarshal(body, &asked); err != nil {
		return http.StatusBadRequest, err.Error()
	}
	content := b.staged[asked.Location]
	file, err := mibitiff.Open(bytes.NewReader(content), int64(len(content)))
	if err != nil {
		return http.StatusBadRequest, err.Error()
	}
	folder := file.Metadata().Folder.String()
	at := slices.IndexFunc(b.images, func(i *mibitracker.Image) bool { return i.Folder == folder })
	if at < 0 {
		return http.StatusBadRequest, "no such image"
	}
	image := b.images[at]
	image.Status = mibitracker.Statuses{"U"}
	b.pending[image.ID] = func() {
		if b.verdict != nil {
			if reason := b.verdict(content); reason != "" {
				image.Status, image.ProcessingError = mibitracker.Statuses{"E"}, reason
				return
			}
		}
		sum := sha256.Sum256(content)
		size := int64(len(content))
		image.Status, image.TIFFSHA256, image.TIFFSize = mibitracker.Statuses{"A"}, hex.EncodeToString(sum[:]), &size
	}
	return http.StatusOK, "queued"
}

// watchTIFF is a MIBItiff of a folder of a run, other for each seed.
func watchTIFF(t *testing.T, run, folder string, seed uint64) []byte {
	t.Helper()
	content, err := smallTIFF(run, folder, seed)
	if err != nil {
		t.Fatal(err)
	}
	return content
}

// smallTIFF is a MIBItiff of three channels.
func smallTIFF(run, folder string, seed uint64) ([]byte, error) {
	number, _, _ := strings.Cut(folder, "/")
	meta := mibi.Metadata{
		Run: mibi.Text(run), FOVID: mibi.Text(number), FOVName: mibi.Text("tonsil"), Folder: mibi.Text(folder),
		Coordinates: mibi.Pair(1, 2), Size: mibi.Float(400), Dwell: mibi.Float(4), Scans: mibi.Int(1), MassOffset: mibi.Float(0.1),
		MassGain: mibi.Float(0.6), TimeResolution: mibi.Float(0.5), Date: time.Date(2019, 3, 8, 1, 2, 3, 0, time.UTC),
	}
	rng := rand.New(rand.NewPCG(seed, 0))
	var planes []mibitiff.Plane
	channels := []mibi.Channel{{Mass: 89, Target: "dsDNA"}, {Mass: 113, Target: "CD45"}, {Mass: 159, Target: "CD3"}}
	for range channels {
		counts := make([]uint16, 32*32)
		for i := range counts {
			counts[i] = uint16(rng.IntN(9))
		}
		plane, err := mibitiff.NewPlane(32, 32, counts)
		if err != nil {
			return nil, err
		}
		planes = append(planes, plane)
	}
	var content bytes.Buffer
	err := mibitiff.Write(&content, meta, channels, planes)
	return content.Bytes(), err
}
