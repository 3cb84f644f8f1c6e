package mibitracker

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

// transport is the one place that retries, times out on silence, and keeps
// credentials from other hosts.
type transport struct {
	below          http.RoundTripper
	base           *url.URL
	log            *slog.Logger
	retries        int
	first, longest time.Duration
}

type silenceKey struct{}

// withSilence bounds the time that a request of this context may wait without
// a byte moving; the http.Request has no place for it.
func withSilence(ctx context.Context, d time.Duration) context.Context {
	return context.WithValue(ctx, silenceKey{}, d)
}

// RoundTrip sends a request, and again where that is safe.
func (t *transport) RoundTrip(req *http.Request) (*http.Response, error) {
	for attempt := 0; ; attempt++ {
		resp, err := t.once(req, attempt)
		wait, again := t.again(req, resp, err, attempt)
		if !again {
			return resp, err
		}
		why := "connection"
		if resp != nil {
			why = resp.Status
			// A short body read to its end lets the connection be used again.
			_, _ = io.CopyN(io.Discard, resp.Body, 16<<10)
			_ = resp.Body.Close()
		}
		t.log.WarnContext(req.Context(), "retrying a request", "method", req.Method,
			"url", cleanURL(req.URL, false), "because", why, "attempt", attempt+1, "wait", wait)
		timer := time.NewTimer(wait)
		select {
		case <-timer.C:
		case <-req.Context().Done():
			timer.Stop()
			return nil, context.Cause(req.Context())
		}
	}
}

// CloseIdleConnections is what http.Client looks for.
func (t *transport) CloseIdleConnections() {
	if c, ok := t.below.(interface{ CloseIdleConnections() }); ok {
		c.CloseIdleConnections()
	}
}

func (t *transport) once(req *http.Request, attempt int) (*http.Response, error) {
	ctx, cancel := context.WithCancelCause(req.Context())
	limit, _ := req.Context().Value(silenceKey{}).(time.Duration)
	silent := &SilenceError{Method: req.Method, URL: cleanURL(req.URL, false), After: limit}
	w := newWatch(limit, func() { cancel(silent) })
	out := req.Clone(ctx)
	if req.Body != nil && req.Body != http.NoBody {
		body := req.Body
		if attempt > 0 {
			var err error
			if body, err = req.GetBody(); err != nil {
				w.end()
				cancel(nil)
				return nil, err
			}
		}
		out.Body = &watchedUpload{body: body, watch: w}
	}
	if !sameOrigin(req.URL, t.base) {
		out.Header.Del("Authorization")
		out.Header.Del("Cookie")
	}
	began := time.Now()
	resp, err := t.below.RoundTrip(out)
	if err != nil {
		w.end()
		if errors.Is(context.Cause(ctx), error(silent)) {
			err = silent
		}
		cancel(nil)
		return nil, err
	}
	w.answered()
	t.log.DebugContext(req.Context(), "request", "method", req.Method, "url", cleanURL(req.URL, false),
		"status", resp.StatusCode, "took", time.Since(began))
	resp.Body = &watchedDownload{body: resp.Body, watch: w, cause: func() error { return context.Cause(ctx) }, silent: silent, cancel: cancel}
	return resp, nil
}

// again decides. A POST is repeated only where the backend cannot have acted
// on it, or on 502 and 503, as every MIBItracker client does.
func (t *transport) again(req *http.Request, resp *http.Response, err error, attempt int) (time.Duration, bool) {
	replayable := req.Body == nil || req.Body == http.NoBody || req.GetBody != nil
	if attempt >= t.retries || !replayable || req.Context().Err() != nil || req.Method == http.MethodPatch && err != nil {
		return 0, false
	}
	if err != nil {
		var cert *tls.CertificateVerificationError
		var dial *net.OpError
		notSent := errors.As(err, &dial) && dial.Op == "dial"
		if errors.As(err, &cert) || req.Method == http.MethodPost && !notSent {
			return 0, false
		}
		return t.backoff(attempt), true
	}
	after, told := retryAfter(resp.Header.Get("Retry-After"), time.Now())
	switch resp.StatusCode {
	case http.StatusBadGateway, http.StatusServiceUnavailable:
	case http.StatusTooManyRequests, http.StatusRequestEntityTooLarge:
		if !told {
			return 0, false
		}
	default:
		return 0, false
	}
	if !told {
		return t.backoff(attempt), true
	}
	return after, after <= t.longest
}

// backoff is exponential with full jitter, so that many clients do not come
// back at one moment.
func (t *transport) backoff(attempt int) time.Duration {
	ceiling := min(t.first<<min(attempt, 20), t.longest)
	if ceiling <= 0 {
		return 0
	}
	return rand.N(ceiling) + 1
}

// retryAfter reads both forms of the header: seconds, or a date.
func retryAfter(s string, now time.Time) (time.Duration, bool) {
	if s == "" {
		return 0, false
	}
	if n, err := strconv.Atoi(s); err == nil {
		return time.Duration(min(max(n, 0), 1<<30)) * time.Second, true
	}
	if at, err := http.ParseTime(s); err == nil {
		return max(at.Sub(now), 0), true
	}
	return 0, false
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

// redirects refuses what would lose or leak a request: a changed method drops
// the body, and a body sent on to another host may hold a password.
func redirects(own func(*http.Request, []*http.Request) error) func(*http.Request, []*http.Request) error {
	return func(req *http.Request, via []*http.Request) error {
		first := via[0]
		// It would tell the next host the query of a signed URL.
		req.Header.Del("Referer")
		switch {
		case len(via) >= 10:
			return errors.New("stopped after 10 redirects")
		case req.Method != first.Method:
			return fmt.Errorf("the server redirects to %s, which would turn %s into %s: correct the base URL",
				cleanURL(req.URL, true), first.Method, req.Method)
		case first.Body != nil && first.Body != http.NoBody && !sameOrigin(req.URL, first.URL):
			return fmt.Errorf("the server redirects a %s with content to %s: it is not sent to another host",
				first.Method, cleanURL(req.URL, true))
		case first.URL.Scheme == "https" && req.URL.Scheme != "https":
			return fmt.Errorf("the server redirects from https to %s", cleanURL(req.URL, true))
		}
		if own != nil {
			return own(req, via)
		}
		return nil
	}
}
