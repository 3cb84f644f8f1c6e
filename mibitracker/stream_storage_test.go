package mibitracker_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/openmibi/openmibi/mibitracker"
)

// weather is a storage whose answers fail as a test says: the n-th request for
// the file meets the n-th fault; when they are used up all is well.
type weather struct {
	*httptest.Server
	mu       sync.Mutex
	content  []byte
	tag      func([]byte) string // the ETag
	digest   bool                // Repr-Digest
	modified time.Time
	noRanges bool
	header   http.Header // sent besides
	faults   []fault
	asked    []http.Header // what the requests for the file had
	signed   int
	expired  int // signatures up to this one are refused
}

// fault makes an answer, or changes how it is made and leaves the rest.
type fault func(s *weather, w http.ResponseWriter, r *http.Request) (done bool)

func shaTag(b []byte) string { return fmt.Sprintf(`"%x"`, sha256.Sum256(b)) }

func newWeather(t *testing.T, content []byte, faults ...fault) *weather {
	t.Helper()
	s := &weather{content: content, tag: shaTag, faults: faults, header: http.Header{}}
	s.Server = httptest.NewServer(http.HandlerFunc(s.serve))
	t.Cleanup(s.Close)
	return s
}

// newWiredWeather is one on a wire, and the option to reach it.
func newWiredWeather(t *testing.T, content []byte, faults ...fault) (*weather, mibitracker.Option) {
	t.Helper()
	s := &weather{content: content, tag: shaTag, faults: faults, header: http.Header{}}
	srv, by := newWire(t, http.HandlerFunc(s.serve))
	s.Server = srv
	return s, by
}

func (s *weather) serve(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch r.URL.Path {
	case "/api-token-auth/":
		reply(w, 200, map[string]string{"token": "tok"})
	case "/download/":
		s.signed++
		reply(w, 200, map[string]string{"url": fmt.Sprintf("%s/bucket/file?sig=%d", s.URL, s.signed)})
	case "/bucket/file":
		s.asked = append(s.asked, r.Header.Clone())
		var sig int
		if _, err := fmt.Sscan(r.URL.Query().Get("sig"), &sig); err != nil || sig <= s.expired {
			text(w, 403, "<Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>")
			return
		}
		if len(s.faults) > 0 {
			now := s.faults[0]
			s.faults = s.faults[1:]
			if now != nil && now(s, w, r) {
				return
			}
		}
		s.whole(w, r)
	case "/elsewhere":
		s.whole(w, r)
	}
}

// whole answers as a storage should.
func (s *weather) whole(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	for name, values := range s.header {
		h[name] = values
	}
	if s.tag != nil {
		h.Set("ETag", s.tag(s.content))
	}
	if s.digest {
		sum := sha256.Sum256(s.content)
		h.Set("Repr-Digest", "sha-512=:AAAA:, sha-256=:"+base64.StdEncoding.EncodeToString(sum[:])+":")
	}
	if s.noRanges {
		if !s.modified.IsZero() {
			h.Set("Last-Modified", s.modified.UTC().Format(http.TimeFormat))
		}
		h.Set("Content-Length", fmt.Sprint(len(s.content)))
		_, _ = w.Write(s.content)
		return
	}
	http.ServeContent(w, r, "", s.modified, bytes.NewReader(s.content))
}

// cut writes the first bytes of an answer's body, and then does what is bad.
type cut struct {
	http.ResponseWriter
	left int
	bad  func(http.ResponseWriter)
}

func (c *cut) Write(p []byte) (int, error) {
	if c.left < 0 {
		return 0, net.ErrClosed
	}
	if len(p) <= c.left {
		c.left -= len(p)
		return c.ResponseWriter.Write(p)
	}
	_, _ = c.ResponseWriter.Write(p[:c.left])
	c.left = -1
	c.bad(c.ResponseWriter)
	return 0, net.ErrClosed
}

// after lets so many bytes of the body pass.
func after(n int, bad func(w http.ResponseWriter, r *http.Request)) fault {
	return func(s *weather, w http.ResponseWriter, r *http.Request) bool {
		s.whole(&cut{ResponseWriter: w, left: n, bad: func(w http.ResponseWriter) { bad(w, r) }}, r)
		return true
	}
}

func hangUp(w http.ResponseWriter, linger int) {
	control := http.NewResponseController(w)
	_ = control.Flush()
	conn, _, err := control.Hijack()
	if err != nil {
		return
	}
	if tcp, ok := conn.(*net.TCPConn); ok && linger == 0 {
		_ = tcp.SetLinger(0)
	}
	_ = conn.Close()
}

// reset ends the connection with an RST.
func reset(n int) fault {
	return after(n, func(w http.ResponseWriter, _ *http.Request) { hangUp(w, 0) })
}

// truncated ends it in good order, too early.
func truncated(n int) fault {
	return after(n, func(w http.ResponseWriter, _ *http.Request) { hangUp(w, -1) })
}

// stalled sends nothing more until the client leaves.
func stalled(n int) fault {
	return after(n, func(w http.ResponseWriter, r *http.Request) {
		_ = http.NewResponseController(w).Flush()
		<-r.Context().Done()
	})
}

func status(code int) fault {
	return func(_ *weather, w http.ResponseWriter, _ *http.Request) bool {
		text(w, code, "<html>bad gateway</html>")
		return true
	}
}

// and does something to the storage before the next fault has its turn.
func and(change func(*weather), next fault) fault {
	return func(s *weather, w http.ResponseWriter, r *http.Request) bool {
		done := next(s, w, r)
		change(s)
		return done
	}
}

func expire(s *weather)                       { s.expired = s.signed }
func replaceBy(content []byte) func(*weather) { return func(s *weather) { s.content = content } }

// announcing sends the content with another Content-Length.
func announcing(length, sent int) fault {
	return func(s *weather, w http.ResponseWriter, _ *http.Request) bool {
		conn, buffered, err := http.NewResponseController(w).Hijack()
		if err != nil {
			return true
		}
		defer func() { _ = conn.Close() }()
		_, _ = fmt.Fprintf(buffered, "HTTP/1.1 200 OK\r\nContent-Length: %d\r\nETag: %s\r\nAccept-Ranges: bytes\r\n\r\n", length, s.tag(s.content))
		_, _ = buffered.Write(s.content[:sent])
		_ = buffered.Flush()
		return true
	}
}

// ranges lists what the requests for the file asked for.
func (s *weather) ranges() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var all []string
	for _, h := range s.asked {
		all = append(all, strings.TrimPrefix(h.Get("Range"), "bytes="))
	}
	return strings.Join(all, " ")
}

// googleCRC is Google's header for a content.
func googleCRC(b []byte) string {
	sum := crc32.Checksum(b, crc32.MakeTable(crc32.Castagnoli))
	return "crc32c=" + base64.StdEncoding.EncodeToString(binary.BigEndian.AppendUint32(nil, sum))
}
