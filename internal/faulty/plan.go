package faulty

import (
	"hash/fnv"
	"math/rand/v2"
	"net/http"
	"strconv"
	"time"
)

// Plan decides what goes wrong. It is asked once for each request, under a
// lock, in the order in which they come.
type Plan interface {
	Decide(Request) Fault
}

// PlanFunc is a function as a plan.
type PlanFunc func(Request) Fault

// Decide calls the function.
func (f PlanFunc) Decide(r Request) Fault { return f(r) }

// Script is a plan written by hand: the faults of each class, one after
// another, and none after them.
type Script map[string][]Fault

// Decide gives the class's next fault.
func (s Script) Decide(r Request) Fault {
	if faults := s[r.Class]; r.N < len(faults) {
		return faults[r.N]
	}
	return Fault{}
}

// maxStorm is the most requests that one storm refuses.
const maxStorm = 6

// Seeded is a plan by chance. A request's fault depends on the seed, the class
// and the number of requests of that class before it, and on nothing else: the
// same seed replays the same faults, however many requests of other classes
// come in between.
type Seeded struct {
	Seed uint64
	// Share is the probability of a fault, from 0 to 1.
	Share float64
	// Kinds are those to choose from; empty means all.
	Kinds []Kind
	// Delay is the longest of SlowFirst, and twice that of a step of SlowDrip.
	// It has to be shorter than what clients take for silence.
	Delay time.Duration
}

// Decide draws the request's fault, unless a storm is on: then that of the
// storm that lasts longest.
func (s Seeded) Decide(r Request) Fault {
	f := s.draw(r)
	for back := 1; back < maxStorm && back <= r.N; back++ {
		earlier := r
		earlier.N -= back
		storm := s.draw(earlier)
		left := storm.Storm - back
		if left >= 0 && (f.Storm == 0 || left > f.Storm) {
			f = storm
			f.Storm = left
		}
	}
	return f
}

func (s Seeded) draw(r Request) Fault {
	class := fnv.New64a()
	_, _ = class.Write([]byte(r.Class))
	rng := rand.New(rand.NewPCG(s.Seed, class.Sum64()+uint64(r.N)*0x9e3779b97f4a7c15))
	if rng.Float64() >= s.Share {
		return Fault{}
	}
	var kinds []Kind
	from := s.Kinds
	if len(from) == 0 {
		from = Kinds()
	}
	for _, k := range from {
		if k.fits(r) {
			kinds = append(kinds, k)
		}
	}
	if len(kinds) == 0 {
		return Fault{}
	}
	f := Fault{Kind: kinds[rng.IntN(len(kinds))], At: rng.Float64()}
	switch f.Kind {
	case Refused, RefusedLost:
		f.Status = []int{http.StatusBadGateway, http.StatusServiceUnavailable}[rng.IntN(2)]
		f.Page = rng.IntN(2) == 0
		f.RetryAfter = waits(rng)
		if f.Kind == Refused && rng.IntN(2) == 0 {
			f.Storm = rng.IntN(maxStorm)
		}
	case SlowFirst:
		f.Delay = s.Delay/2 + time.Duration(rng.Int64N(int64(s.Delay/2)+1))
	case SlowDrip:
		f.Delay = s.Delay / 2
	}
	return f
}

// waits is a Retry-After: mostly none, else short, and rarely longer than
// anybody waits.
func waits(rng *rand.Rand) string {
	switch n := rng.IntN(20); {
	case n < 12:
		return ""
	case n < 17:
		return "0"
	case n < 18:
		return "1"
	case n < 19: // a moment that has passed: at once
		return "Mon, 02 Jan 2006 15:04:05 GMT"
	}
	return strconv.Itoa(3600)
}
