package mibitracker_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"maps"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/openmibi/openmibi/mibitiff"
	"github.com/openmibi/openmibi/mibitracker"
)

// cutRange answers the range that is asked for as if the connection broke after n
// bytes of it.
func cutRange(w http.ResponseWriter, r *http.Request, content []byte, n int) {
	from, to := asked(r)
	w.Header().Set("ETag", etagOf(content))
	w.Header().Set("Content-Range", "bytes "+strconv.Itoa(from)+"-"+strconv.Itoa(to)+"/"+strconv.Itoa(len(content)))
	w.WriteHeader(http.StatusPartialContent)
	_, _ = w.Write(content[from:min(from+n, to+1)])
}

func asked(r *http.Request) (from, to int) {
	first, last, _ := strings.Cut(strings.TrimPrefix(r.Header.Get("Range"), "bytes="), "-")
	from, _ = strconv.Atoi(first)
	to, _ = strconv.Atoi(last)
	return from, to
}

func TestRemoteFileGoesOn(t *testing.T) {
	t.Parallel()
	content := noise(200_000)
	for name, c := range map[string]struct {
		serve  func(call int64, w http.ResponseWriter, r *http.Request)
		ranges int
		ok     bool
	}{
		// As long as something comes, it goes on: 3 repetitions are for those that bring nothing.
		"a bit at a time":    {func(_ int64, w http.ResponseWriter, r *http.Request) { cutRange(w, r, content, 10_000) }, 11, true},
		"now and then":       {func(n int64, w http.ResponseWriter, r *http.Request) { cutRange(w, r, content, int(n%3/2)*60_000) }, 6, true},
		"nothing ever comes": {func(_ int64, w http.ResponseWriter, r *http.Request) { cutRange(w, r, content, 0) }, 5, false},
	} {
		synctest.Test(t, func(t *testing.T) {
			var calls atomic.Int64
			b := &far{content: content}
			b.serve = func(w http.ResponseWriter, r *http.Request, content []byte) {
				if len(b.ranges) == 1 {
					serveRanges(w, r, content) // the beginning, when it is opened
					return
				}
				c.serve(calls.Add(1), w, r)
			}
			f, err := b.client(t).Files.OpenAt(t.Context(), "x")
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = f.Close() }()
			p := make([]byte, 100_000)
			n, err := f.ReadAt(p, 50_000)
			ranges, _ := b.moved()
			var broken *mibitracker.BrokenError
			if c.ok && (err != nil || n != len(p) || !bytes.Equal(p, content[50_000:150_000])) {
				t.Errorf("%s: %d bytes, %v", name, n, err)
			}
			if !c.ok && (!errors.As(err, &broken) || broken.At != 50_000 || broken.Size != 200_000 || strings.Contains(err.Error(), "sig=1")) {
				t.Errorf("%s: %d bytes, %v", name, n, err)
			}
			if ranges != c.ranges {
				t.Errorf("%s: %d requests, want %d: %v", name, ranges, c.ranges, b.ranges)
			}
		})
	}
}

// What the storage says of a range has to be what was asked for.
func TestRemoteFileLies(t *testing.T) {
	t.Parallel()
	content := noise(200_000)
	for name, c := range map[string]struct {
		header, length string
		n              int
		want           error
	}{
		"another place":     {"bytes 50001-150000/200000", "", 100_000, mibitracker.ErrUnexpected},
		"no place":          {"", "", 100_000, mibitracker.ErrUnexpected},
		"garbage":           {"bytes 50000-149999/200000x", "", 100_000, mibitracker.ErrUnexpected},
		"signs":             {"bytes +50000-149999/200000", "", 100_000, mibitracker.ErrUnexpected},
		"too little":        {"bytes 50000-60000/200000", "", 10_001, mibitracker.ErrUnexpected},
		"too much":          {"bytes 50000-150000/200000", "", 100_001, mibitracker.ErrUnexpected},
		"a longer body":     {"bytes 50000-149999/200000", "", 100_001, mibitracker.ErrUnexpected},
		"a longer length":   {"bytes 50000-149999/200000", "100001", 100_000, mibitracker.ErrUnexpected},
		"a shorter length":  {"bytes 50000-149999/200000", "99999", 99_999, mibitracker.ErrUnexpected},
		"a shorter body":    {"bytes 50000-149999/200000", "", 0, io.ErrUnexpectedEOF},
		"a file of no size": {"bytes 50000-149999/*", "", 100_000, mibitracker.ErrUnexpected},
		"another size":      {"bytes 50000-149999/200001", "", 100_000, mibitracker.ErrChanged},
	} {
		synctest.Test(t, func(t *testing.T) {
			b := &far{content: content}
			b.serve = func(w http.ResponseWriter, r *http.Request, content []byte) {
				if len(b.ranges) == 1 {
					serveRanges(w, r, content)
					return
				}
				maps.Copy(w.Header(), http.Header{"Etag": {etagOf(content)}, "Content-Range": {c.header}})
				if c.length != "" {
					w.Header().Set("Content-Length", c.length)
				}
				w.WriteHeader(http.StatusPartialContent)
				_, _ = w.Write(content[50_000:][:c.n])
			}
			f, err := b.client(t).Files.OpenAt(t.Context(), "x")
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = f.Close() }()
			if n, err := f.ReadAt(make([]byte, 100_000), 50_000); n != 0 || !errors.Is(err, c.want) {
				t.Errorf("%s: %d bytes, %v; want %v", name, n, err, c.want)
			}
			if got, _ := b.moved(); errors.Is(c.want, mibitracker.ErrUnexpected) && got != 2 {
				t.Errorf("%s: %d requests, a lie is not worth a repetition", name, got-1)
			}
		})
	}
}

// Readers of the same bytes share one request; readers of others do not wait
// for it.
func TestRemoteFileSharesWhatIsOnItsWay(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		content := noise(400_000)
		b := &far{content: content, delay: delay}
		f, err := b.client(t).Files.OpenAt(t.Context(), "x")
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = f.Close() }()
		began := time.Now()
		var wg sync.WaitGroup
		for i := range 32 {
			wg.Go(func() {
				p := make([]byte, 100_000)
				if n, err := f.ReadAt(p[:90_000], 6000); err != nil || !bytes.Equal(p[:n], content[6000:96_000]) {
					t.Errorf("%d bytes, %v", n, err)
				}
				off := 100_000 + int64(i)*2000 // pieces that overlap
				if n, err := f.ReadAt(p[:3000], off); err != nil || !bytes.Equal(p[:n], content[off:off+3000]) {
					t.Errorf("%d bytes at %d, %v", n, off, err)
				}
			})
		}
		wg.Wait()
		spent := time.Since(began)
		ranges, moved := b.moved()
		once := int64(0)
		for at, fetched := range b.fetched() {
			if !fetched && (at < 4096 || at >= 100_000 && at < 165_000 || at >= 6000 && at < 96_000) {
				t.Fatalf("byte %d was read, but never asked for", at)
			}
			if fetched {
				once++
			}
		}
		if moved != once || ranges > 2+32 || spent > 4*delay {
			t.Errorf("%d bytes, of which %d for the first time, in %d ranges, after %v: %v", moved, once, ranges, spent, b.ranges)
		}
		// What is read ahead depends on who came first: it is at most as long
		// as what was read.
		if ahead := once - 4096 - 65_000 - 90_000; ahead > 65_000 {
			t.Errorf("%d bytes that nobody asked for", ahead)
		}
	})
}

// What was fetched on a guess, and was refused, is no reader's failure.
func TestRemoteFileGuessFails(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		content := noise(900_000)
		var refused atomic.Int64
		var seen sync.Map
		b := &far{content: content, delay: delay, serve: func(w http.ResponseWriter, r *http.Request, content []byte) {
			if from, _ := asked(r); from > 350_000 {
				if _, again := seen.LoadOrStore(from/100_000, true); !again {
					refused.Add(1)
					text(w, http.StatusTooManyRequests, "slow down")
					return
				}
			}
			serveRanges(w, r, content)
		}}
		f, err := b.client(t).Files.OpenAt(t.Context(), "x")
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = f.Close() }()
		read := func(off int64) {
			p := make([]byte, 100)
			if n, err := f.ReadAt(p, off); err != nil || !bytes.Equal(p[:n], content[off:off+100]) {
				t.Errorf("%d bytes at %d, %v", n, off, err)
			}
		}
		read(100_000)
		read(200_000)
		var first sync.WaitGroup
		first.Go(func() { read(300_000) }) // and those that are as far apart
		synctest.Wait()
		read(400_000)
		first.Wait()
		if refused.Load() == 0 {
			t.Error("nothing was fetched on a guess")
		}
	})
}

// A large read goes through what is known here and there: it is one request.
func TestRemoteFileReadsThroughWhatIsKnown(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		content := sparseTIFF(t, 128)
		hint, _ := indexOf(t, content)
		b := &far{content: content, hint: hint}
		f, err := b.client(t).Files.OpenAt(t.Context(), "x")
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = f.Close() }()
		for _, off := range []int{0, 1, 5000, len(content) / 2} {
			before, _ := b.moved()
			all := make([]byte, len(content)-off)
			if n, err := f.ReadAt(all, int64(off)); n != len(all) || err != nil || !bytes.Equal(all, content[off:]) {
				t.Errorf("%d bytes at %d, %v", n, off, err)
			}
			if after, _ := b.moved(); after-before > 1 {
				t.Errorf("%d bytes at %d cost %d requests", len(all), off, after-before)
			}
		}
	})
}

func TestReadPlanesAtOnce(t *testing.T) {
	t.Parallel()
	content := sparseTIFF(t, 256)
	files := newStorage(t, content, 1000)
	at, err := newClient(t, files.URL).Files.OpenAt(t.Context(), "x")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = at.Close() }()
	remote, err := mibitiff.Open(at, at.Size(), mibitiff.WithReadAhead(1))
	if err != nil {
		t.Fatal(err)
	}
	local, err := mibitiff.Open(bytes.NewReader(content), int64(len(content)))
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for i := range 32 {
		wg.Go(func() {
			for _, page := range []int{i, 0, 39 - i} {
				got, err := remote.ReadPlane(t.Context(), page)
				want, err2 := local.ReadPlane(t.Context(), page)
				if err != nil || err2 != nil || !got.Equal(want) {
					t.Errorf("page %d: %v, %v", page, err, err2)
				}
			}
		})
	}
	wg.Wait()
}

// The context of opening ends what is being read, with its cause.
func TestRemoteFileEndsWithItsContext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := &far{content: noise(200_000), delay: 5 * time.Second}
		reason := errors.New("lunch")
		ctx, cancel := context.WithCancelCause(t.Context())
		f, err := b.client(t).Files.OpenAt(ctx, "x")
		if err != nil {
			t.Fatal(err)
		}
		time.AfterFunc(time.Second, func() { cancel(reason) })
		began := time.Now()
		if _, err := f.ReadAt(make([]byte, 10), 100_000); !errors.Is(err, context.Canceled) || time.Since(began) != time.Second {
			t.Errorf("after %v: %v", time.Since(began), err)
		}
		if _, err := f.ReadAt(make([]byte, 10), 100_000); !errors.Is(err, reason) {
			t.Errorf("after the end: %v", err)
		}
		_ = f.Close()
	})
}
