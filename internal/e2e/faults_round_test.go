package e2e

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/openmibi/openmibi/internal/faulty"
	"github.com/openmibi/openmibi/mibitracker"
)

const (
	// faultSilence is what a round's client takes for silence.
	faultSilence = slowdown * 800 * time.Millisecond
	// faultShare is the share of requests that a fault befalls.
	faultShare = 0.12
)

// faultRound is one client's work through one proxy of one seed. What it makes
// carries its label.
type faultRound struct {
	t      *testing.T
	lab    *faultLab
	seed   uint64
	label  string
	folder string // for files
	// keyless says that the backend ignores the keys of POSTs.
	keyless bool

	proxy  *faulty.Proxy
	client *mibitracker.Client
	tally  *faultTally
	turns  chan struct{} // one element while a round logs in
	seen   int           // events of earlier calls
	failed bool
	// resumed is how many bytes of the download an earlier one had left.
	resumed int64
}

// run does every call once, and compares each. It ends early only where the
// fault-free client fails, which is the test's end, too.
func (r *faultRound) run(ctx context.Context) error {
	return r.steps(ctx, 3, faulty.Seeded{Seed: r.seed, Share: faultShare, Delay: faultSilence / 4},
		r.login, r.copyRun, r.copyImages, r.upload, r.uploadChannel, r.imageSet, r.stream, r.download, r.planes, r.pictures, r.lists)
}

// steps does these through a proxy of a plan, with a client that repeats a
// request so often.
func (r *faultRound) steps(ctx context.Context, retries int, plan faulty.Plan, steps ...func(context.Context) error) (err error) {
	cfg := faulty.Config{Backend: r.lab.site.url, Longest: 3 * faultSilence, Plan: plan}
	if r.keyless {
		cfg.DropHeaders = []string{"Idempotency-Key"}
	}
	if r.proxy, err = faulty.Start(ctx, cfg); err != nil {
		return err
	}
	defer func() {
		err = errors.Join(err, r.proxy.Close())
		if r.failed || err != nil {
			r.t.Logf("seed %d, requests:\n%s", r.seed, eventLines(r.proxy.Events()))
		}
	}()
	r.client, err = mibitracker.New(r.proxy.URL(), mibitracker.WithPassword(alice, password),
		mibitracker.WithSessionTimeout(faultSilence), mibitracker.WithTransferTimeout(faultSilence),
		mibitracker.WithRetries(retries, 2*time.Millisecond, 1500*time.Millisecond))
	if err != nil {
		return err
	}
	defer r.client.CloseIdleConnections()
	for _, step := range steps {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return nil
}

// login logs in before the first call. Passwords are slow to check on purpose:
// rounds that begin at one moment would take each other for silence.
func (r *faultRound) login(ctx context.Context) error {
	r.turns <- struct{}{}
	defer func() { <-r.turns }()
	r.call(ctx, "Login", func(ctx context.Context) (failure, wrong error) { return r.client.Login(ctx), nil })
	return nil
}

// call does one call of the client: do compares what a call that succeeded
// gave, and returns the call's own error in the first place. It reports whether
// the call succeeded.
func (r *faultRound) call(ctx context.Context, name string, do func(context.Context) (failure, wrong error)) bool {
	r.t.Helper()
	ctx, cancel := context.WithTimeout(ctx, 2*time.Minute) // a hanging call shows
	defer cancel()
	began := time.Now()
	failure, wrong := do(ctx)
	if ctx.Err() != nil {
		wrong = errors.Join(wrong, errors.New("the call hung"))
	}
	all := r.proxy.Events()
	events := all[r.seen:]
	r.seen = len(all)
	r.tally.count(name, events, failure, time.Since(began))
	switch {
	case wrong != nil:
		r.wrong("%s: %v", name, wrong)
	case failure == nil:
	case !typed(failure):
		r.wrong("%s: an error of no type: %T %v", name, failure, failure)
	case harmless(events):
		r.wrong("%s failed without a fault: %v", name, failure)
	default:
		r.t.Logf("seed %d, %s, as it may: %v\n%s", r.seed, name, failure, eventLines(events))
	}
	return failure == nil
}

func (r *faultRound) wrong(format string, args ...any) {
	r.t.Helper()
	r.failed = true
	r.t.Errorf("seed %d, %s", r.seed, fmt.Sprintf(format, args...))
}

// harmless says that a call has no excuse: no fault befell its requests, and the
// backend itself was not slow.
func harmless(events []faulty.Event) bool {
	for _, e := range events {
		if !e.Fault.Kind.Harmless() || e.Status == 0 || e.Took > faultSilence/4 {
			return false
		}
	}
	return true
}

func eventLines(events []faulty.Event) string {
	var b strings.Builder
	for i, e := range events {
		fmt.Fprintf(&b, "%4d %v\n", i, e)
	}
	return b.String()
}

// typed says whether an error is one that the package promises.
func typed(err error) bool {
	var api *mibitracker.APIError
	var unexpected *mibitracker.UnexpectedAnswerError
	var silent *mibitracker.SilenceError
	var transport *mibitracker.TransportError
	var broken *mibitracker.BrokenError
	var processing *mibitracker.ProcessingError
	switch {
	case errors.As(err, &api), errors.As(err, &unexpected), errors.As(err, &silent), errors.As(err, &transport),
		errors.As(err, &broken), errors.As(err, &processing):
		return true
	}
	for _, known := range []error{mibitracker.ErrChanged, mibitracker.ErrNoRanges, mibitracker.ErrCorrupt} {
		if errors.Is(err, known) {
			return true
		}
	}
	return false
}
