package api_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/openmibi/openmibi/internal/api"
)

// However many channels are uploaded at once, few are decoded at once: each
// takes far more memory than its file.
func TestFewPicturesAtOnce(t *testing.T) {
	t.Parallel()
	const uploads, most = 6, 2
	var inside, max atomic.Int32
	var s *server
	s = newServer(t, func(c *api.Config) {
		c.Hook = func(ctx context.Context, moment string) error {
			if moment != "channel.reading" {
				return nil
			}
			now := inside.Add(1)
			defer inside.Add(-1)
			for ctx.Err() == nil && len(s.stored(t)) < 1+uploads { // the run's XML, and every file that waits
				max.Store(maxOf(max.Load(), now, inside.Load()))
			}
			return ctx.Err()
		}
	})
	path := "/images/" + itoa(idOf(imagesOf(s.addRun(t, s.alice, "one"))[1])) + "/upload_channel/" // frame 512
	var all sync.WaitGroup
	for i := range uploads {
		all.Go(func() {
			form := newForm().file("attachment", fmt.Sprintf("%d.png", i), "image/png", pngOf(t, 512, 512, 8))
			if got := s.do(t, s.alice, "POST", path, form); got.status != http.StatusOK {
				t.Errorf("upload %d: %d %s", i, got.status, got.body)
			}
		})
	}
	all.Wait()
	if got := max.Load(); got < 1 || got > most {
		t.Errorf("%d pictures were decoded at once, want at most %d", got, most)
	}
}

func maxOf(v ...int32) int32 { return slices.Max(v) }

// A request that names very many objects costs little, and its refusal is short.
func TestManyIDs(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	run := s.addRun(t, s.alice, "one")
	ids := make([]int, 50_000)
	for i := range ids {
		ids[i] = 1000 + i
	}
	for _, got := range []answer{
		s.do(t, s.alice, "PUT", "/runs/"+itoa(idOf(run))+"/", map[string]any{"slides": ids}).want(t, 400, `"slides"`),
		s.do(t, s.alice, "POST", "/imagesets/", map[string]any{"name": "x", "images": ids}).want(t, 400, `"images"`),
	} {
		if len(got.body) > 16<<10 {
			t.Errorf("a refusal of %d bytes", len(got.body))
		}
	}
}

// A client that names no host gets URLs that lead here all the same.
func TestNoHost(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	s.addRun(t, s.alice, "one")
	address := strings.TrimPrefix(s.URL, "http://")
	conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", address)
	must(t, err)
	defer func() { _ = conn.Close() }()
	_, err = fmt.Fprintf(conn, "GET /images/?limit=1 HTTP/1.0\r\nAuthorization: JWT %s\r\n\r\n", s.alice.token)
	must(t, err)
	res, err := http.ReadResponse(bufio.NewReader(conn), nil)
	must(t, err)
	body, err := io.ReadAll(res.Body)
	must(t, err)
	must(t, res.Body.Close())
	if want := `"next":"http://` + address + `/images/?`; !strings.Contains(string(body), want) {
		t.Errorf("%d %.200s, want %s", res.StatusCode, body, want)
	}
}

// The same for large run XML; small ones do not wait for them.
func TestFewLargeXMLAtOnce(t *testing.T) {
	t.Parallel()
	const runs, most = 5, 2
	var inside, max atomic.Int32
	var once sync.Once
	var s *server
	s = newServer(t, func(c *api.Config) {
		c.Hook = func(ctx context.Context, moment string) error {
			if moment != "run.reading" {
				return nil
			}
			now := inside.Add(1)
			defer inside.Add(-1)
			max.Store(maxOf(max.Load(), now))
			once.Do(func() { s.addRun(t, s.alice, "small") })
			for ctx.Err() == nil && len(s.stored(t)) < runs+1 { // every file that waits, and the small one
				max.Store(maxOf(max.Load(), now, inside.Load()))
			}
			return ctx.Err()
		}
	})
	large := strings.Replace(runXML, "<DocRoot>", "<DocRoot>"+strings.Repeat("<!-- a comment -->\n", 60_000), 1)
	var all sync.WaitGroup
	for i := range runs {
		all.Go(func() {
			if got := s.do(t, s.alice, "POST", "/runs/", runForm(fmt.Sprint("large ", i), large)); got.status != http.StatusCreated {
				t.Errorf("run %d: %d %s", i, got.status, got.body)
			}
		})
	}
	all.Wait()
	if got := max.Load(); got < 1 || got > most {
		t.Errorf("%d were read at once, want at most %d", got, most)
	}
}
