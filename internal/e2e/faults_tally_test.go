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

// check reports the counts, and asks that most calls came right: a client that
// fails in typed errors alone would pass everything else. least is for all
// calls, each for those of one kind of fault.
func (f *faultTally) check(t *testing.T, least, each float64) {
	t.Helper()
	var b strings.Builder
	var all outcomes
	for _, name := range slices.Sorted(maps.Keys(f.calls)) {
		o := f.calls[name]
		all.right += o.right
		all.typed += o.typed
		fmt.Fprintf(&b, "%-34s %5d right, %4d typed errors, %5.1f %%, longest %v\n", name, o.right, o.typed, 100*o.share(), f.longest[name].Round(time.Millisecond))
	}
	fmt.Fprintf(&b, "%-34s %5d right, %4d typed errors, %5.1f %%\n\nof the calls that a fault befell:\n", "all calls", all.right, all.typed, 100*all.share())
	for _, kind := range faulty.Kinds() {
		o := f.kinds[kind]
		if o == nil {
			t.Errorf("%q befell no call", kind)
			continue
		}
		fmt.Fprintf(&b, "%-34s %5d right, %4d typed errors, %5.1f %%\n", kind, o.right, o.typed, 100*o.share())
		if o.share() < each {
			t.Errorf("of the calls that %q befell, %.1f %% came right, want %.0f %%", kind, 100*o.share(), 100*each)
		}
	}
	t.Logf("%s", b.String())
	if all.share() < least {
		t.Errorf("%.1f %% of the calls came right, want %.0f %%", 100*all.share(), 100*least)
	}
}
