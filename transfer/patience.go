package transfer

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/openmibi/openmibi/mibitracker"
)

// patience is how long a server that does not answer is waited for, beyond the
// client's own repetitions: it is restarted, or the network is away.
type patience struct {
	first, longest time.Duration // between two attempts, doubled each time
	total          time.Duration // since the first failure
}

func defaultPatience() patience {
	return patience{first: time.Second, longest: 15 * time.Second, total: time.Minute}
}

// away tells an error of a server or a network that may soon be back.
func away(err error) bool {
	var broken *mibitracker.TransportError
	var refused *mibitracker.APIError
	switch {
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return false
	case errors.Is(err, mibitracker.ErrRedirect): // it is there, and will lead there again
		return false
	case errors.As(err, &refused):
		switch refused.Status {
		case http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
			return true
		}
		return false
	}
	return errors.Is(err, mibitracker.ErrTimeout) || errors.As(err, &broken)
}

// try does something again as long as the server is away and patience lasts,
// and tells of each wait. It gives the last error.
func (p patience) try(ctx context.Context, tell func(error), do func() error) error {
	var since time.Time
	for wait := p.first; ; wait = min(2*wait, p.longest) {
		err := do()
		if err == nil || ctx.Err() != nil || !away(err) {
			return err
		}
		if since.IsZero() {
			since = time.Now()
		}
		if time.Since(since) >= p.total {
			return err
		}
		tell(err)
		timer := time.NewTimer(wait)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return context.Cause(ctx)
		}
	}
}
