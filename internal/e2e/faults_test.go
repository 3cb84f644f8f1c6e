package e2e

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"go.uber.org/goleak"
)

var (
	faultRounds = flag.Int("fault-rounds", 200, "how many seeded rounds of faults are run")
	faultSeed   = flag.Uint64("fault-seed", 0, "the seed of the first round of faults")
)

// TestFaults lets clients work through a proxy that breaks things: every call
// ends right, or in a typed error, and whatever it says, nothing stands twice
// or in half. In every fourth round the backend ignores the keys of POSTs.
// -fault-seed=N -fault-rounds=1 runs the round of a seed alone.
//
// It does not run beside other tests: it counts goroutines.
func TestFaults(t *testing.T) {
	rounds := *faultRounds
	if raceDetector || testing.Short() {
		rounds = min(rounds, 24) // the detector takes ten times the time
	}
	here := goleak.IgnoreCurrent()
	tally := newFaultTally()
	t.Run("rounds", func(t *testing.T) { runFaultRounds(t, tally, rounds) })
	if err := goleak.Find(here); err != nil {
		t.Error(err)
	}
	t.Logf("%d rounds", rounds)
	tally.report(t)
	if rounds >= 20 {
		tally.checkAll(t, 0.85)
	}
	if rounds >= 100 {
		tally.checkEach(t, 0.4)
	}
}

func runFaultRounds(t *testing.T, tally *faultTally, count int) {
	const sites = 2
	labs := make([]*faultLab, min(sites, count))
	labels := make([]map[string]bool, len(labs))
	for i := range labs {
		labs[i], labels[i] = newFaultLab(t), map[string]bool{}
	}
	rounds := makeFaultRounds(t, tally, labs, count)
	for i, r := range rounds {
		labels[i%len(labs)][r.label] = true
	}
	each(rounds, func(r *faultRound) error { return r.run(t.Context()) })
	for i, lab := range labs {
		if err := lab.atRest(t.Context(), labels[i]); err != nil {
			t.Errorf("site %d: %v", i, err)
		}
	}
}

// makeFaultRounds makes rounds of the seeds from -fault-seed on, that take the
// labs by turns.
func makeFaultRounds(t *testing.T, tally *faultTally, labs []*faultLab, count int) []*faultRound {
	t.Helper()
	files, turns := t.TempDir(), make(chan struct{}, 2)
	rounds := make([]*faultRound, count)
	for i := range rounds {
		seed := *faultSeed + uint64(i)
		r := &faultRound{
			t: t, lab: labs[i%len(labs)], seed: seed, label: fmt.Sprintf("round-%d", seed),
			tally: tally, turns: turns, keyless: seed%4 == 3,
		}
		r.folder = filepath.Join(files, r.label)
		if err := os.Mkdir(r.folder, 0o700); err != nil {
			t.Fatal(err)
		}
		rounds[i] = r
	}
	return rounds
}

// each runs rounds side by side: they mostly wait.
func each(rounds []*faultRound, run func(*faultRound) error) {
	const workers = 16
	next := make(chan *faultRound)
	var wait sync.WaitGroup
	for range workers {
		wait.Go(func() {
			for r := range next {
				if err := run(r); err != nil {
					r.t.Errorf("seed %d: the round could not go on: %v", r.seed, err)
				}
			}
		})
	}
	for _, r := range rounds {
		next <- r
	}
	close(next)
	wait.Wait()
}
