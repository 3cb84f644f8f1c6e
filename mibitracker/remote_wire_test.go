package mibitracker_test

import (
	"bytes"
	"net"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/openmibi/openmibi/mibitiff"
)

const delay = 100 * time.Millisecond

// One channel of 40, of files with and without compression, from backends that
// hand out an index and from those that do not.
func TestOneChannelOfForty(t *testing.T) {
	t.Parallel()
	packed := sparseTIFF(t, 512)
	plain := unpacked(t, packed)
	for name, c := range map[string]struct {
		content []byte
		hint    bool
		ranges  int // that are asked for
		rounds  int // answers of the storage that are waited for in turn
	}{
		"packed, with its index":      {packed, true, 1, 1},
		"packed, without its index":   {packed, false, 41, 41},
		"unpacked, with its index":    {plain, true, 1, 1},
		"unpacked, without its index": {plain, false, 46, 10},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				hint, index := indexOf(t, c.content)
				b := &far{content: c.content, delay: delay}
				if c.hint {
					b.hint = hint
				}
				client := b.client(t)
				if err := client.Login(t.Context()); err != nil {
					t.Fatal(err)
				}
				began := time.Now()
				image, err := client.Images.Open(t.Context(), 1)
				if err != nil {
					t.Fatal(err)
				}
				page, err := image.Channel("T20")
				if err != nil {
					t.Fatal(err)
				}
				plane, err := image.ReadPlane(t.Context(), page.Index)
				if err != nil || !plane.Equal(localPlane(t, c.content, "T20")) {
					t.Fatalf("the plane is another one: %v", err)
				}
				rounds := int(time.Since(began)/delay) - 2 // the image and its URL
				ranges, moved := b.moved()
				least := index + stripOf(t, c.content, "T20")
				t.Logf("%d ranges in %d rounds, %d bytes: %.3f of index and strip", ranges, rounds, moved, float64(moved)/float64(least))
				if ranges > c.ranges || rounds > c.rounds || !b.asked || b.calls != 2 {
					t.Errorf("%d ranges in %d rounds, want %d in %d; %d calls", ranges, rounds, c.ranges, c.rounds, b.calls)
				}
				if 10*moved >= 11*least {
					t.Errorf("%d bytes moved where index and strip are %d", moved, least)
				}
				// All others cost their strips alone: nothing comes twice.
				for _, p := range image.Pages() {
					if _, err := image.ReadPlane(t.Context(), p.Index); err != nil {
						t.Fatal(err)
					}
				}
				again, all := b.moved()
				if all > int64(len(c.content))+moved || again-ranges > 40 {
					t.Errorf("40 channels cost %d bytes in %d ranges more, of a file of %d", all-moved, again-ranges, len(c.content))
				}
				_ = image.Close()
			})
		})
	}
}

func localPlane(t testing.TB, content []byte, label string) mibitiff.Plane {
	t.Helper()
	f, err := mibitiff.Open(bytes.NewReader(content), int64(len(content)))
	if err != nil {
		t.Fatal(err)
	}
	page, err := f.Channel(label)
	if err != nil {
		t.Fatal(err)
	}
	plane, err := f.ReadPlane(t.Context(), page.Index)
	if err != nil {
		t.Fatal(err)
	}
	return plane
}

// countedLine is a listener that counts what its connections carry.
type countedLine struct {
	net.Listener
	n atomic.Int64
}

func (c *countedLine) Accept() (net.Conn, error) {
	conn, err := c.Listener.Accept()
	return &countedConn{conn, &c.n}, err
}

type countedConn struct {
	net.Conn
	n *atomic.Int64
}

func (c *countedConn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	c.n.Add(int64(n))
	return n, err
}

func (c *countedConn) Write(p []byte) (int, error) {
	n, err := c.Conn.Write(p)
	c.n.Add(int64(n))
	return n, err
}

// With all headers, both ways, a channel moves less than its strip and the
// index: that comes deflated.
func TestOneChannelWithAllHeaders(t *testing.T) {
	t.Parallel()
	content := sparseTIFF(t, 512)
	hint, index := indexOf(t, content)
	b := &far{content: content, hint: hint}
	srv := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/api-token-auth/":
			reply(w, 200, map[string]string{"token": "tok1"})
		case "/images/1/":
			reply(w, 200, map[string]any{"id": 1, "folder": "Point1", "run": map[string]any{"id": 2, "path": "r-uuid"}})
		case "/download/":
			reply(w, 200, map[string]any{"url": "http://" + r.Host + "/signed?sig=1", "index": b.hint})
		default:
			serveRanges(w, r, content)
		}
	}))
	line := &countedLine{Listener: srv.Listener}
	srv.Listener = line
	srv.Start()
	t.Cleanup(srv.Close)
	client := newClient(t, srv.URL)
	image, err := client.Images.Open(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	page, err := image.Channel("T20")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := image.ReadPlane(t.Context(), page.Index); err != nil {
		t.Fatal(err)
	}
	_ = image.Close()
	if moved, least := line.n.Load(), index+stripOf(t, content, "T20"); moved >= least {
		t.Errorf("%d bytes on the connection where index and strip are %d", moved, least)
	}
}
