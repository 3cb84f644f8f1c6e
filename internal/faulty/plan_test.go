package faulty_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/openmibi/openmibi/internal/faulty"
)

func TestSeededIsReplayed(t *testing.T) {
	t.Parallel()
	plan := faulty.Seeded{Seed: 7, Share: 0.5, Delay: 10 * time.Millisecond}
	draw := func(class string, n int) faulty.Fault {
		return plan.Decide(faulty.Request{Class: class, N: n, Authorized: true, Signed: true, Size: 1})
	}
	var first, second, other []faulty.Fault
	for n := range 50 {
		first = append(first, draw("GET /a/", n))
	}
	for n := range 50 {
		other = append(other, draw("GET /b/", n)) // in between
		second = append(second, draw("GET /a/", n))
	}
	if diff := cmp.Diff(first, second); diff != "" {
		t.Error(diff)
	}
	if cmp.Equal(first, other) {
		t.Error("two classes have the same faults")
	}
	plan.Seed++
	var third []faulty.Fault
	for n := range 50 {
		third = append(third, draw("GET /a/", n))
	}
	if cmp.Equal(first, third) {
		t.Error("two seeds have the same faults")
	}
}

func TestSeededShareAndKinds(t *testing.T) {
	t.Parallel()
	all := faulty.Request{Class: "PUT signed", Authorized: true, Signed: true, Size: 1}
	bare := faulty.Request{Class: "GET /x/"}
	seen, bareSeen := map[faulty.Kind]int{}, map[faulty.Kind]int{}
	const many = 4000
	for seed := range uint64(many) {
		plan := faulty.Seeded{Seed: seed, Share: 0.4, Delay: 10 * time.Millisecond}
		seen[plan.Decide(all).Kind]++
		bareSeen[plan.Decide(bare).Kind]++
	}
	for _, k := range faulty.Kinds() {
		if seen[k] < many/100 {
			t.Errorf("%s befell %d of %d", k, seen[k], many)
		}
	}
	if n := seen[faulty.None]; n < many*55/100 || n > many*65/100 {
		t.Errorf("%d of %d had no fault, want 60%%", n, many)
	}
	for _, k := range []faulty.Kind{faulty.ResetRequest, faulty.StallRequest, faulty.Unauthorized, faulty.TokenEnds, faulty.LinkEnds, faulty.LinkEndsHalfway} {
		if bareSeen[k] != 0 {
			t.Errorf("%s befell a plain GET", k)
		}
	}
	never := faulty.Seeded{Share: 0}
	only := faulty.Seeded{Share: 1, Kinds: []faulty.Kind{faulty.Truncated}}
	for n := range 100 {
		bare.N = n
		if f := never.Decide(bare); f.Kind != faulty.None {
			t.Fatalf("never: %v", f)
		}
		if f := only.Decide(bare); f.Kind != faulty.Truncated || f.At < 0 || f.At >= 1 {
			t.Fatalf("only truncated: %v", f)
		}
	}
}

// A storm refuses as many requests in a row as it says, all alike.
func TestSeededStorms(t *testing.T) {
	t.Parallel()
	longest := 0
	for seed := range uint64(300) {
		plan := faulty.Seeded{Seed: seed, Share: 0.1, Kinds: []faulty.Kind{faulty.Refused}}
		for n := range 20 {
			f := plan.Decide(faulty.Request{Class: "GET /x/", N: n})
			for more := 1; more <= f.Storm; more++ {
				want := f
				want.Storm -= more
				got := plan.Decide(faulty.Request{Class: "GET /x/", N: n + more})
				// One that begins within it may last longer.
				if got.Kind != faulty.Refused || got.Storm < want.Storm {
					t.Fatalf("seed %d, request %d: %v, then %d later %v", seed, n, f, more, got)
				}
			}
			longest = max(longest, f.Storm+1)
		}
	}
	if longest < 5 {
		t.Errorf("the longest storm has %d requests", longest)
	}
}
