package api

import (
	"encoding/binary"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strconv"
	"sync"
	"testing"
	"time"
)

// guesses is a throttle with a clock that a test moves.
type guesses struct {
	*throttle
	at time.Time
}

func newGuesses() *guesses {
	return &guesses{newThrottle(), time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)}
}

func (g *guesses) now() time.Time { return g.at }

// guess tries a password once; it returns the seconds to wait if that was refused.
func (g *guesses) guess(t *testing.T, email, addr string, right bool) (wait int) {
	t.Helper()
	try := g.password(g.now, email, addr)
	err := try.begin()
	if err == nil {
		err = try.settle(right)
	}
	var p *problem
	if err == nil {
		return 0
	}
	if !errors.As(err, &p) || p.status != http.StatusTooManyRequests {
		t.Fatalf("%v", err)
	}
	wait, err = strconv.Atoi(p.header.Get("Retry-After"))
	if err != nil || wait < 1 {
		t.Fatalf("Retry-After: %q", p.header.Get("Retry-After"))
	}
	return wait
}

func TestThrottleOfAnAccountAtAnAddress(t *testing.T) {
	t.Parallel()
	g := newGuesses()
	for i := range limitPair.burst {
		if wait := g.guess(t, "ann@example.org", "192.0.2.1", false); wait != 0 {
			t.Fatalf("guess %d: wait %d", i+1, wait)
		}
	}
	for _, right := range []bool{false, true} {
		if wait := g.guess(t, "Ann@Example.ORG", "192.0.2.1", right); wait != 60 {
			t.Errorf("right %v: wait %d, want 60", right, wait)
		}
	}
	for _, other := range [][2]string{{"bob@example.org", "192.0.2.1"}, {"ann@example.org", "192.0.2.2"}} {
		if wait := g.guess(t, other[0], other[1], false); wait != 0 {
			t.Errorf("%v: wait %d", other, wait)
		}
	}
	g.at = g.at.Add(59 * time.Second)
	if wait := g.guess(t, "ann@example.org", "192.0.2.1", true); wait != 1 {
		t.Errorf("before the minute is over: wait %d", wait)
	}
	g.at = g.at.Add(time.Second)
	if wait := g.guess(t, "ann@example.org", "192.0.2.1", false); wait != 0 {
		t.Errorf("after a minute: wait %d", wait)
	}
	if wait := g.guess(t, "ann@example.org", "192.0.2.1", false); wait != 60 {
		t.Errorf("one more: wait %d", wait)
	}
	g.at = g.at.Add(time.Minute)
	if wait := g.guess(t, "ann@example.org", "192.0.2.1", true); wait != 0 {
		t.Errorf("the right one: wait %d", wait)
	}
	for i := range limitPair.burst { // what was right has forgiven the slips
		if wait := g.guess(t, "ann@example.org", "192.0.2.1", false); wait != 0 {
			t.Fatalf("guess %d after the right one: wait %d", i+1, wait)
		}
	}
}

func TestThrottleOfAnAddress(t *testing.T) {
	t.Parallel()
	g := newGuesses()
	g.guess(t, "ann@example.org", "192.0.2.1", true)
	for i := range limitAddress.burst {
		if wait := g.guess(t, strconv.Itoa(i)+"@example.org", "192.0.2.1", false); wait != 0 {
			t.Fatalf("guess %d: wait %d", i+1, wait)
		}
	}
	if wait := g.guess(t, "bob@example.org", "192.0.2.1", true); wait != 10 {
		t.Errorf("another account there: wait %d", wait)
	}
	if wait := g.guess(t, "ann@example.org", "192.0.2.1", true); wait != 0 {
		t.Errorf("an account that is known there: wait %d", wait)
	}
	if wait := g.guess(t, "bob@example.org", "192.0.2.2", true); wait != 0 {
		t.Errorf("elsewhere: wait %d", wait)
	}
	// Who has an account of its own gains no guesses by it.
	g.guess(t, "eve@example.org", "192.0.2.1", true)
	if wait := g.guess(t, "bob@example.org", "192.0.2.1", true); wait == 0 {
		t.Error("another's success has forgiven the address")
	}
}

func TestThrottleOfAnAccount(t *testing.T) {
	t.Parallel()
	g := newGuesses()
	g.guess(t, "ann@example.org", "198.51.100.7", true)
	tries := 0
	for i := 0; tries < 1000; i++ {
		if g.guess(t, "ann@example.org", "192.0.2."+strconv.Itoa(i), false) != 0 {
			break
		}
		tries++
	}
	if tries != limitAccount.burst {
		t.Errorf("%d guesses from everywhere, want %d", tries, limitAccount.burst)
	}
	if wait := g.guess(t, "ann@example.org", "203.0.113.1", true); wait != 30 {
		t.Errorf("from anywhere: wait %d", wait)
	}
	if wait := g.guess(t, "bob@example.org", "192.0.2.1", true); wait != 0 {
		t.Errorf("another account: wait %d", wait)
	}
	// Its owner goes on, with slips and all, but is not free to guess either.
	for i := range limitPair.burst {
		if wait := g.guess(t, "ann@example.org", "198.51.100.7", false); wait != 0 {
			t.Fatalf("the owner's slip %d: wait %d", i+1, wait)
		}
	}
	if wait := g.guess(t, "ann@example.org", "198.51.100.7", true); wait != 60 {
		t.Errorf("the owner's guesses: wait %d", wait)
	}
	g.at = g.at.Add(knownFor)
	for i := range limitAccount.burst {
		g.guess(t, "ann@example.org", "192.0.2."+strconv.Itoa(i), false)
	}
	if wait := g.guess(t, "ann@example.org", "198.51.100.7", true); wait == 0 {
		t.Error("a place is known for ever")
	}
}

// Many tries at once learn no more than one after the other: whoever is
// answered after the bucket is full is refused, were it right or wrong.
func TestThrottleAtOnce(t *testing.T) {
	t.Parallel()
	g := newGuesses()
	var tries []*try
	for range 64 {
		try := g.password(g.now, "ann@example.org", "192.0.2.1")
		if err := try.begin(); err != nil {
			t.Fatal(err)
		}
		tries = append(tries, try)
	}
	var wg sync.WaitGroup
	var mu sync.Mutex
	answered := 0
	for _, try := range tries {
		wg.Go(func() {
			if try.settle(false) == nil {
				mu.Lock()
				answered++
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	if answered != limitPair.burst {
		t.Errorf("%d of 64 were answered, want %d", answered, limitPair.burst)
	}
	// Those that are right are all let in.
	h := newGuesses()
	for range 64 {
		if wait := h.guess(t, "ann@example.org", "192.0.2.1", true); wait != 0 {
			t.Fatalf("a right one: wait %d", wait)
		}
	}
}

// Memory is bounded, and who floods it does not empty the buckets that count.
func TestThrottleFlood(t *testing.T) {
	t.Parallel()
	g := newGuesses()
	full := g.key("victim")
	b := g.buckets
	for range 1000 {
		b.fill(full, limitPair, g.at)
	}
	for i := range maxBuckets + 5000 {
		var k bucketKey
		binary.LittleEndian.PutUint64(k[:], uint64(i))
		b.fill(k, limitPair, g.at)
		g.known.add(k, g.at.Add(time.Duration(i)*time.Second))
	}
	if len(b) > maxBuckets || len(g.known) > maxBuckets {
		t.Errorf("%d buckets, %d places", len(b), len(g.known))
	}
	if b.wait(full, limitPair, g.at) <= 0 {
		t.Error("a flood has emptied a full bucket")
	}
}

func BenchmarkThrottle(b *testing.B) {
	g := newGuesses()
	for i := range maxBuckets {
		var k bucketKey
		binary.LittleEndian.PutUint64(k[:], uint64(i))
		g.buckets.fill(k, limitPair, g.at)
	}
	i := 0
	for b.Loop() {
		i++
		try := g.password(g.now, strconv.Itoa(i), "192.0.2.1")
		_ = try.begin()
		_ = try.settle(false)
		g.at = g.at.Add(time.Minute)
	}
}

func TestClientAddr(t *testing.T) {
	t.Parallel()
	a := &API{Config: Config{TrustedProxies: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("fd00::/8")}}}
	for _, tt := range []struct {
		remote    string
		forwarded []string
		want      string
	}{
		{"192.0.2.1:1234", nil, "192.0.2.1"},
		{"[::ffff:192.0.2.1]:1234", nil, "192.0.2.1"},
		{"[2001:db8:1:2:3:4:5:6]:1234", nil, "2001:db8:1:2::/64"},
		{"[fe80::1%eth0]:1234", nil, "fe80::/64"},
		{"192.0.2.1:1234", []string{"198.51.100.1"}, "192.0.2.1"}, // a client that is no proxy
		{"10.1.1.1:1234", nil, "10.1.1.1"},
		{"10.1.1.1:1234", []string{"198.51.100.1"}, "198.51.100.1"},
		{"10.1.1.1:1234", []string{"6.6.6.6, 198.51.100.1"}, "198.51.100.1"}, // what the client wrote comes first
		{"10.1.1.1:1234", []string{"6.6.6.6", "198.51.100.1"}, "198.51.100.1"},
		{"10.1.1.1:1234", []string{"198.51.100.1, 10.2.2.2"}, "198.51.100.1"}, // two proxies
		{"10.1.1.1:1234", []string{"198.51.100.1:4711"}, "198.51.100.1"},
		{"10.1.1.1:1234", []string{"[2001:db8::7]:4711"}, "2001:db8::/64"},
		{"10.1.1.1:1234", []string{"2001:db8::7"}, "2001:db8::/64"},
		{"10.1.1.1:1234", []string{"::ffff:198.51.100.1"}, "198.51.100.1"},
		{"[fd00::1]:1234", []string{"198.51.100.1"}, "198.51.100.1"},
		{"10.1.1.1:1234", []string{"unknown"}, "10.1.1.1"},
		{"10.1.1.1:1234", []string{"198.51.100.1, <script>"}, "10.1.1.1"},
		{"10.1.1.1:1234", []string{""}, "10.1.1.1"},
		{"@", nil, ""},
	} {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil)
		r.RemoteAddr = tt.remote
		r.Header["X-Forwarded-For"] = tt.forwarded
		if got := a.clientAddr(r); got != tt.want {
			t.Errorf("%s, forwarded for %q: %q, want %q", tt.remote, tt.forwarded, got, tt.want)
		}
	}
}
