package server

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/go-chi/chi/v5"
)

// readyTimeout is how long the database may take to answer.
const readyTimeout = 5 * time.Second

// mountHealth adds the routes that a supervisor asks.
func (s *server) mountHealth(r chi.Router) {
	for path, handle := range map[string]http.HandlerFunc{"/healthz/": s.health, "/readyz/": s.ready} {
		r.Get(path, handle)
		r.Head(path, handle)
	}
}

// health says that the process answers.
func (s *server) health(w http.ResponseWriter, _ *http.Request) {
	answer(w, http.StatusOK, `{"status": "ok"}`)
}

// ready says whether requests should be sent here.
func (s *server) ready(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), readyTimeout)
	defer cancel()
	switch err := s.data.store.Ping(ctx); {
	case s.draining.Load():
		answer(w, http.StatusServiceUnavailable, unready(w, "The server is stopping."))
	case err != nil:
		s.Logger.ErrorContext(r.Context(), "the database does not answer", "error", err)
		answer(w, http.StatusServiceUnavailable, unready(w, "The database does not answer."))
	default:
		answer(w, http.StatusOK, `{"status": "ready"}`)
	}
}

// unready is the body of any other refusal: see the API's problems.
func unready(w http.ResponseWriter, detail string) string {
	return fmt.Sprintf(`{"detail": %q, "request_id": %q}`, detail, w.Header().Get("X-Request-Id"))
}

func answer(w http.ResponseWriter, status int, body string) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = w.Write([]byte(body + "\n")) // the client may be gone: nobody is left to tell
}
