package mibitracker_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/md5"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/openmibi/openmibi/mibitracker"
)

func zipped(b []byte) []byte {
	var out bytes.Buffer
	zip := gzip.NewWriter(&out)
	_, _ = zip.Write(b)
	_ = zip.Close()
	return out.Bytes()
}

// What goes wrong on the way ends with the right bytes or with a typed error.
func TestStreamFaults(t *testing.T) {
	t.Parallel()
	content, other := noise(400_000), append([]byte("x"), noise(399_999)...)
	old := time.Now().Add(-time.Hour)
	flipped := slices.Clone(content)
	flipped[70_000] ^= 1
	sumOf := md5.Sum(content)
	google := func(s *weather) {
		s.tag = func([]byte) string { return `"CKih16GjycICEAE="` }
		s.header.Add("X-Goog-Hash", "crc32c=AAAAAA==")
		s.header.Add("X-Goog-Hash", "md5="+base64.StdEncoding.EncodeToString(sumOf[:]))
	}
	for name, test := range map[string]struct {
		faults []fault
		setup  func(*weather)
		want   error // nil: the content
		opts   []mibitracker.Option
		ranges string // what was asked for, in order; empty: not looked at
	}{
		"nothing":                 {ranges: ""},
		"reset":                   {faults: []fault{reset(100_000)}},
		"reset before a byte":     {faults: []fault{reset(0)}},
		"truncated":               {faults: []fault{truncated(1000)}, ranges: " 1000-"},
		"truncated twice":         {faults: []fault{truncated(1000), truncated(2000)}, ranges: " 1000- 3000-"},
		"truncated at the end":    {faults: []fault{truncated(399_999)}, ranges: " 399999-"},
		"502 and 503":             {faults: []fault{truncated(5), status(502), status(503), status(502)}, ranges: " 5- 5- 5- 5-"},
		"500 and 504":             {faults: []fault{truncated(5), status(500), status(504)}, ranges: " 5- 5- 5-"},
		"500 for ever":            {faults: append([]fault{truncated(5)}, slices.Repeat([]fault{status(500)}, 9)...), want: mibitracker.ErrServer, ranges: " 5- 5- 5-"},
		"502 for ever":            {faults: append([]fault{truncated(5)}, slices.Repeat([]fault{status(502)}, 9)...), want: mibitracker.ErrServer, ranges: " 5- 5- 5- 5-"},
		"gone":                    {faults: []fault{truncated(5), status(404), status(404), status(404)}, want: mibitracker.ErrNotFound},
		"nothing comes any more":  {faults: append([]fault{truncated(5)}, slices.Repeat([]fault{truncated(0)}, 9)...), want: io.ErrUnexpectedEOF, ranges: " 5- 5- 5-"},
		"no retries":              {faults: []fault{truncated(5)}, opts: []mibitracker.Option{mibitracker.WithRetries(0, 0, 0)}, want: io.ErrUnexpectedEOF},
		"many breaks":             {faults: slices.Repeat([]fault{truncated(3000)}, 50)},
		"expired halfway":         {faults: []fault{and(expire, truncated(90_000))}, ranges: " 90000- 90000-"},
		"expired again":           {faults: []fault{and(expire, truncated(9)), and(expire, truncated(9)), and(expire, truncated(9))}},
		"refused for good":        {faults: []fault{and(func(s *weather) { s.expired = 1000 }, truncated(9))}, want: mibitracker.ErrForbidden, ranges: " 9- 9-"},
		"replaced":                {faults: []fault{and(replaceBy(other), truncated(9))}, want: mibitracker.ErrChanged},
		"replaced by less":        {faults: []fault{and(replaceBy(content[:5]), truncated(9))}, want: mibitracker.ErrChanged},
		"replaced before a byte":  {faults: []fault{and(replaceBy(other), truncated(0))}, want: mibitracker.ErrChanged},
		"replaced, no If-Range":   {faults: []fault{and(replaceBy(other), truncated(9)), func(_ *weather, _ http.ResponseWriter, r *http.Request) bool { r.Header.Del("If-Range"); return false }}, want: mibitracker.ErrChanged},
		"no ranges":               {setup: func(s *weather) { s.noRanges = true }, faults: []fault{truncated(9)}, want: mibitracker.ErrNoRanges},
		"no ranges, nothing read": {setup: func(s *weather) { s.noRanges = true }, faults: []fault{truncated(0)}},
		"ranges denied":           {setup: func(s *weather) { s.noRanges = true; s.header.Set("Accept-Ranges", "none") }, faults: []fault{truncated(9)}, want: mibitracker.ErrNoRanges, ranges: ""},
		"no ETag":                 {setup: func(s *weather) { s.tag, s.modified = nil, old }, faults: []fault{truncated(9)}, ranges: " 9-"},
		"no ETag, replaced": {setup: func(s *weather) { s.tag, s.modified = nil, old }, want: mibitracker.ErrChanged,
			faults: []fault{and(func(s *weather) { s.content, s.modified = other, old.Add(time.Minute) }, truncated(9))}},
		"no ETag, a new date": {setup: func(s *weather) { s.tag, s.modified = nil, time.Now().Add(time.Hour) }, faults: []fault{truncated(9)}, want: io.ErrUnexpectedEOF, ranges: ""},
		"no validators":       {setup: func(s *weather) { s.tag = nil }, faults: []fault{truncated(9)}, want: io.ErrUnexpectedEOF, ranges: ""},
		"weak ETag":           {setup: func(s *weather) { s.tag = func([]byte) string { return `W/"1"` } }, faults: []fault{truncated(9)}, want: io.ErrUnexpectedEOF},
		"weak ETag and date":  {setup: func(s *weather) { s.tag, s.modified = func([]byte) string { return `W/"1"` }, old }, faults: []fault{truncated(9)}, ranges: " 9-"},
		"length too large":    {faults: []fault{announcing(400_100, 400_000)}, want: mibitracker.ErrChanged},
		"length too small":    {faults: []fault{announcing(1000, 1000)}, want: mibitracker.ErrCorrupt},
		"a flipped bit": {want: mibitracker.ErrCorrupt,
			setup: func(s *weather) { s.content, s.tag = flipped, func([]byte) string { return shaTag(content) } }},
		"a flipped bit, digest": {want: mibitracker.ErrCorrupt, setup: func(s *weather) {
			s.content, s.tag = flipped, func([]byte) string { return `"v1"` }
			s.header.Set("Repr-Digest", "sha-256=:"+strings.Repeat("A", 43)+"=:")
		}},
		"digest":                {setup: func(s *weather) { s.digest, s.tag = true, func([]byte) string { return `"v1"` } }, faults: []fault{truncated(9)}},
		"digest before the tag": {setup: func(s *weather) { s.digest, s.tag = true, func([]byte) string { return shaTag(other) } }},
		"S3 tag is no digest":   {setup: func(s *weather) { s.tag = func([]byte) string { return `"` + strings.Repeat("0", 32) + `"` } }},
		"Google's hash":         {setup: google, faults: []fault{truncated(9)}},
		"Google's hash differs": {setup: func(s *weather) { google(s); s.content = flipped }, want: mibitracker.ErrCorrupt},
		"Google's hash of what is stored zipped": {setup: func(s *weather) {
			google(s)
			s.header.Set("X-Goog-Hash", "md5=AAAAAAAAAAAAAAAAAAAAAA==")
			s.header.Set("X-Goog-Stored-Content-Encoding", "gzip")
		}},
		"Google's other hash differs": {want: mibitracker.ErrCorrupt, setup: func(s *weather) {
			google(s)
			s.header["X-Goog-Hash"] = []string{"crc32c=AAAAAA=="}
		}},
		"redirect": {faults: []fault{func(s *weather, w http.ResponseWriter, r *http.Request) bool {
			http.Redirect(w, r, s.URL+"/elsewhere", http.StatusFound)
			return true
		}}},
		"redirect of the rest": {faults: []fault{truncated(70), func(s *weather, w http.ResponseWriter, r *http.Request) bool {
			http.Redirect(w, r, s.URL+"/elsewhere", http.StatusTemporaryRedirect)
			return true
		}}},
		"another range": {want: mibitracker.ErrUnexpected, faults: []fault{truncated(70), func(_ *weather, _ http.ResponseWriter, r *http.Request) bool {
			r.Header.Set("Range", "bytes=71-")
			return false
		}}},
		"the rest in pieces":       {faults: []fault{truncated(70), only("70-99"), only("100-999")}, ranges: " 70- 100- 1000-"},
		"gone, and there again":    {faults: []fault{truncated(5), status(404)}, ranges: " 5- 5-"},
		"an answer without a file": {want: mibitracker.ErrUnexpected, faults: []fault{status(204)}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newWeather(t, content, test.faults...)
			if test.setup != nil {
				test.setup(s)
			}
			f, err := newClient(t, s.URL, test.opts...).Files.Open(t.Context(), "x")
			if err != nil {
				if test.want == nil || !errors.Is(err, test.want) {
					t.Fatal(err)
				}
				return
			}
			got, err := io.ReadAll(f)
			if !errors.Is(err, test.want) || (err != nil) != (test.want != nil) || err == nil && !bytes.Equal(got, content) {
				t.Errorf("%d bytes, %v; want %v", len(got), err, test.want)
			}
			if err != nil {
				if _, again := f.Read(make([]byte, 1)); !errors.Is(again, test.want) {
					t.Errorf("reading on gives %v", again)
				}
				if strings.Contains(err.Error(), "sig=") {
					t.Errorf("a secret is told: %v", err)
				}
			}
			if test.ranges != "" && s.ranges() != test.ranges {
				t.Errorf("asked for %q, want %q", s.ranges(), test.ranges)
			}
			if err := f.Close(); err != nil {
				t.Error(err)
			}
		})
	}
}

// Many storms, each made of a seed: what is read is right, or the error says
// that it is not whole.
func TestStreamStorms(t *testing.T) {
	t.Parallel()
	content := noise(200_000)
	right := 0
	for seed := range uint64(60) {
		random := rand.New(rand.NewPCG(seed, 1))
		var faults []fault
		for range 1 + random.IntN(12) {
			n := random.IntN(len(content) / 4)
			faults = append(faults, []fault{reset(n), truncated(n), status(502), status(503), status(500), and(expire, reset(n)), and(expire, truncated(n)), nil}[random.IntN(8)])
		}
		s := newWeather(t, content, faults...)
		f, err := newClient(t, s.URL).Files.Open(t.Context(), "x")
		if err != nil {
			var refused *mibitracker.APIError
			if !errors.As(err, &refused) {
				t.Errorf("seed %d: %v", seed, err)
			}
			continue
		}
		got, err := io.ReadAll(f)
		var broken *mibitracker.BrokenError
		switch {
		case err == nil && bytes.Equal(got, content):
			right++
		case err == nil, !errors.As(err, &broken), !bytes.HasPrefix(content, got), broken.At != int64(len(got)):
			t.Errorf("seed %d: %d bytes, %v", seed, len(got), err)
		}
		_ = f.Close()
	}
	if right < 40 {
		t.Errorf("only %d of 60 storms were weathered", right)
	}
}

// A proxy that compresses without being asked is undone.
func TestStreamCompressedByProxy(t *testing.T) {
	t.Parallel()
	content := []byte(strings.Repeat("pixels ", 50_000))
	proxy := func(tag string) func([]byte) string { return func([]byte) string { return tag } }
	for name, test := range map[string]struct {
		body, tag string
		faults    []fault
		encoding  string
		want      error
	}{
		"whole":          {string(zipped(content)), `W/"1"`, nil, "gzip", nil},
		"broken":         {string(zipped(content)), `W/"1"`, []fault{truncated(100)}, "gzip", io.ErrUnexpectedEOF},
		"broken, strong": {string(zipped(content)), `"1-gzip"`, []fault{truncated(100)}, "x-gzip", nil},
		"kept the tag":   {string(zipped(content)), shaTag(content), nil, "gzip", nil},
		"cut":            {string(zipped(content)[:200]), `"1"`, nil, "gzip", io.ErrUnexpectedEOF},
		"empty":          {"", `"1"`, nil, "gzip", io.ErrUnexpectedEOF},
		"no gzip":        {strings.Repeat("no gzip", 9), `"1"`, nil, "gzip", mibitracker.ErrCorrupt},
		"bad checksum":   {string(zipped(content)[:len(zipped(content))-8]) + "01234567", `"1"`, nil, "gzip", mibitracker.ErrCorrupt},
		"unknown":        {"x", `"1"`, nil, "br", mibitracker.ErrUnexpected},
	} {
		s := newWeather(t, []byte(test.body), test.faults...)
		s.tag = proxy(test.tag)
		s.header.Set("Content-Encoding", test.encoding)
		f, err := newClient(t, s.URL).Files.Open(t.Context(), "x")
		var got []byte
		if err == nil {
			if f.Size != -1 {
				t.Errorf("%s: the size is said to be %d", name, f.Size)
			}
			got, err = io.ReadAll(f)
			_ = f.Close()
		}
		if !errors.Is(err, test.want) || (err != nil) != (test.want != nil) || err == nil && !bytes.Equal(got, content) {
			t.Errorf("%s: %d bytes, %v; want %v", name, len(got), err, test.want)
		}
	}
	asked := newWeather(t, content)
	f, err := newClient(t, asked.URL).Files.Open(t.Context(), "x")
	if err != nil {
		t.Fatal(err)
	}
	_ = f.Close()
	if got := asked.asked[0].Get("Accept-Encoding"); got != "identity" {
		t.Errorf("Accept-Encoding %q", got)
	}
}

// An answer in chunks has no length: it is whole when its last chunk came.
func TestStreamWithoutLength(t *testing.T) {
	t.Parallel()
	content := noise(100_000)
	chunked := func(n int, bad bool) fault {
		return func(s *weather, w http.ResponseWriter, _ *http.Request) bool {
			w.Header().Set("ETag", s.tag(s.content))
			_, _ = w.Write(s.content[:n])
			_ = http.NewResponseController(w).Flush()
			if bad {
				hangUp(w, -1)
			}
			return true
		}
	}
	for name, faults := range map[string][]fault{
		"whole": {chunked(100_000, false)}, "broken": {chunked(60_000, true)},
		"broken, then in pieces": {chunked(60_000, true), only("60000-60099")},
	} {
		s := newWeather(t, content, faults...)
		f, err := newClient(t, s.URL).Files.Open(t.Context(), "x")
		if err != nil {
			t.Fatal(err)
		}
		if got, err := io.ReadAll(f); err != nil || !bytes.Equal(got, content) || f.Size != -1 {
			t.Errorf("%s: %d bytes of %d, %v", name, len(got), f.Size, err)
		}
		_ = f.Close()
	}
}

// The end of a context, and Close, are at once, whatever Read waits for.
func TestStreamEnds(t *testing.T) {
	t.Parallel()
	for name, faults := range map[string][]fault{
		"reading":  {stalled(10)},
		"pausing":  {truncated(10), status(502), status(502), status(502)},
		"answered": {truncated(10), func(_ *weather, _ http.ResponseWriter, r *http.Request) bool { <-r.Context().Done(); return true }},
	} {
		for _, how := range []string{"cancel", "close"} {
			t.Run(name+" "+how, func(t *testing.T) {
				t.Parallel()
				s := newWeather(t, noise(1000), faults...)
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				c := newClient(t, s.URL, mibitracker.WithRetries(9, time.Hour, time.Hour))
				f, err := c.Files.Open(ctx, "x")
				if err != nil {
					t.Fatal(err)
				}
				ended := make(chan error, 1)
				begun := make(chan struct{})
				go func() {
					_, err := io.ReadFull(f, make([]byte, 10))
					close(begun)
					if err == nil {
						_, err = f.Read(make([]byte, 10))
					}
					ended <- err
				}()
				<-begun
				began := time.Now()
				if how == "cancel" {
					cancel()
				} else if err := f.Close(); err != nil {
					t.Error(err)
				}
				err = <-ended
				if took := time.Since(began); took > 5*time.Second || err == nil {
					t.Errorf("after %v: %v", took, err)
				}
				if how == "cancel" && !errors.Is(err, context.Canceled) {
					t.Error(err)
				}
				_ = f.Close()
				if _, err := f.Read(make([]byte, 1)); err == nil || err == io.EOF {
					t.Errorf("after Close: %v", err)
				}
			})
		}
	}
}

// only answers with less than was asked for, as a storage may.
func only(span string) fault {
	return func(_ *weather, _ http.ResponseWriter, r *http.Request) bool {
		r.Header.Set("Range", "bytes="+span)
		return false
	}
}

// endless gives the same bytes again and again, without holding them.
type endless struct{ size, at int64 }

func (e *endless) Read(p []byte) (int, error) {
	n := min(int64(len(p)), e.size-e.at)
	for i := range p[:n] {
		p[i] = byte(e.at + int64(i))
	}
	if e.at += n; n == 0 {
		return 0, io.EOF
	}
	return int(n), nil
}

func (e *endless) Seek(offset int64, whence int) (int64, error) {
	e.at = map[int]int64{io.SeekStart: 0, io.SeekCurrent: e.at, io.SeekEnd: e.size}[whence] + offset
	return e.at, nil
}

// No file is ever whole in memory. It measures the process: nothing runs beside
// it.
func TestStreamMemory(t *testing.T) {
	const size = 64 << 20
	cuts := 0
	s := newWeather(t, nil)
	big := func(s *weather, w http.ResponseWriter, r *http.Request) bool {
		w.Header().Set("ETag", `"big"`)
		if cuts++; cuts < 5 {
			w = &cut{ResponseWriter: w, left: size / 7, bad: func(w http.ResponseWriter) { hangUp(w, -1) }}
		}
		http.ServeContent(w, r, "", time.Time{}, &endless{size: size})
		return true
	}
	s.faults = slices.Repeat([]fault{big}, 10)
	f, err := newClient(t, s.URL).Files.Open(t.Context(), "x")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	buffer := make([]byte, 64<<10)
	if _, err := io.ReadFull(f, buffer); err != nil {
		t.Fatal(err)
	}
	var before, now runtime.MemStats
	runtime.ReadMemStats(&before)
	n, err := io.CopyBuffer(struct{ io.Writer }{io.Discard}, f, buffer)
	if err != nil || n != size-64<<10 {
		t.Fatalf("%d bytes, %v", n, err)
	}
	runtime.ReadMemStats(&now)
	if allocated := now.TotalAlloc - before.TotalAlloc; allocated > 1<<20 {
		t.Errorf("%d bytes were allocated on the way of %d", allocated, size)
	}
	if got := fmt.Sprint(len(s.asked)); got != "5" {
		t.Errorf("%s requests, want 5", got)
	}
}
