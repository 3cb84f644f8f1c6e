package cli

import (
	"context"
	"io"
	"net/http"
	"time"

	"golang.org/x/time/rate"

	"github.com/openmibi/openmibi/mibitracker"
)

// options limit a client's transfers. All clients share the limit.
func (b *bandwidth) options() []mibitracker.Option {
	if b.up == nil && b.down == nil {
		return nil
	}
	return []mibitracker.Option{mibitracker.WithMiddleware(func(below http.RoundTripper) http.RoundTripper {
		return &limited{below: below, up: b.up, down: b.down}
	})}
}

// limited is a transport whose bodies take their time.
type limited struct {
	below    http.RoundTripper
	up, down *rate.Limiter
}

// RoundTrip sends a request with a slow body, and gives a response with one.
func (l *limited) RoundTrip(req *http.Request) (*http.Response, error) {
	ctx := req.Context()
	if l.up != nil && req.Body != nil && req.Body != http.NoBody {
		req = req.WithContext(ctx) // a copy: the caller's is not to be changed
		req.Body = &slowBody{req.Body, ctx, l.up}
		if again := req.GetBody; again != nil {
			req.GetBody = func() (io.ReadCloser, error) {
				body, err := again()
				if err != nil {
					return nil, err
				}
				return &slowBody{body, ctx, l.up}, nil
			}
		}
	}
	resp, err := l.below.RoundTrip(req)
	if err == nil && l.down != nil {
		resp.Body = &slowBody{resp.Body, ctx, l.down}
	}
	return resp, err
}

// slowBody gives what it reads when its limit allows.
type slowBody struct {
	io.ReadCloser
	ctx   context.Context //nolint:containedctx // the request's, whose body it is
	limit *rate.Limiter
}

// Read waits for its turn after it has read: what comes is not known before. If
// the context ends first it returns what it has, and why it ended.
func (b *slowBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p[:min(len(p), b.limit.Burst(), largestPiece)])
	if n == 0 {
		return n, err
	}
	turn := b.limit.ReserveN(time.Now(), n)
	wait := turn.Delay()
	if wait == 0 {
		return n, err
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
		return n, err
	case <-b.ctx.Done():
		turn.Cancel()
		return n, context.Cause(b.ctx)
	}
}
