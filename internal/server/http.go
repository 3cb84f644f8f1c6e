package server

import (
	"context"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"time"
)

// Limits of every connection. There is none on the whole of a body or an
// answer: a slow transfer of gigabytes is healthy, one that stands still is not.
const (
	headerTimeout = 10 * time.Second
	idleTimeout   = 2 * time.Minute
	maxHeader     = 64 << 10 // bytes; the API refuses half of it in the contract's words
	maxStreams    = 100      // requests at once on a connection of HTTP/2
)

func (s *server) httpServer(requests context.Context, all *connections) *http.Server {
	return &http.Server{
		Handler:           s.middleware(s.handler),
		ReadHeaderTimeout: s.HeaderTimeout,
		IdleTimeout:       s.IdleTimeout,
		MaxHeaderBytes:    maxHeader,
		ConnState:         all.state,
		HTTP2:             &http.HTTP2Config{MaxConcurrentStreams: maxStreams, WriteByteTimeout: s.Idle, SendPingTimeout: s.IdleTimeout},
		// OPTIONS * is a request as any other: without this it is answered
		// unseen by the log.
		DisableGeneralOptionsHandler: true,
		BaseContext:                  func(net.Listener) context.Context { return requests },
		ErrorLog:                     slog.NewLogLogger(s.Logger.Handler(), slog.LevelDebug),
	}
}

// middleware is what surrounds every request, whoever answers it.
func (s *server) middleware(next http.Handler) http.Handler {
	https := s.TLSCert != ""
	if public, err := url.Parse(s.PublicURL); err == nil && public.Scheme == "https" {
		https = true
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.requests.Add(1)
		defer s.requests.Done()
		setSecurityHeaders(w.Header(), https)
		rec := &recorder{ResponseWriter: w, control: http.NewResponseController(w), idle: s.Idle}
		start := time.Now()
		// Deferred, since a handler that breaks the connection panics.
		defer func() {
			// Neither the rest of a body that nobody read nor the end of the answer
			// may hold the connection. One without deadlines has none to set.
			end := time.Now().Add(s.Idle)
			_, _ = rec.control.SetReadDeadline(end), rec.control.SetWriteDeadline(end)
			s.logAccess(r, rec, time.Since(start))
		}()
		next.ServeHTTP(rec, r)
	})
}

// setSecurityHeaders sets what is right for answers that are data. Pages set
// their own Content-Security-Policy over this one.
func setSecurityHeaders(h http.Header, https bool) {
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'; sandbox")
	if https {
		h.Set("Strict-Transport-Security", "max-age=31536000")
	}
}

// logAccess writes a line for a request. Queries and headers are left out:
// they hold tokens and signatures.
func (s *server) logAccess(r *http.Request, rec *recorder, took time.Duration) {
	status := rec.status
	if status == 0 {
		status = http.StatusOK
	}
	s.Logger.InfoContext(r.Context(), "request", "method", r.Method, "path", r.URL.Path, "status", status, "bytes", rec.bytes,
		"duration", took, "request_id", rec.Header().Get("X-Request-Id"))
}
