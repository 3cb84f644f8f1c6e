package mibitracker

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// transport is the one place that repeats requests, times out on silence, and
// keeps credentials from other hosts.
type transport struct {
	below   http.RoundTripper // with the middleware
	network http.RoundTripper // without
	base    *url.URL
	log     *slog.Logger
	retry   *retryPolicy
}

// RoundTrip sends a request, and again where that is safe.
func (t *transport) RoundTrip(req *http.Request) (*http.Response, error) {
	for attempt := 0; ; attempt++ {
		resp, err := t.once(req, attempt)
		wait, again := t.retry.again(req, resp, err, attempt)
		if !again {
			return resp, err
		}
		var why string
		if err != nil {
			why = withoutURL(err).Error()
		} else {
			why = resp.Status
			_ = drop(resp)
		}
		t.log.WarnContext(req.Context(), "retrying a request", "method", req.Method,
			"url", t.shown(req), "because", why, "attempt", attempt+1, "wait", wait)
		if err := pause(req.Context(), wait); err != nil {
			return nil, err
		}
	}
}

// CloseIdleConnections is what http.Client looks for. Middleware mostly has no
// such method.
func (t *transport) CloseIdleConnections() {
	if c, ok := t.network.(interface{ CloseIdleConnections() }); ok {
		c.CloseIdleConnections()
	}
}

func (t *transport) once(req *http.Request, attempt int) (*http.Response, error) {
	ctx, cancel := context.WithCancelCause(req.Context())
	this := callOf(req.Context())
	silent := &SilenceError{Method: req.Method, URL: t.shown(req), After: this.silence}
	w := newWatch(this.silence, func() { cancel(silent) })
	out := req.Clone(ctx)
	if err := t.body(out, req, w, attempt); err != nil {
		w.end()
		cancel(nil)
		return nil, err
	}
	if !sameOrigin(req.URL, t.base) {
		out.Header.Del("Authorization")
		out.Header.Del("Cookie")
	}
	began := time.Now()
	resp, err := t.below.RoundTrip(out)
	if this.unsure != nil && (err != nil && !notSent(err) || err == nil && resp.StatusCode >= http.StatusInternalServerError) {
		*this.unsure++
	}
	if err != nil {
		w.end()
		if errors.Is(context.Cause(ctx), error(silent)) {
			err = silent
		} else if ended := req.Context().Err(); ended != nil && !errors.Is(err, ended) {
			err = context.Cause(req.Context()) // what its end broke, such as the body, says less
		}
		cancel(nil)
		return nil, err
	}
	w.answered()
	t.log.DebugContext(req.Context(), "request", "method", req.Method, "url", t.shown(req),
		"status", resp.StatusCode, "took", time.Since(began))
	resp.Body = &watchedDownload{body: resp.Body, watch: w, cause: func() error { return context.Cause(ctx) }, silent: silent, cancel: cancel}
	return resp, nil
}

// shown is a request's URL for logs and errors. What is asked of another host
// may be signed, wherever it was named.
func (t *transport) shown(req *http.Request) string {
	return cleanURL(req.URL, callOf(req.Context()).signed || !sameOrigin(req.URL, t.base))
}

// errBroke is a POST that the connection broke under.
var errBroke = errors.New("the connection broke after the request was sent: it may have been done")

// body gives an attempt a body of its own, watched for silence. What net/http
// repeats by itself when a used connection breaks is bound by the same rule as
// our own repetitions: it would repeat any POST that has an Idempotency-Key.
func (t *transport) body(out, req *http.Request, w *watch, attempt int) error {
	if req.Body == nil || req.Body == http.NoBody {
		if req.Method == http.MethodPost && !callOf(req.Context()).repeat {
			// There is no body to withhold from net/http: it must not find the key
			// by the name that it looks for. On the wire a name has no case.
			if key, ok := out.Header[idempotencyHeader]; ok {
				delete(out.Header, idempotencyHeader)
				out.Header[strings.ToLower(idempotencyHeader)] = key
			}
		}
		return nil
	}
	body := req.Body
	if attempt > 0 {
		var err error
		if body, err = req.GetBody(); err != nil {
			return err
		}
	}
	out.Body = newUpload(out.Context(), body, w)
	if req.GetBody == nil {
		return nil
	}
	out.GetBody = func() (io.ReadCloser, error) {
		this := callOf(req.Context())
		if req.Method == http.MethodPost && !this.repeat {
			return nil, errBroke
		}
		if this.unsure != nil {
			*this.unsure++
		}
		body, err := req.GetBody()
		if err != nil {
			return nil, err
		}
		return newUpload(out.Context(), body, w), nil
	}
	return nil
}

func sameOrigin(a, b *url.URL) bool {
	return a.Scheme == b.Scheme && a.Hostname() == b.Hostname() && port(a) == port(b)
}

func port(u *url.URL) string {
	if p := u.Port(); p != "" {
		return p
	}
	return map[string]string{"http": "80", "https": "443"}[u.Scheme]
}
