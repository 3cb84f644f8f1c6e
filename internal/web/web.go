// Package web serves the pages for browsers: the start page, which says what
// this server is, where its documentation lies and what it holds, and lets a
// person sign in to see their runs; and the page where somebody who was given
// a link chooses a password.
package web

import (
	"bytes"
	"context"
	"crypto/sha256"
	"embed"
	"fmt"
	"html/template"
	"log/slog"
	"net/http"
	"time"

	"github.com/go-chi/chi/v5"

	"github.com/openmibi/openmibi/internal/store"
)

//go:embed assets
var assets embed.FS

// Counter tells what the server holds. [store.Store] is one.
type Counter interface {
	Counts(ctx context.Context) (store.Counts, error)
}

// Config is what the pages need.
type Config struct {
	Store   Counter
	Logger  *slog.Logger
	Version string // as people read it
}

// Pages serves the pages. Make it with [New].
type Pages struct {
	Config

	start *template.Template
}

// New returns the pages.
func New(cfg Config) *Pages {
	// The template is part of the program: that it parses is no question.
	return &Pages{Config: cfg, start: template.Must(template.ParseFS(assets, "assets/start.html"))}
}

// policy lets a page use what this server sends, and nothing else: no inline
// script or style, no other host, no frame around it.
const policy = "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'"

// Mount adds the pages' routes. Paths end in "/", as the router around them
// makes every path do.
func (p *Pages) Mount(r chi.Router) {
	get(r, "/", p.startPage)
	get(r, passwordPath, passwordPage())
	mountDocs(r)
	for _, file := range []struct{ name, contentType string }{
		{"style.css", "text/css; charset=utf-8"},
		{"start.js", "text/javascript; charset=utf-8"},
		{"password.js", "text/javascript; charset=utf-8"},
		{"docs.css", "text/css; charset=utf-8"},
		{"docs.js", "text/javascript; charset=utf-8"},
		{"mark.svg", "image/svg+xml"},
	} {
		get(r, "/assets/"+file.name+"/", asset(file.name, file.contentType))
	}
}

func get(r chi.Router, path string, h http.HandlerFunc) {
	r.Get(path, h)
	r.Head(path, h)
}

// startPage shows the totals, which are for everybody; everything else on it
// comes from the API, for those who sign in.
func (p *Pages) startPage(w http.ResponseWriter, r *http.Request) {
	page := struct {
		Version string
		Counts  store.Counts
		Failed  bool // the totals are not known
	}{Version: p.Version}
	var err error
	if page.Counts, err = p.Store.Counts(r.Context()); err != nil {
		p.Logger.ErrorContext(r.Context(), "the start page has no totals", "error", err)
		page.Failed = true
	}
	var b bytes.Buffer
	if err := p.start.Execute(&b, page); err != nil {
		p.Logger.ErrorContext(r.Context(), "the start page cannot be made", "error", err)
		http.Error(w, "Internal error.", http.StatusInternalServerError)
		return
	}
	h := w.Header()
	h.Set("Content-Security-Policy", policy)
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(b.Bytes()))
}

// asset serves a file of the program; browsers ask each time whether it changed.
func asset(name, contentType string) http.HandlerFunc {
	data, err := assets.ReadFile("assets/" + name)
	if err != nil {
		panic(err) // it is embedded above
	}
	etag := fmt.Sprintf(`"%x"`, sha256.Sum256(data))
	return func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("Content-Type", contentType)
		h.Set("Cache-Control", "no-cache")
		h.Set("ETag", etag)
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(data))
	}
}
