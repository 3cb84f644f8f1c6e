package mibitracker

import (
	"context"
	"crypto/tls"
	"errors"
	"math/rand/v2"
	"net"
	"net/http"
	"slices"
	"strconv"
	"time"
)

// idempotencyHeader lets a backend tell a repeated POST from a second one
// ("Base rules" of the contract).
const idempotencyHeader = "Idempotency-Key"

// retryPolicy says what is repeated, how often, and after which wait.
type retryPolicy struct {
	retries        int
	first, longest time.Duration
	methods        []string
	codes          []int
}

// call is what a request's context tells the transport of the request; the
// http.Request has no place for it.
type call struct {
	// silence bounds the time in which no byte moves; 0 is no bound.
	silence time.Duration
	// repeat says that a POST may be sent again after a broken connection.
	repeat bool
	// unsure counts the attempts that the backend may have acted on without
	// saying so, if it is set.
	unsure *int
	// signed says that the URL's query is a secret.
	signed bool
}

type callKey struct{}

func withCall(ctx context.Context, c call) context.Context {
	return context.WithValue(ctx, callKey{}, c)
}

func callOf(ctx context.Context) call {
	c, _ := ctx.Value(callKey{}).(call)
	return c
}

// again decides whether an attempt is repeated, and after which wait. A POST is
// repeated only where the backend cannot have acted on it, where acting twice
// is harmless, or on the codes (502 and 503), as every MIBItracker client does.
func (p *retryPolicy) again(req *http.Request, resp *http.Response, err error, attempt int) (time.Duration, bool) {
	replayable := req.Body == nil || req.Body == http.NoBody || req.GetBody != nil
	if attempt >= p.retries || !replayable || req.Context().Err() != nil || !slices.Contains(p.methods, req.Method) {
		return 0, false
	}
	if err != nil {
		var cert *tls.CertificateVerificationError
		if errors.As(err, &cert) || req.Method == http.MethodPost && !notSent(err) && !callOf(req.Context()).repeat {
			return 0, false
		}
		return p.backoff(attempt), true
	}
	after, told := retryAfter(resp.Header.Get("Retry-After"), time.Now())
	switch {
	case slices.Contains(p.codes, resp.StatusCode):
	case resp.StatusCode == http.StatusTooManyRequests && told, resp.StatusCode == http.StatusRequestEntityTooLarge && told:
	case resp.StatusCode == http.StatusConflict && told && req.Header.Get(idempotencyHeader) != "":
		// The first attempt is still at work.
	default:
		return 0, false
	}
	if !told {
		return p.backoff(attempt), true
	}
	return after, after <= p.longest
}

// notSent tells a connection that was never made.
func notSent(err error) bool {
	var dial *net.OpError
	return errors.As(err, &dial) && dial.Op == "dial"
}

// backoff is exponential with full jitter, so that many clients do not come
// back at one moment.
func (p *retryPolicy) backoff(attempt int) time.Duration {
	ceiling := min(p.first<<min(attempt, 20), p.longest)
	if ceiling <= 0 {
		return 0
	}
	return rand.N(ceiling) + 1
}

// pause waits before a repetition, or until the context ends.
func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
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
