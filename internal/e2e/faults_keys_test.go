package e2e

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/openmibi/openmibi/internal/faulty"
	"github.com/openmibi/openmibi/internal/synth"
	"github.com/openmibi/openmibi/mibitracker"
)

// lostAnswers are the faults after which the backend has acted, and the client
// does not know.
var lostAnswers = []faulty.Kind{
	faulty.RefusedLost, faulty.ResetHeader, faulty.ResetBody, faulty.StallAnswer, faulty.StallBody, faulty.Truncated, faulty.TooLong, faulty.TooShort,
}

// A copy whose answers are lost is made once, whether the backend honours keys
// or the client has to look what stands there.
func TestCopyWhoseAnswerIsLost(t *testing.T) {
	t.Parallel()
	lab := newFaultLab(t)
	for _, keyless := range []bool{false, true} {
		for _, kind := range lostAnswers {
			t.Run(fmt.Sprintf("%s, keyless=%v", kind, keyless), func(t *testing.T) {
				t.Parallel()
				label := fmt.Sprintf("lost %s %v", kind, keyless)
				// Its answer is lost twice: the second attempt's is a replay or a refusal.
				fault := faulty.Fault{Kind: kind, Status: http.StatusBadGateway, At: 0.5}
				c, proxy := lab.through(t, keyless, faulty.Script{"POST /runs/": {fault, fault}})
				copied, err := c.Runs.Copy(t.Context(), lab.run.Label, label, map[string]any{"description": label})
				if err != nil {
					t.Fatalf("%v\n%s", err, eventLines(proxy.Events()))
				}
				standing, err := lab.runsOf(t.Context(), mibitracker.RunFilter{Label: label})
				if err != nil || len(standing) != 1 || standing[0].ID != copied.New.ID || standing[0].Description != label || copied.New.Label != label {
					t.Errorf("given %+v, there stand %d, %v\n%s", copied.New, len(standing), err, eventLines(proxy.Events()))
				}
			})
		}
	}
}

// A label that another run has is refused, whatever happens to the answers: the
// client does not take that run for its own.
func TestCopyOntoAnothersLabel(t *testing.T) {
	t.Parallel()
	lab := newFaultLab(t)
	ctx := t.Context()
	other := lab.small.again(t, 77, synth.Small())
	for name, foreign := range map[string]func(label string) (*mibitracker.Run, error){
		"another description": func(label string) (*mibitracker.Run, error) {
			copied, err := lab.direct.Runs.Copy(ctx, lab.run.Label, label, map[string]any{"description": "another's"})
			if err != nil {
				return nil, err
			}
			return copied.New, nil
		},
		"another XML": func(label string) (*mibitracker.Run, error) {
			return lab.direct.Runs.Create(ctx, mibitracker.NewRun{
				XML:   mibitracker.FromBytes(lab.run.Filename, append(other.xml, '\n')),
				Label: label, Instrument: lab.run.Instrument.ID, Description: "mine", RunDate: lab.run.RunDate,
			})
		},
	} {
		for _, keyless := range []bool{false, true} {
			for _, kind := range append([]faulty.Kind{faulty.None, faulty.Refused}, lostAnswers...) {
				if kind == faulty.TooShort || kind == faulty.TooLong {
					continue // a refusal that is cut is a refusal still
				}
				t.Run(fmt.Sprintf("%s, %s, keyless=%v", name, kind, keyless), func(t *testing.T) {
					t.Parallel()
					label := fmt.Sprintf("foreign %s %s %v", name, kind, keyless)
					run, err := foreign(label)
					if err != nil {
						t.Fatal(err)
					}
					fault := faulty.Fault{Kind: kind, Status: http.StatusBadGateway, At: 0.5}
					c, proxy := lab.through(t, keyless, faulty.Script{"POST /runs/": {fault}})
					copied, err := c.Runs.Copy(ctx, lab.run.Label, label, map[string]any{"description": "mine"})
					var refused *mibitracker.APIError
					if !errors.As(err, &refused) || !errors.Is(err, mibitracker.ErrBadRequest) {
						t.Fatalf("%v, %+v\n%s", err, copied, eventLines(proxy.Events()))
					}
					standing, err := lab.runsOf(ctx, mibitracker.RunFilter{Label: label})
					if err != nil || len(standing) != 1 || standing[0].ID != run.ID || standing[0].Description != run.Description {
						t.Errorf("there stand %+v, %v", standing, err)
					}
				})
			}
		}
	}
}

// through is a client of the lab behind a proxy that follows a script; keyless
// makes the backend one that ignores keys.
func (lab *faultLab) through(t *testing.T, keyless bool, plan faulty.Plan) (*mibitracker.Client, *faulty.Proxy) {
	t.Helper()
	cfg := faulty.Config{Backend: lab.site.url, Plan: plan, Longest: time.Minute}
	if keyless {
		cfg.DropHeaders = []string{"Idempotency-Key"}
	}
	p, err := faulty.Start(context.WithoutCancel(t.Context()), cfg)
	if err != nil {
		t.Fatal(err)
	}
	c, err := mibitracker.New(p.URL(), mibitracker.WithToken(lab.direct.Token()),
		mibitracker.WithSessionTimeout(slowdown*5*time.Second), mibitracker.WithTransferTimeout(slowdown*time.Second),
		mibitracker.WithRetries(3, time.Millisecond, 10*time.Millisecond))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		c.CloseIdleConnections()
		if err := p.Close(); err != nil {
			t.Error(err)
		}
	})
	return c, p
}
