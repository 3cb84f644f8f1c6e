package web

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/swaggest/swgui/v5/static"
)

// docsPolicy lets the page run this server's scripts, ask this server, and
// show the pictures that are inside its style sheet. Nothing comes from
// elsewhere, and nothing that is inline runs.
const docsPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
	"base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// mountDocs adds the API's interactive documentation, which reads
// /openapi.json. Of its parts, Swagger UI comes with the program; the page
// around it is our own, since the ready-made one runs inline scripts.
func mountDocs(r chi.Router) {
	page, err := assets.ReadFile("assets/docs.html")
	if err != nil {
		panic(err) // it is embedded
	}
	get(r, "/docs/", func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", docsPolicy)
		h.Set("Content-Type", "text/html; charset=utf-8")
		h.Set("Cache-Control", "no-cache")
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(page))
	})
	get(r, "/assets/swagger-ui.css/", packedAsset("swagger-ui.css.gz", "text/css; charset=utf-8"))
	get(r, "/assets/swagger-ui-bundle.js/", packedAsset("swagger-ui-bundle.js.gz", "text/javascript; charset=utf-8"))
}

// packedAsset serves a file that the program has compressed: as it is to who
// takes it so, else unpacked.
func packedAsset(name, contentType string) http.HandlerFunc {
	packed, err := static.FS.ReadFile(name)
	if err != nil {
		panic(err) // it is embedded
	}
	sum := fmt.Sprintf("%x", sha256.Sum256(packed))
	// Once, for all: whoever reads it slowly would hold a copy of its own.
	plain := sync.OnceValues(func() ([]byte, error) { return unpack(packed) })
	return func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("Content-Type", contentType)
		h.Set("Cache-Control", "no-cache")
		h.Set("Vary", "Accept-Encoding")
		if takesGzip(r) {
			h.Set("Content-Encoding", "gzip")
			h.Set("ETag", `"`+sum+`-gzip"`)
			http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(packed))
			return
		}
		plain, err := plain()
		if err != nil {
			http.Error(w, "Internal error.", http.StatusInternalServerError)
			return
		}
		h.Set("ETag", `"`+sum+`"`)
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(plain))
	}
}

// takesGzip tells whether a request accepts gzip.
func takesGzip(r *http.Request) bool {
	for part := range strings.SplitSeq(strings.Join(r.Header.Values("Accept-Encoding"), ","), ",") {
		coding, params, _ := strings.Cut(part, ";")
		if strings.EqualFold(strings.TrimSpace(coding), "gzip") {
			weight := strings.ReplaceAll(params, " ", "")
			return strings.Trim(strings.TrimPrefix(weight, "q="), "0.") != "" || weight == ""
		}
	}
	return false
}

func unpack(packed []byte) ([]byte, error) {
	z, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil, err
	}
	return io.ReadAll(z)
}
