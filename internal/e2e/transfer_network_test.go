package e2e

import (
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/openmibi/openmibi/internal/faulty"
)

// What breaks in the middle of a transfer and is gone then is no failure: the
// command mends it by itself, and what it has moved is right.
func TestTransferMends(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("it waits for what is silent")
	}
	l := newTransferLab(t, t.TempDir(), 4)
	l.fill(t, "filled")
	reference := t.TempDir()
	runCommand(t, home(t, l.server.url), 0, pullArgs("filled", reference, "--layout", "channels")...)
	channels := pulled(t, under(reference, "filled"))
	if len(channels) != 4*l.first.channels {
		t.Fatalf("%d channels", len(channels))
	}
	for name, faults := range map[string][]faulty.Fault{
		"the network stalls in an answer":    {{}, {Kind: faulty.StallBody, At: 0.4}, {}, {Kind: faulty.StallBody, At: 0.9}},
		"the network stalls before answers":  {{Kind: faulty.StallFirst}, {}, {Kind: faulty.StallAnswer}},
		"the network stalls in a request":    {{}, {Kind: faulty.StallRequest, At: 0.5}, {Kind: faulty.StallRequest, At: 0.1}},
		"connections are reset":              {{Kind: faulty.ResetFirst}, {Kind: faulty.ResetBody, At: 0.5}, {Kind: faulty.ResetHeader}},
		"connections are reset in a request": {{}, {Kind: faulty.ResetRequest, At: 0.5}, {Kind: faulty.ResetRequest, At: 0.99}},
		"answers are cut":                    {{}, {Kind: faulty.Truncated, At: 0.7}, {Kind: faulty.TooLong, At: 0.5}, {Kind: faulty.TooShort, At: 0.5}},
		"a gateway refuses":                  {{Kind: faulty.Refused, Status: 502, Page: true}, {Kind: faulty.RefusedLost, Status: 503, RetryAfter: "1"}},
		"links expire":                       {{}, {Kind: faulty.LinkEnds}, {}, {Kind: faulty.LinkEndsHalfway, At: 0.5}, {}, {}, {Kind: faulty.LinkEnds}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			script := func() faulty.Plan {
				return faulty.Script{"GET signed": faults, "PUT signed": faults, "GET /download/": faults[:1], "POST /upload_mibitiff/": faults[:1]}
			}
			if !strings.HasSuffix(name, "in a request") { // a pull's are empty
				p, dir := l.proxy(t, script()), t.TempDir()
				runCommand(t, home(t, p.URL()), 0, pullArgs("filled", dir, "--timeout", "2s", "--jobs", "1")...)
				intact(t, pulled(t, under(dir, "filled")), l.whole(), true)
				struck(t, p)

				p, dir = l.proxy(t, script()), t.TempDir()
				runCommand(t, home(t, p.URL()), 0, pullArgs("filled", dir, "--timeout", "2s", "--jobs", "1", "--layout", "channels")...)
				intact(t, pulled(t, under(dir, "filled")), channels, true)
				struck(t, p)
			}
			l.newRun(t, name)
			p := l.proxy(t, script())
			runCommand(t, home(t, p.URL()), 0, l.pushArgs(name, "--timeout", "2s", "--jobs", "1", "--wait")...)
			if n := l.held(t, name); n != len(l.tiffs) {
				t.Errorf("%d images are available", n)
			}
			struck(t, p)
		})
	}
}

// struck fails the test if nothing went wrong at a proxy.
func struck(t *testing.T, p *faulty.Proxy) {
	t.Helper()
	if !slices.ContainsFunc(p.Events(), func(e faulty.Event) bool { return e.Fault.Kind != faulty.None }) {
		t.Error("nothing went wrong")
	}
}

// Whatever goes wrong, as often as it may: nothing half stands under a final
// name, the exit code is one of a transfer's, and the same command brings it to
// its end.
func TestTransferThroughEverything(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("it waits for what is silent")
	}
	l := newTransferLab(t, t.TempDir(), 4)
	l.fill(t, "filled")
	const rounds = 4
	for _, seed := range []uint64{1, 2, 3} {
		// The last round is undisturbed, and so it has to end.
		play := func(t *testing.T, args func() []string, look func(done bool)) {
			t.Helper()
			var plan turns
			p := l.proxy(t, &plan)
			for round := range rounds {
				plan.set(faulty.Seeded{Seed: seed*100 + uint64(round), Share: 0.3 * float64(seed)})
				more := []string{"--timeout", "1s"}
				if round == rounds-1 {
					plan.set(faulty.Script{})
					more = nil
				}
				c := begin(t, home(t, p.URL()), append(args(), more...)...)
				code := c.code(t)
				t.Logf("round %d: exit code %d: %s", round, code, c.last())
				look(code == 0)
				if code == 0 {
					struck(t, p)
					return
				}
			}
			t.Error("it does not end")
		}
		t.Run("pull", func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			play(t, func() []string { return pullArgs("filled", dir) }, func(done bool) {
				intact(t, pulled(t, under(dir, "filled")), l.whole(), done)
			})
		})
		t.Run("push", func(t *testing.T) {
			t.Parallel()
			label := "everything-" + itoa(int64(seed))
			l.newRun(t, label)
			play(t, func() []string { return l.pushArgs(label) }, func(done bool) {
				l.held(t, label)
				if done {
					l.available(t, label)
				}
			})
		})
	}
}

// turns is a plan that is exchanged for another one while its proxy runs.
type turns struct {
	mu  sync.Mutex
	now faulty.Plan
}

func (p *turns) set(plan faulty.Plan) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.now = plan
}

// Decide asks the plan whose turn it is.
func (p *turns) Decide(r faulty.Request) faulty.Fault {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.now.Decide(r)
}
