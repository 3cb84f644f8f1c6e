package mibitracker_test

import (
	"bytes"
	"compress/flate"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/openmibi/openmibi/mibitiff"
	"github.com/openmibi/openmibi/mibitracker"
)

// far is a backend with one file, in memory, behind a line of some delay. In a
// bubble of synctest the time that a client takes tells how many answers it
// waited for one after the other.
type far struct {
	content []byte
	delay   time.Duration
	hint    map[string]any                                               // the index that /download/ gives, if it is asked
	serve   func(w http.ResponseWriter, r *http.Request, content []byte) // instead of ranges

	mu     sync.Mutex
	ranges []string
	body   int64 // bytes of content that moved
	calls  int   // of the API, besides the login
	asked  bool  // the index was preferred
}

func (b *far) client(t *testing.T) *mibitracker.Client {
	t.Helper()
	return newClient(t, "http://far.example", mibitracker.WithHTTPClient(&http.Client{Transport: b}))
}

func (b *far) RoundTrip(r *http.Request) (*http.Response, error) {
	select {
	case <-time.After(b.delay):
	case <-r.Context().Done():
		return nil, r.Context().Err()
	}
	w := httptest.NewRecorder()
	switch r.URL.Path {
	case "/api-token-auth/":
		reply(w, 200, map[string]string{"token": "tok1"})
	case "/images/1/":
		b.count(&b.calls)
		reply(w, 200, map[string]any{"id": 1, "folder": "Point1", "run": map[string]any{"id": 2, "path": "r-uuid"}})
	case "/download/":
		b.count(&b.calls)
		answer := map[string]any{"url": "http://far.example/signed?sig=1"}
		if b.asked = r.Header.Get("Prefer") == "tiff-index"; b.asked && b.hint != nil {
			answer["index"] = b.hint
		}
		reply(w, 200, answer)
	default:
		b.mu.Lock()
		b.ranges = append(b.ranges, r.Header.Get("Range"))
		b.mu.Unlock()
		serve := b.serve
		if serve == nil {
			serve = serveRanges
		}
		serve(w, r, b.content)
		b.mu.Lock()
		b.body += int64(w.Body.Len())
		b.mu.Unlock()
	}
	resp := w.Result()
	resp.Request = r
	return resp, nil
}

func (b *far) count(n *int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	*n++
}

// moved gives how many ranges were asked for, and their bytes.
func (b *far) moved() (int, int64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.ranges), b.body
}

// fetched tells of each byte of the content if it was asked for.
func (b *far) fetched() []bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	out := make([]bool, len(b.content))
	for _, r := range b.ranges {
		from, to := asked(&http.Request{Header: http.Header{"Range": {r}}})
		for at := from; at <= min(to, len(out)-1); at++ {
			out[at] = true
		}
	}
	return out
}

func serveRanges(w http.ResponseWriter, r *http.Request, content []byte) {
	w.Header().Set("ETag", etagOf(content))
	w.Header().Set("Content-Type", "image/tiff")
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(content))
}

func etagOf(content []byte) string { return fmt.Sprintf(`"%x"`, crc32.ChecksumIEEE(content)) }

// indexOf is what a server hands out of a file, and what its index takes.
func indexOf(t testing.TB, content []byte) (hint map[string]any, size int64) {
	t.Helper()
	var spans [][2]int64
	_, err := mibitiff.Open(bytes.NewReader(content), int64(len(content)), mibitiff.WithTrace(func(off, n int64) {
		size += n
		if last := len(spans) - 1; last >= 0 && off >= spans[last][0] && off <= spans[last][0]+spans[last][1] {
			spans[last][1] = max(spans[last][1], off+n-spans[last][0])
		} else {
			spans = append(spans, [2]int64{off, n})
		}
	}))
	if err != nil {
		t.Fatal(err)
	}
	return hintOf(t, content, spans), size
}

func hintOf(t testing.TB, content []byte, spans [][2]int64) map[string]any {
	t.Helper()
	var packed bytes.Buffer
	w, err := flate.NewWriter(&packed, 6)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range spans {
		_, _ = w.Write(content[s[0] : s[0]+s[1]])
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return map[string]any{"etag": etagOf(content), "size": len(content), "spans": spans, "deflate": packed.Bytes()}
}

// sparseTIFF makes a MIBItiff of 40 channels, whose strips are of many sizes.
func sparseTIFF(t testing.TB, edge int) []byte {
	t.Helper()
	return makeTIFFOf(t, 40, edge, "and a part of a name", func(c, i int) uint16 {
		n := uint32(i*41+c) * 2654435761
		if n>>16%uint32(2+c%5) != 0 {
			return 0
		}
		return uint16(n >> 28)
	})
}

// unpacked writes a MIBItiff again without compression, as other tools do: a
// page's tags, their values, and its samples.
func unpacked(t testing.TB, content []byte) []byte {
	t.Helper()
	f, err := mibitiff.Open(bytes.NewReader(content), int64(len(content)))
	if err != nil {
		t.Fatal(err)
	}
	var out []byte
	next := binary.LittleEndian.Uint32(content[4:])
	link := 4 // where the next directory's offset belongs
	out = append(out, content[:8]...)
	for i := range f.Pages() {
		plane, err := f.ReadPlane(t.Context(), i)
		if err != nil {
			t.Fatal(err)
		}
		binary.LittleEndian.PutUint32(out[link:], uint32(len(out)))
		old := content[next:]
		count := int(binary.LittleEndian.Uint16(old))
		head := slices.Clone(old[:2+12*count+4])
		begin := len(out)
		out = append(out, head...)
		for e := range count {
			entry := out[begin+2+12*e:][:12]
			tag, n := binary.LittleEndian.Uint16(entry), int(binary.LittleEndian.Uint32(entry[4:]))
			n *= map[uint16]int{1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 9: 4, 10: 8, 12: 8}[binary.LittleEndian.Uint16(entry[2:])]
			switch at := binary.LittleEndian.Uint32(entry[8:]); {
			case tag == 259:
				binary.LittleEndian.PutUint32(entry[8:], 1)
			case tag == 279:
				binary.LittleEndian.PutUint32(entry[8:], uint32(plane.Len()*plane.DType().Size()))
			case n > 4:
				binary.LittleEndian.PutUint32(entry[8:], uint32(len(out)))
				out = append(out, content[at:int(at)+n]...)
			}
		}
		for e := range count {
			if entry := out[begin+2+12*e:][:12]; binary.LittleEndian.Uint16(entry) == 273 {
				binary.LittleEndian.PutUint32(entry[8:], uint32(len(out)))
			}
		}
		samples := bytes.NewBuffer(out)
		if _, err := plane.WriteTo(samples); err != nil {
			t.Fatal(err)
		}
		out = append(samples.Bytes(), make([]byte, samples.Len()%2)...)
		link = begin + 2 + 12*count
		next = binary.LittleEndian.Uint32(head[len(head)-4:])
	}
	binary.LittleEndian.PutUint32(out[link:], 0)
	return out
}

// stripOf is what the samples of a channel take in the file.
func stripOf(t testing.TB, content []byte, label string) int64 {
	t.Helper()
	r := &countingReader{r: bytes.NewReader(content)}
	f, err := mibitiff.Open(r, int64(len(content)))
	if err != nil {
		t.Fatal(err)
	}
	page, err := f.Channel(label)
	if err != nil {
		t.Fatal(err)
	}
	r.n = 0
	if _, err := f.ReadPlane(t.Context(), page.Index); err != nil {
		t.Fatal(err)
	}
	return r.n
}

type countingReader struct {
	r io.ReaderAt
	n int64
}

func (c *countingReader) ReadAt(p []byte, off int64) (int, error) {
	n, err := c.r.ReadAt(p, off)
	c.n += int64(n)
	return n, err
}
