package mibitracker

import (
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// A backend that never stops answering does not fill the memory.
func TestEndlessAnswer(t *testing.T) {
	t.Parallel()
	for _, kept := range []string{" ", "1", "\n"} {
		read := &endless{text: kept}
		resp := &http.Response{Body: io.NopCloser(read), Request: &http.Request{Method: "GET", URL: &url.URL{Path: "/runs/"}}}
		var out any
		if err := decodeUpTo(resp, &out, 1<<16); !errors.Is(err, ErrUnexpected) || !errors.Is(err, errTooLong) {
			t.Errorf("%q: %v", kept, err)
		}
		if read.given > 1<<16 {
			t.Errorf("%q: %d bytes read", kept, read.given)
		}
	}
}

// endless repeats a text.
type endless struct {
	text  string
	given int
}

func (e *endless) Read(p []byte) (int, error) {
	e.given += copy(p, strings.Repeat(e.text, len(p)))
	return len(p), nil
}
