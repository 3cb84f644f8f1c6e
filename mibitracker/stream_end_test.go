package mibitracker_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"testing"

	"github.com/openmibi/openmibi/mibitracker"
)

// An answer without a length may also end with its connection, as a broken one
// does: the storage has to say that there is no more.
func TestStreamToTheEndOfItsConnection(t *testing.T) {
	t.Parallel()
	content := noise(100_000)
	open := func(n int, ranges string) fault {
		return func(s *weather, w http.ResponseWriter, _ *http.Request) bool {
			conn, buffered, err := http.NewResponseController(w).Hijack()
			if err != nil {
				return true
			}
			defer func() { _ = conn.Close() }()
			_, _ = fmt.Fprintf(buffered, "HTTP/1.1 200 OK\r\nConnection: close\r\nETag: %s\r\n%s\r\n", s.tag(s.content), ranges)
			_, _ = buffered.Write(s.content[:n])
			_ = buffered.Flush()
			return true
		}
	}
	const serves = "Accept-Ranges: bytes\r\n"
	for name, test := range map[string]struct {
		faults []fault
		ranges string
		want   error
	}{
		"whole":             {[]fault{open(100_000, serves)}, " 100000-", nil},
		"whole, in a storm": {[]fault{open(100_000, serves), status(500)}, " 100000- 100000-", nil},
		"broken":            {[]fault{open(60_000, serves)}, " 60000-", nil},
		"broken, replaced":  {[]fault{and(replaceBy(content[:50]), open(60_000, serves))}, " 60000-", mibitracker.ErrChanged},
		"broken, no answer": {[]fault{open(60_000, serves), status(404), status(404)}, " 60000- 60000-", mibitracker.ErrNotFound},
		"whole, no ranges":  {[]fault{open(100_000, "")}, "", nil},
	} {
		s := newWeather(t, content, test.faults...)
		s.tag = func(b []byte) string { return fmt.Sprintf(`"%d"`, len(b)) }
		f, err := newClient(t, s.URL).Files.Open(t.Context(), "x")
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(f)
		if !errors.Is(err, test.want) || err == nil && !bytes.Equal(got, content) {
			t.Errorf("%s: %d bytes, %v; want %v", name, len(got), err, test.want)
		}
		if s.ranges() != test.ranges {
			t.Errorf("%s: asked for %q, want %q", name, s.ranges(), test.ranges)
		}
		_ = f.Close()
	}
}
