package web_test

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/openmibi/openmibi/internal/store"
)

// The parts of the documentation's page come packed to who takes them so, and
// unpacked to all others, each under a tag of its own.
func TestPackedAssets(t *testing.T) {
	t.Parallel()
	h := router("v1", func() (store.Counts, error) { return store.Counts{}, nil })
	ask := func(header ...string) (*http.Response, []byte) {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/assets/swagger-ui-bundle.js/", http.NoBody)
		for i := 0; i < len(header); i += 2 {
			r.Header.Add(header[i], header[i+1])
		}
		rec := httptest.NewRecorder()
		h.ServeHTTP(rec, r)
		return rec.Result(), rec.Body.Bytes()
	}
	plainRes, plain := ask()
	if plainRes.Header.Get("Content-Encoding") != "" || !strings.Contains(string(plain), "SwaggerUIBundle") {
		t.Fatalf("unpacked: %v, %d bytes", plainRes.Header, len(plain))
	}
	for header, packed := range map[string]bool{
		"gzip": true, "br, GZIP;q=0.5": true, "deflate, gzip": true, "gzip;q=0": false, "gzip; q=0.000": false, "br": false, "identity": false,
	} {
		res, body := ask("Accept-Encoding", header)
		if (res.Header.Get("Content-Encoding") == "gzip") != packed || res.Header.Get("Vary") != "Accept-Encoding" {
			t.Errorf("%q: %v", header, res.Header)
			continue
		}
		if packed {
			z, err := gzip.NewReader(bytes.NewReader(body))
			if err != nil {
				t.Fatal(err)
			}
			if body, err = io.ReadAll(z); err != nil {
				t.Fatal(err)
			}
			if res.Header.Get("ETag") == plainRes.Header.Get("ETag") {
				t.Errorf("%q: one tag for two bodies", header)
			}
		}
		if !bytes.Equal(body, plain) {
			t.Errorf("%q: another file", header)
		}
		again, _ := ask("Accept-Encoding", header, "If-None-Match", res.Header.Get("ETag"))
		if again.StatusCode != http.StatusNotModified {
			t.Errorf("%q: %d to whoever has it already", header, again.StatusCode)
		}
	}
}
