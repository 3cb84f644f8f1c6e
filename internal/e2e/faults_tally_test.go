package e2e

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/openmibi/openmibi/internal/faulty"
)

// faultTally counts how calls ended, by call and by the faults that befell
// them.
type faultTally struct {
	mu      sync.Mutex
	calls   map[string]*outcomes
	kinds   map[faulty.Kind]*outcomes
	longest map[string]time.Duration
}

// outcomes counts calls: right, and in a typed error.
type outcomes struct{ right, typed int }

func (o *outcomes) add(failed bool) {
	if failed {
		o.typed++
	} else {
		o.right++
	}
}

func (o *outcomes) share() float64 { return float64(o.right) / float64(max(o.right+o.typed, 1)) }

func newFaultTally() *faultTally {
	return &faultTally{calls: map[string]*outcomes{}, kinds: map[faulty.Kind]*outcomes{}, longest: map[string]time.Duration{}}
}

func (f *faultTally) count(call string, events []faulty.Event, failure error, took time.Duration) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.calls[call] == nil {
		f.calls[call] = &outcomes{}
	}
	f.calls[call].add(failure != nil)
	f.longest[call] = max(f.longest[call], took)
	met := map[faulty.Kind]bool{}
	for _, e := range events {
		met[e.Fault.Kind] = true
	}
	for kind := range met {
		if f.kinds[kind] == nil {
			f.kinds[kind] = &outcomes{}
		}
		f.kinds[kind].add(failure != nil)
	}
}

// report logs the counts.
func (f *faultTally) report(t *testing.T) {
	t.Helper()
	var b strings.Builder
	row := func(name string, o *outcomes, more string) {
		fmt.Fprintf(&b, "%-34s %5d right, %4d typed errors, %5.1f %%%s\n", name, o.right, o.typed, 100*o.share(), more)
	}
	for _, name := range slices.Sorted(maps.Keys(f.calls)) {
		row(name, f.calls[name], fmt.Sprintf(", longest %v", f.longest[name].Round(time.Millisecond)))
	}
	all := f.all()
	row("all calls", &all, "\n\nof the calls that a fault befell:")
	for _, kind := range faulty.Kinds() {
		if o := f.kinds[kind]; o != nil {
			row(string(kind), o, "")
		}
	}
	t.Logf("\n%s", b.String())
}

func (f *faultTally) all() (sum outcomes) {
	for _, o := range f.calls {
		sum.right += o.right
		sum.typed += o.typed
	}
	return sum
}

// checkAll asks that most calls came right: a client that fails in typed errors
// alone would pass everything else.
func (f *faultTally) checkAll(t *testing.T, least float64) {
	t.Helper()
	if all := f.all(); all.share() < least {
		t.Errorf("%.1f %% of the calls came right, want %.0f %%", 100*all.share(), 100*least)
	}
}

// checkEach asks that every kind of fault was met, and is survived often enough.
func (f *faultTally) checkEach(t *testing.T, least float64) {
	t.Helper()
	for _, kind := range faulty.Kinds() {
		switch o := f.kinds[kind]; {
		case o == nil:
			t.Errorf("%q befell no call", kind)
		case o.share() < least:
			t.Errorf("of the calls that %q befell, %.1f %% came right, want %.0f %%", kind, 100*o.share(), 100*least)
		}
	}
}
