package mibitracker_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/openmibi/openmibi/mibitracker"
)

// storage serves one file at signed URLs that hold for a number of requests.
type storage struct {
	*recorder
	mu       sync.Mutex
	content  []byte
	uses     int // what a signed URL holds for
	signed   int
	left     map[string]int
	noRanges bool
}

func newStorage(t *testing.T, content []byte, uses int) *storage {
	s := &storage{content: content, uses: uses, left: map[string]int{}}
	s.recorder = newRecorder(t, s.serve)
	return s
}

// newWiredStorage is a storage on a wire, and the option to reach it.
func newWiredStorage(t *testing.T, content []byte, uses int) (*storage, mibitracker.Option) {
	t.Helper()
	s := &storage{content: content, uses: uses, left: map[string]int{}}
	recorder, by := newWiredRecorder(t, s.serve)
	s.recorder = recorder
	return s, by
}

func (s *storage) serve(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch r.URL.Path {
	case "/download/", "/images/1/channel_url/":
		if r.URL.Query().Get("path") == "gone" || r.URL.Query().Get("channel") == "gone" {
			reply(w, 404, map[string]string{"detail": "Not found."})
			return
		}
		s.signed++
		sig := fmt.Sprint("sig", s.signed)
		s.left[sig] = s.uses
		reply(w, 200, map[string]string{"url": s.URL + "/signed?sig=" + sig})
	case "/images/1/channelnames/":
		reply(w, 200, []string{"CD3", "CD8"})
	case "/signed":
		sig := r.URL.Query().Get("sig")
		if s.left[sig]--; s.left[sig] < 0 {
			text(w, 403, "<Error><Code>AccessDenied</Code><Message>expired</Message><Provided>"+sig+"</Provided></Error>")
			return
		}
		if s.noRanges {
			_, _ = w.Write(s.content)
			return
		}
		w.Header().Set("ETag", fmt.Sprintf(`"%x"`, sha256.Sum256(s.content)))
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(s.content))
	}
}

func noise(n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(i*i>>7 ^ i)
	}
	return b
}

func TestFilesOpen(t *testing.T) {
	t.Parallel()
	s := newStorage(t, noise(300_000), 1)
	c := newClient(t, s.URL)
	f, err := c.Files.Open(t.Context(), "run-uuid/Point1/a b.tiff")
	if err != nil {
		t.Fatal(err)
	}
	got, err := io.ReadAll(f)
	if err != nil || !bytes.Equal(got, s.content) || f.Size != 300_000 || f.ETag == "" || f.Close() != nil {
		t.Errorf("%d bytes, size %d, %v", len(got), f.Size, err)
	}
	if q := s.of("/download/")[0].Query; q != "path=run-uuid%2FPoint1%2Fa+b.tiff" {
		t.Errorf("query %s", q)
	}
	if a := s.of("/signed")[0].Auth; a != "" {
		t.Errorf("the signed URL received %q", a)
	}
	if _, err := c.Files.Open(t.Context(), "gone"); !errors.Is(err, mibitracker.ErrNotFound) {
		t.Error(err)
	}
}

func TestChannelPlane(t *testing.T) {
	t.Parallel()
	s := newStorage(t, []byte("pixels"), 1)
	c := newClient(t, s.URL)
	f, err := c.Images.ChannelPlane(t.Context(), 1, "HLA class 1 A, B")
	if err != nil {
		t.Fatal(err)
	}
	if got, err := io.ReadAll(f); err != nil || string(got) != "pixels" {
		t.Errorf("%q, %v", got, err)
	}
	_ = f.Close()
	_, err = c.Images.ChannelPlane(t.Context(), 1, "gone")
	if !errors.Is(err, mibitracker.ErrUnexpected) || !errors.Is(err, mibitracker.ErrNotFound) || !strings.Contains(err.Error(), "CD3, CD8") {
		t.Error(err)
	}
}

func TestTruncatedDownload(t *testing.T) {
	t.Parallel()
	var srv *recorder
	srv = newRecorder(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/download/" {
			reply(w, 200, map[string]string{"url": srv.URL + "/signed"})
			return
		}
		w.Header().Set("Content-Length", "1000")
		_, _ = w.Write(noise(500))
	})
	f, err := newClient(t, srv.URL).Files.Open(t.Context(), "x")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	if _, err := io.ReadAll(f); err == nil {
		t.Error("half a file was taken for a whole one")
	}
}

func TestUploadMIBItiff(t *testing.T) {
	t.Parallel()
	content := noise(200_000)
	path := filepath.Join(t.TempDir(), "fov.tiff")
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	var puts atomic.Int64
	var srv *recorder
	srv = newRecorder(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.Method + r.URL.Path {
		case "GET/upload_mibitiff/sign_tiff_url/":
			reply(w, 200, map[string]string{"url": srv.URL + "/bucket?sig=s3cret", "location": "loc/1"})
		case "PUT/bucket":
			if puts.Add(1) == 1 {
				text(w, 503, "")
			}
		case "POST/upload_mibitiff/":
			reply(w, 200, map[string]string{"status": "queued"})
		}
	})
	c := newClient(t, srv.URL)
	file, err := mibitracker.FromFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, source := range []mibitracker.Source{file, mibitracker.FromBytes("fov.tiff", content)} {
		up, err := c.Uploads.MIBItiff(t.Context(), 26, source)
		if err != nil || up.Location != "loc/1" || !strings.Contains(string(up.Answer), "queued") {
			t.Fatalf("%+v, %v", up, err)
		}
	}
	sent := srv.of("/bucket")
	if len(sent) != 3 {
		t.Fatalf("%d PUTs, want 3: the first was refused once", len(sent))
	}
	for _, r := range sent {
		if r.Auth != "" || r.Type != "image/tiff" || r.Length != 200_000 || r.Body != string(content) || r.Header.Get("Cookie") != "" {
			t.Errorf("PUT with %q, %s, length %d", r.Auth, r.Type, r.Length)
		}
	}
	if q := srv.of("/upload_mibitiff/sign_tiff_url/")[0].Query; q != "run_id=26" {
		t.Error(q)
	}
	if b := srv.of("/upload_mibitiff/")[0]; b.Body != `{"location":"loc/1","run_id":26}` || b.Type != "application/json" {
		t.Errorf("%+v", b)
	}
	if _, err := c.Uploads.MIBItiff(t.Context(), 0, file); err == nil {
		t.Error("an upload without a run was sent")
	}
	if _, err := mibitracker.FromFile(t.TempDir()); err == nil {
		t.Error("a folder is a file")
	}
}

func TestCreateRun(t *testing.T) {
	t.Parallel()
	var n atomic.Int64
	srv := newRecorder(t, func(w http.ResponseWriter, r *http.Request) {
		if n.Add(1) == 1 {
			text(w, 502, "<html>")
			return
		}
		reply(w, 201, map[string]any{"id": 26, "label": "lab"})
	})
	name := `odd "µ" run.xml`
	run, err := newClient(t, srv.URL).Runs.Create(t.Context(), mibitracker.NewRun{
		XML: mibitracker.FromBytes(name, []byte("<D/>")), Label: "lab", Instrument: 2, Slides: []int64{5, 6},
		FOVSize: 400.5, RunDate: "2019-03-08", Fields: map[string]string{"operator": "me"},
	})
	if err != nil || run.ID != 26 {
		t.Fatalf("%v, %v", run, err)
	}
	for _, r := range srv.of("/runs/") {
		_, params, err := mime.ParseMediaType(r.Type)
		if err != nil || r.Length != int64(len(r.Body)) {
			t.Fatalf("%v, length %d of %d", err, r.Length, len(r.Body))
		}
		form, err := multipart.NewReader(strings.NewReader(r.Body), params["boundary"]).ReadForm(1 << 20)
		if err != nil {
			t.Fatal(err)
		}
		want := map[string]string{"label": "lab", "instrument": "2", "slides": "5,6", "fov_size": "400.5", "user_run_date": "2019-03-08T00:00:00", "operator": "me"}
		for field, value := range want {
			if got := form.Value[field]; len(got) != 1 || got[0] != value {
				t.Errorf("%s = %q, want %q", field, got, value)
			}
		}
		if len(form.Value) != len(want) {
			t.Errorf("fields %v", form.Value)
		}
		file := form.File["xml"][0]
		if file.Filename != name || file.Header.Get("Content-Type") != "application/xml" || file.Size != 4 {
			t.Errorf("file %+v", file)
		}
	}
	if len(srv.of("/runs/")) != 2 {
		t.Error("the 502 was not retried")
	}
}

// A file that shrinks or grows while it is sent must not pass for whole.
func TestSourceThatChanges(t *testing.T) {
	t.Parallel()
	srv := newRecorder(t, func(w http.ResponseWriter, r *http.Request) { reply(w, 201, map[string]int{"id": 1}) })
	for _, size := range []int64{3, 5} {
		s := mibitracker.FromBytes("a.xml", []byte("<D/>"))
		s.Size = size
		inner := s.Open
		s.Open = func() (io.ReadCloser, error) {
			if size == 5 {
				return inner()
			}
			return io.NopCloser(strings.NewReader("<D/>")), nil
		}
		if run, err := newClient(t, srv.URL).Runs.Create(t.Context(), mibitracker.NewRun{XML: s, Label: "l", Instrument: 1}); err == nil || !strings.Contains(err.Error(), "a.xml changed its size") {
			t.Errorf("size %d: %v, %v", size, run, err)
		}
	}
}

func TestWaitAvailable(t *testing.T) {
	t.Parallel()
	var n atomic.Int64
	srv := newRecorder(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/images/1/":
			// First nothing, then the old data, then the new.
			answers := []map[string]any{
				{"id": 1, "status": []string{"U"}},
				{"id": 1, "status": []string{"A"}, "tiff_sha256": "0ld"},
				{"id": 1, "status": []string{"A", "M"}, "tiff_sha256": "NEW"},
			}
			reply(w, 200, answers[min(n.Add(1), 3)-1])
		case "/images/2/":
			reply(w, 200, map[string]any{"id": 2, "status": []string{"E"}, "processing_error": "it is torn"})
		case "/images/3/":
			reply(w, 200, map[string]any{"id": 3, "status": []string{"A"}})
		default:
			reply(w, 200, map[string]any{"id": 4, "status": []string{"U"}})
		}
	})
	c := newClient(t, srv.URL)
	if image, err := c.Images.WaitAvailable(t.Context(), 1, "new"); err != nil || image.TIFFSHA256 != "NEW" || n.Load() != 3 {
		t.Errorf("%v, %v after %d polls", image, err, n.Load())
	}
	_, err := c.Images.WaitAvailable(t.Context(), 2, "new")
	var failed *mibitracker.ProcessingError
	if !errors.As(err, &failed) || !errors.Is(err, mibitracker.ErrProcessing) || failed.Reason != "it is torn" {
		t.Error(err)
	}
	if _, err := c.Images.WaitAvailable(t.Context(), 3, "new"); err != nil {
		t.Errorf("a backend without hashes: %v", err)
	}
	n.Store(0)
	var shown []string
	stop := errors.New("another")
	_, err = c.Images.WaitAvailableUnless(t.Context(), 1, "mine", func(image *mibitracker.Image) error {
		if shown = append(shown, image.TIFFSHA256); image.TIFFSHA256 == "NEW" {
			return stop
		}
		return nil
	})
	if !errors.Is(err, stop) || strings.Join(shown, " ") != " 0ld NEW" {
		t.Errorf("shown %q: %v", shown, err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	if _, err := c.Images.WaitAvailable(ctx, 4, "new"); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("at the context's end: %v", err)
	}
}

func TestSmallServices(t *testing.T) {
	t.Parallel()
	srv := newRecorder(t, func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.Method == "POST":
			reply(w, 201, map[string]any{"id": 9, "name": "n"})
		default:
			reply(w, 200, []any{map[string]any{"id": 9, "code": "A", "name": "n", "target": "CD3", "mass": 69}})
		}
	})
	c := newClient(t, srv.URL)
	ctx := t.Context()
	project, err := c.Projects.Create(ctx, mibitracker.NewProject{Name: "n"})
	if err != nil || project.ID != 9 || srv.of("/projects/")[0].Body != `{"name":"n"}` {
		t.Errorf("%v, %v", project, err)
	}
	set, err := c.ImageSets.Create(ctx, mibitracker.NewImageSet{Name: "n", Images: []int64{10, 11}, Project: 1})
	if err != nil || set.ID != 9 || srv.of("/imagesets/")[0].Body != `{"images":[10,11],"name":"n","project":1,"description":null}` {
		t.Errorf("%v, %v: %s", set, err, srv.of("/imagesets/")[0].Body)
	}
	if p, err := c.Apertures.List(ctx, mibitracker.ListOptions{}); err != nil || p.Results[0].Code != "A" {
		t.Errorf("%v, %v", p, err)
	}
	if p, err := c.Instruments.List(ctx, mibitracker.ListOptions{}); err != nil || p.Results[0].Name != "n" {
		t.Errorf("%v, %v", p, err)
	}
	if all, err := c.Images.Conjugates(ctx, 3); err != nil || all[0].Mass != 69 || srv.of("/images/3/conjugates/")[0].Query != "paging=no" {
		t.Errorf("%v, %v", all, err)
	}
}

// Cookies and a caller's own transport serve the API; a signed URL gets
// neither cookie nor token, and an error of it does not repeat its signature.
func TestSignedURLsStayApart(t *testing.T) {
	t.Parallel()
	s := newStorage(t, nil, 0)
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(s.URL)
	if err != nil {
		t.Fatal(err)
	}
	jar.SetCookies(u, []*http.Cookie{{Name: "session", Value: "s3cret"}})
	own := &http.Client{Jar: jar}
	c := newClient(t, s.URL, mibitracker.WithHTTPClient(own), mibitracker.WithUserAgent("lab/1"))
	_, err = c.Files.Open(t.Context(), "x")
	if !errors.Is(err, mibitracker.ErrForbidden) || !errors.Is(err, mibitracker.ErrLinkRefused) || !strings.Contains(err.Error(), "AccessDenied: expired") || strings.Contains(err.Error(), "sig2") {
		t.Errorf("%v", err)
	}
	if own.Transport != nil || own.CheckRedirect != nil || own.Jar == nil {
		t.Error("the caller's HTTP client was changed")
	}
	if n := len(s.of("/signed")); n != 2 {
		t.Errorf("%d attempts, want one with each of two signatures", n)
	}
	for _, r := range s.all() {
		cookie, agent := r.Header.Get("Cookie"), r.Header.Get("User-Agent")
		if (r.Path == "/signed") != (cookie == "") || r.Path == "/signed" && r.Auth != "" || agent != "lab/1" {
			t.Errorf("%s went with cookie %q, Authorization %q, User-Agent %q", r.Path, cookie, r.Auth, agent)
		}
	}
	c.CloseIdleConnections()
}

// The timeout is for a silent network, not for a reader that takes its time.
func TestSlowReaderIsNotSilence(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, by := newWiredStorage(t, noise(5_000_000), 1)
		const limit = time.Second
		f, err := newClient(t, s.URL, by, mibitracker.WithTransferTimeout(limit)).Files.Open(t.Context(), "x")
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = f.Close() }()
		for range 2 {
			pause := time.NewTimer(3 * limit / 2)
			<-pause.C
			if _, err := io.CopyN(io.Discard, f, 1000); err != nil {
				t.Fatal(err)
			}
		}
		if n, err := io.Copy(io.Discard, f); err != nil || n != 5_000_000-2000 {
			t.Errorf("%d bytes, %v", n, err)
		}
	})
}
