package mibitracker_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/openmibi/openmibi/mibitracker"
)

func TestRemoteFile(t *testing.T) {
	t.Parallel()
	s := newStorage(t, noise(100_000), 3)
	f, err := newClient(t, s.URL).Files.OpenAt(t.Context(), "x")
	if err != nil {
		t.Fatal(err)
	}
	if f.Size() != 100_000 || f.ETag() == "" {
		t.Errorf("size %d, ETag %s", f.Size(), f.ETag())
	}
	read := func(off int64, n, want int, wantErr error) {
		t.Helper()
		p := make([]byte, n)
		got, err := f.ReadAt(p, off)
		if got != want || !errors.Is(err, wantErr) || !bytes.Equal(p[:got], s.content[min(off, 100_000):][:got]) {
			t.Errorf("ReadAt(%d bytes, %d) = %d, %v; want %d, %v", n, off, got, err, want, wantErr)
		}
	}
	// 100 small reads of what was read ahead cost nothing more.
	for i := range 100 {
		read(int64(i*40), 10, 10, nil)
	}
	if n := len(s.of("/signed")); n != 1 {
		t.Errorf("%d requests for the beginning, want 1", n)
	}
	read(50_000, 20_000, 20_000, nil) // a large read: exactly what was asked
	if got := s.of("/signed")[1].Header; got.Get("Range") != "bytes=50000-69999" || got.Get("If-Range") != f.ETag() || got.Get("Authorization") != "" {
		t.Errorf("header %v", got)
	}
	before := len(s.of("/signed"))
	read(30_000, 10, 10, nil)
	read(30_100, 10, 10, nil)
	if n := len(s.of("/signed")) - before; n != 1 {
		t.Errorf("%d requests for two small reads side by side, want 1", n)
	}
	read(4_000, 400, 400, nil) // half of it is there already
	read(99_990, 100, 10, io.EOF)
	read(99_990, 10, 10, nil)
	read(100_000, 10, 0, io.EOF)
	read(200_000, 10, 0, io.EOF)
	read(20_000, 0, 0, nil)
	if s.signed != 2 {
		t.Errorf("signed %d times, want 2: a URL holds for 3 requests", s.signed)
	}
	if _, err := f.ReadAt(make([]byte, 1), -1); err == nil {
		t.Error("a negative offset was read")
	}
	s.mu.Lock()
	s.uses, s.left = 1000, map[string]int{} // whatever was signed has expired
	s.mu.Unlock()
	var wg sync.WaitGroup
	for i := range 32 {
		wg.Go(func() { read(int64(i*3000), 5000, 5000, nil) })
	}
	wg.Wait()
	if s.signed != 3 {
		t.Errorf("32 readers signed %d times, want once", s.signed-2)
	}
	_ = f.Close()
	if _, err := f.ReadAt(make([]byte, 20_000), 70_000); !errors.Is(err, context.Canceled) {
		t.Errorf("after Close: %v", err)
	}
}

func TestRemoteFileChanged(t *testing.T) {
	t.Parallel()
	s := newStorage(t, noise(100_000), 100)
	f, err := newClient(t, s.URL).Files.OpenAt(t.Context(), "x")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	s.mu.Lock()
	s.content = append(noise(99_999), 0)
	s.mu.Unlock()
	if _, err := f.ReadAt(make([]byte, 10), 60_000); !errors.Is(err, mibitracker.ErrChanged) {
		t.Errorf("of the same size: %v", err)
	}
}

func TestRemoteFileOddStorages(t *testing.T) {
	t.Parallel()
	s := newStorage(t, noise(1000), 100)
	s.noRanges = true
	if _, err := newClient(t, s.URL).Files.OpenAt(t.Context(), "x"); !errors.Is(err, mibitracker.ErrNoRanges) {
		t.Errorf("without ranges: %v", err)
	}
	empty := newStorage(t, nil, 100)
	f, err := newClient(t, empty.URL).Files.OpenAt(t.Context(), "x")
	if err == nil {
		if n, err := f.ReadAt(make([]byte, 1), 0); f.Size() != 0 || n != 0 || !errors.Is(err, io.EOF) {
			t.Errorf("an empty file: %d, %v", n, err)
		}
	} else if !errors.Is(err, mibitracker.ErrNoRanges) {
		t.Errorf("an empty file: %v", err)
	}
	for _, header := range []string{"", "bytes 5-14/1000", "bytes 0-99999/100000", "bytes 0-9/5", "bytes 0-9/1000"} {
		var srv *recorder
		srv = newRecorder(t, func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/download/" {
				reply(w, 200, map[string]string{"url": srv.URL + "/signed"})
				return
			}
			w.Header().Set("Content-Range", header)
			w.WriteHeader(http.StatusPartialContent)
			_, _ = w.Write(noise(10))
		})
		if _, err := newClient(t, srv.URL).Files.OpenAt(t.Context(), "x"); !errors.Is(err, mibitracker.ErrUnexpected) {
			t.Errorf("Content-Range %q: %v", header, err)
		}
	}
}

// A storage that does not know If-Range still tells by its tag.
func TestRemoteFileChangedWithoutIfRange(t *testing.T) {
	t.Parallel()
	var n atomic.Int64
	var srv *recorder
	srv = newRecorder(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/download/" {
			reply(w, 200, map[string]string{"url": srv.URL + "/signed"})
			return
		}
		version := n.Add(1)
		w.Header().Set("ETag", fmt.Sprintf(`"v%d"`, version))
		r.Header.Del("If-Range")
		size := 50_000
		if version > 2 {
			size = 30_000
		}
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(noise(size)))
	})
	f, err := newClient(t, srv.URL).Files.OpenAt(t.Context(), "x")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	if _, err := f.ReadAt(make([]byte, 10), 40_000); !errors.Is(err, mibitracker.ErrChanged) {
		t.Error(err)
	}
	if _, err := f.ReadAt(make([]byte, 10), 40_000); !errors.Is(err, mibitracker.ErrChanged) {
		t.Errorf("by a shorter one: %v", err)
	}
}
