package api_test

import (
	"context"
	"testing"

	"github.com/openmibi/openmibi/internal/api"
)

// whole asks for a whole list in the background.
func (s *server) whole(t *testing.T, who user) <-chan answer {
	out := make(chan answer, 1)
	go func() {
		defer close(out) // a failed request ends this goroutine alone
		out <- s.do(t, who, "GET", "/runs/?paging=no", nil)
	}()
	return out
}

// An account has its share of what is done at once, of whole lists and of
// requests; others have theirs, and what has ended counts no more.
func TestRequestsAtOnce(t *testing.T) {
	t.Parallel()
	hold := newGate("list.whole")
	s := newServer(t, func(c *api.Config) {
		c.MaxRequests, c.MaxWhole = 3, 2
		c.Hook = hold.hook
	})
	s.addRun(t, s.alice, "one")
	hold.shut.Store(true)
	first := s.whole(t, s.alice)
	hold.wait(t)
	second := s.whole(t, s.alice)
	hold.wait(t)
	got := s.do(t, s.alice, "GET", "/images/?paging=no", nil).want(t, 429, "detail", "whole lists", "request_id")
	if got.header.Get("Retry-After") != "1" {
		t.Errorf("Retry-After: %q", got.header.Get("Retry-After"))
	}
	s.do(t, s.alice, "GET", "/images/", nil).want(t, 200) // the third request
	third := s.whole(t, s.bob)                            // another account has turns of its own
	hold.wait(t)
	hold.shut.Store(false)
	close(hold.open)
	for _, done := range []<-chan answer{first, second, third} {
		(<-done).want(t, 200)
	}
	for range 5 {
		s.do(t, s.alice, "GET", "/runs/?paging=no", nil).want(t, 200)
	}
}

// The same for requests of any kind.
func TestAllRequestsAtOnce(t *testing.T) {
	t.Parallel()
	hold := newGate("list.whole")
	s := newServer(t, func(c *api.Config) {
		c.MaxRequests = 2
		c.Hook = func(ctx context.Context, moment string) error { return hold.hook(ctx, moment) }
	})
	hold.shut.Store(true)
	first, second := s.whole(t, s.alice), s.whole(t, s.alice)
	hold.wait(t)
	hold.wait(t)
	s.do(t, s.alice, "GET", "/users/me/", nil).want(t, 429, "requests")
	s.do(t, s.alice, "GET", "/runs/99/", nil).want(t, 429, "requests")
	s.do(t, s.bob, "GET", "/users/me/", nil).want(t, 200)
	close(hold.open)
	(<-first).want(t, 200)
	(<-second).want(t, 200)
	s.do(t, s.alice, "GET", "/users/me/", nil).want(t, 200)
}
