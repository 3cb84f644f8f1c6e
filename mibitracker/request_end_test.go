package mibitracker_test

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/openmibi/openmibi/mibitracker"
)

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// ending tells whether a body was read to its end.
type ending struct {
	io.Reader
	ended bool
}

func (e *ending) Read(p []byte) (int, error) {
	n, err := e.Reader.Read(p)
	e.ended = e.ended || err == io.EOF
	return n, err
}

func (e *ending) Close() error { return nil }

// A connection is used again only if its answer was read to the end, which may
// come behind the JSON.
func TestJSONIsReadToItsEnd(t *testing.T) {
	t.Parallel()
	for _, answer := range []string{`{"token": "tok"}`, "{\"token\": \"tok\"}\r\n"} {
		body := &ending{Reader: iotest.OneByteReader(strings.NewReader(answer))}
		c := newClient(t, "http://far.example", mibitracker.WithHTTPClient(&http.Client{Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
			return &http.Response{StatusCode: 200, ProtoMajor: 1, Header: http.Header{}, ContentLength: -1, Body: body, Request: r}, nil
		})}))
		if err := c.Login(t.Context()); err != nil || !body.ended {
			t.Errorf("%q: %v, read to its end: %t", answer, err, body.ended)
		}
	}
}
