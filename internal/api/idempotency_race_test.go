package api_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/openmibi/openmibi/internal/api"
)

// failAt makes a hook that fails at the moment that is set, or panics at
// "panic at" one.
func failAt(moment *atomic.Pointer[string]) func(context.Context, string) error {
	return func(_ context.Context, m string) error {
		at := moment.Load()
		if at == nil {
			return nil
		}
		switch *at {
		case m:
			return errors.New("a failure at " + m)
		case "panic at " + m:
			panic("at " + m)
		}
		return nil
	}
}

// gate is a hook that holds who reaches a moment, once it is shut.
type gate struct {
	moment  string
	shut    atomic.Bool
	reached chan struct{}
	open    chan struct{}
}

func newGate(moment string) *gate {
	return &gate{moment: moment, reached: make(chan struct{}, 1), open: make(chan struct{})}
}

func (g *gate) hook(ctx context.Context, moment string) error {
	if moment != g.moment || !g.shut.Load() {
		return nil
	}
	g.reached <- struct{}{}
	select {
	case <-g.open:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// wait waits until somebody is held.
func (g *gate) wait(t *testing.T) {
	t.Helper()
	select {
	case <-g.reached:
	case <-time.After(cutoff):
		t.Fatalf("nobody reached %s", g.moment)
	}
}

// second is another server over the same database and files, as another
// process would be.
func (s *server) second(t *testing.T, change func(*api.Config)) *server {
	t.Helper()
	cfg := s.api.Config
	change(&cfg)
	other := *s
	var err error
	other.api, err = api.New(cfg)
	must(t, err)
	other.Server = httptest.NewServer(other.api)
	t.Cleanup(other.Close)
	return &other
}

// later asks in the background.
func (s *server) later(t *testing.T, q asked) <-chan answer {
	out := make(chan answer, 1)
	go func() {
		defer close(out) // a failed request ends this goroutine alone
		out <- s.ask(t, q)
	}()
	return out
}

// While the first is at work the second is told to come back.
func TestKeyStillRunning(t *testing.T) {
	t.Parallel()
	for _, moment := range []string{"run.staged", "run.before-commit", "run.after-commit"} {
		t.Run(moment, func(t *testing.T) {
			t.Parallel()
			g := newGate(moment)
			s := newServer(t, func(c *api.Config) { c.Hook = g.hook })
			q := formPOST(t, s.alice, "/runs/", runForm("x", runXML), "k")
			g.shut.Store(true)
			first := s.later(t, q)
			g.wait(t)
			for _, body := range []string{q.body, q.body + "\n"} {
				other := q
				other.body = body
				got := s.ask(t, other).want(t, http.StatusConflict, "detail", "still running")
				if after := got.header.Get("Retry-After"); after != "1" {
					t.Errorf("Retry-After: %q", after)
				}
			}
			close(g.open)
			made := (<-first).want(t, http.StatusCreated)
			s.ask(t, q).same(t, made)
			if n := s.count(t, s.alice, "/runs/"); n != 1.0 {
				t.Errorf("%v runs", n)
			}
		})
	}
}

// A repetition comes a few times only: a request that takes long sends it away
// for longer.
func TestKeyRunningForLong(t *testing.T) {
	t.Parallel()
	g := newGate("run.staged")
	start := time.Now()
	var passed atomic.Int64
	s := newServer(t, func(c *api.Config) {
		c.Hook = g.hook
		c.Now = func() time.Time { return start.Add(time.Duration(passed.Load())) }
	})
	q := formPOST(t, s.alice, "/runs/", runForm("x", runXML), "k")
	g.shut.Store(true)
	first := s.later(t, q)
	g.wait(t)
	for _, c := range []struct {
		taken time.Duration
		want  string
	}{{-time.Hour, "1"}, {0, "1"}, {9 * time.Second, "9"}, {time.Hour, "30"}} {
		passed.Store(int64(c.taken))
		if after := s.ask(t, q).want(t, http.StatusConflict).header.Get("Retry-After"); after != c.want {
			t.Errorf("after %v: Retry-After %q, want %s", c.taken, after, c.want)
		}
	}
	close(g.open)
	(<-first).want(t, http.StatusCreated)
}

// Two processes do not know of each other's requests; the database does. The
// loser's transaction is undone, and it answers what the winner did.
func TestKeyOvertaken(t *testing.T) {
	t.Parallel()
	for _, same := range []bool{true, false} {
		s := newServer(t)
		g := newGate("run.staged")
		g.shut.Store(true)
		slow := s.second(t, func(c *api.Config) { c.Hook = g.hook })
		q := formPOST(t, s.alice, "/runs/", runForm("x", runXML), "k")
		lost := q
		if !same {
			lost = formPOST(t, s.alice, "/runs/", runForm("y", runXML), "k")
		}
		late := slow.later(t, lost) // finds no answer, and reads on
		g.wait(t)
		first := s.ask(t, q).want(t, http.StatusCreated)
		close(g.open)
		if same {
			(<-late).same(t, first)
		} else {
			(<-late).want(t, http.StatusUnprocessableEntity)
		}
		if n := s.count(t, s.alice, "/runs/"); n != 1.0 {
			t.Errorf("%v runs", n)
		}
		if files := s.stored(t); len(files) != 1 {
			t.Errorf("the loser's file is still there: %q", files)
		}
	}
}

// Whatever arrives at once: one object, and every answer is its.
func TestKeyStorm(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	servers := []*server{s, s.second(t, func(*api.Config) {})}
	q := formPOST(t, s.alice, "/runs/", runForm("x", runXML), "k")
	var mu sync.Mutex
	bodies := map[string]int{}
	busy := 0
	var wg sync.WaitGroup
	for i := range 16 {
		wg.Go(func() {
			got := servers[i%2].ask(t, q)
			mu.Lock()
			defer mu.Unlock()
			switch got.status {
			case http.StatusCreated:
				bodies[string(got.body)]++
			case http.StatusConflict:
				busy++
			default:
				t.Errorf("%d %s", got.status, got.body)
			}
		})
	}
	wg.Wait()
	if len(bodies) != 1 {
		t.Errorf("%d answers, %d told to wait: %v", len(bodies), busy, bodies)
	}
	if n := s.count(t, s.alice, "/runs/"); n != 1.0 {
		t.Errorf("%v runs", n)
	}
}

// Answers live in the database: a server that is started again knows them.
func TestKeyAfterRestart(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	q := formPOST(t, s.alice, "/runs/", runForm("x", runXML), "k")
	first := s.ask(t, q).want(t, http.StatusCreated)
	s.Server.Close()
	again := s.second(t, func(*api.Config) {})
	again.ask(t, q).same(t, first)
	q.body = strings.Replace(q.body, "x", "y", 1)
	again.ask(t, q).want(t, http.StatusUnprocessableEntity)
}
