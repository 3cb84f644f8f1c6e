package api

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"math"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
)

// throttle slows down who guesses passwords and secrets. Every failure fills a
// bucket or more, which drain with time; who comes while one is full is told
// when there is room again. What succeeds fills nothing.
//
// It belongs to the process: what a restart forgets costs a guesser less than
// a table written at every failure costs the lab. It is of bounded size: see
// [buckets]. A counter of requests in windows (go-chi/httprate's) does not fit:
// it counts before the outcome is known, by the system's clock, without a bound
// on its keys, and never forgives.
type throttle struct {
	mu      sync.Mutex
	buckets buckets
	known   knownPlaces
	salt    [16]byte // so that nobody aims at a bucket
}

func newThrottle() *throttle {
	t := &throttle{buckets: buckets{}, known: knownPlaces{}}
	_, _ = rand.Read(t.salt[:]) // never fails: it ends the program instead
	return t
}

// limit is a bucket's size and how fast it drains.
type limit struct {
	burst int           // failures that fill it
	drain time.Duration // until there is room for one more
}

// The limits of failures. An office may share an address, so its limit is
// wider than one account's there. An account's limit over all addresses is
// wider still, and does not count where its owner is known: nobody is locked
// out by a stranger's guesses.
var (
	limitPair    = limit{10, time.Minute}      // of an account at an address
	limitAddress = limit{50, 10 * time.Second} // of any account at an address
	limitAccount = limit{100, 30 * time.Second}
	limitLink    = limit{20, 30 * time.Second} // of links to set a password, at an address
	limitKey     = limit{60, time.Second}      // of API keys at an address
)

// bucketKey names a bucket in 16 bytes, whatever a client sent to fill it.
type bucketKey [16]byte

// load is a bucket that a request is about to fill, if it fails.
type load struct {
	key   bucketKey
	limit limit
}

// key makes a bucket's name.
func (t *throttle) key(kind string, parts ...string) bucketKey {
	h := sha256.New()
	h.Write(t.salt[:])
	h.Write([]byte(kind))
	for _, part := range parts {
		h.Write([]byte{0})
		h.Write([]byte(part))
	}
	return bucketKey(h.Sum(nil)[:16])
}

// try is one attempt to prove something.
type try struct {
	throttle *throttle
	now      func() time.Time
	loads    []load
	place    bucketKey // the account at the address; zero for links and keys
}

// password is an attempt to give an account's password, whether the account
// exists or not.
func (t *throttle) password(now func() time.Time, email, addr string) *try {
	email = strings.ToLower(email)
	pair := t.key("pair", email, addr)
	return &try{throttle: t, now: now, place: pair, loads: []load{
		{pair, limitPair}, {t.key("address", addr), limitAddress}, {t.key("account", email), limitAccount},
	}}
}

// link is an attempt to use a link to set a password.
func (t *throttle) link(now func() time.Time, addr string) *try {
	return &try{throttle: t, now: now, loads: []load{{t.key("link", addr), limitLink}}}
}

// apiKey is an attempt to use an API key.
func (t *throttle) apiKey(now func() time.Time, addr string) *try {
	return &try{throttle: t, now: now, loads: []load{{t.key("key", addr), limitKey}}}
}

// who stands for those whose attempt it is: an account at an address, or an
// address.
func (y *try) who() int64 { return int64(binary.LittleEndian.Uint64(y.loads[0].key[:8])) }

// begin refuses with 429 while a bucket is full.
func (y *try) begin() error {
	y.throttle.mu.Lock()
	defer y.throttle.mu.Unlock()
	return y.full(y.now())
}

// settle notes how the attempt went. It refuses with 429, whatever the outcome
// was, if others have filled a bucket meanwhile: those who try many at once
// learn no more than those who try one after the other.
func (y *try) settle(right bool) error {
	y.throttle.mu.Lock()
	defer y.throttle.mu.Unlock()
	now := y.now()
	if err := y.full(now); err != nil {
		return err
	}
	if !right {
		for _, l := range y.loads {
			y.throttle.buckets.fill(l.key, l.limit, now)
		}
		return nil
	}
	if y.place != (bucketKey{}) {
		delete(y.throttle.buckets, y.place) // those were slips of the finger
		y.throttle.known.add(y.place, now)
	}
	return nil
}

// welcome makes the address known as the account's own.
func (y *try) welcome() {
	y.throttle.mu.Lock()
	defer y.throttle.mu.Unlock()
	y.throttle.known.add(y.place, y.now())
}

// full returns a 429 if a bucket that counts is full. Where the account is
// known at the address only the bucket of the two counts.
func (y *try) full(now time.Time) error {
	loads := y.loads
	if y.place != (bucketKey{}) && y.throttle.known.has(y.place, now) {
		loads = loads[:1]
	}
	var wait time.Duration
	for _, l := range loads {
		wait = max(wait, y.throttle.buckets.wait(l.key, l.limit, now))
	}
	if wait <= 0 {
		return nil
	}
	seconds := int(math.Ceil(wait.Seconds()))
	return newProblem(http.StatusTooManyRequests, "Too many failed attempts. Try again in %d s.", seconds).
		with("Retry-After", strconv.Itoa(seconds))
}
