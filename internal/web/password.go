package web

import (
	"bytes"
	"net/http"
	"time"
)

// passwordPath is the page behind an invitation and a reset link, which the
// link's secret follows as "#token=...".
const passwordPath = "/app/password/"

// passwordPolicy lets the page run this server's script and send the new
// password to this server, and nothing else: no form sends it by itself.
const passwordPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
	"base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// passwordPage serves a page that is the same for everybody: the secret of the
// link never comes here, and what the page does with it is its script's.
func passwordPage() http.HandlerFunc {
	data, err := assets.ReadFile("assets/password.html")
	if err != nil {
		panic(err) // it is embedded
	}
	return func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", passwordPolicy)
		h.Set("Content-Type", "text/html; charset=utf-8")
		h.Set("Cache-Control", "no-store")
		h.Set("Referrer-Policy", "no-referrer")
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(data))
	}
}
