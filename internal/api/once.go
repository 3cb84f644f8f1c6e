package api

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"hash"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/openmibi/openmibi/internal/store"
)

const (
	keyHeader  = "Idempotency-Key" // contract: Base rules
	maxKey     = 255               // bytes
	keptFor    = 24 * time.Hour
	keyRunning = "A request with this Idempotency-Key is still running. Ask again for its answer."
	keyReused  = "This Idempotency-Key was sent before, with another body. Every request needs a key of its own."
)

// once is a request with an Idempotency-Key: it is done once, and its
// repetitions are answered what it was. The nil once is a request without.
type once struct {
	call *Call
	key  store.AnswerKey
	hash hash.Hash // of the body, as far as it was read
	size int64
	free func() // gives the key up
}

// takeKey reads the request's key, and holds it until [once.end]. A key that
// another request of this process holds is 409.
func (c *Call) takeKey() error {
	values := c.Request.Header.Values(keyHeader)
	if len(values) == 0 {
		return nil
	}
	key := strings.TrimSpace(values[0])
	switch {
	case len(values) > 1:
		return fieldProblem(keyHeader, "Send this header once.")
	case key == "":
		return fieldProblem(keyHeader, "This header may not be blank.")
	case len(key) > maxKey:
		return fieldProblem(keyHeader, "This header is longer than %d bytes.", maxKey)
	case !utf8.ValidString(key) || strings.ContainsFunc(key, unicode.IsControl):
		return fieldProblem(keyHeader, "This header may not hold control characters, nor what is no UTF-8.")
	}
	// The path has one spelling by now: see oneSlash.
	k := store.AnswerKey{AccountID: c.Account.ID, Route: c.Request.URL.Path, Key: key}
	if since, held := c.api.running.begin(k, c.api.Now()); held {
		return runningProblem(c.api.Now().Sub(since))
	}
	// Only once: afterwards a repetition may hold it.
	free := sync.OnceFunc(func() { c.api.running.end(k) })
	c.once = &once{call: c, key: k, hash: sha256.New(), free: free}
	if ct := c.Request.Header.Get("Content-Type"); strings.HasPrefix(strings.ToLower(ct), "multipart/") {
		// The boundary decides what the bytes mean.
		_, _ = io.WriteString(c.once.hash, ct+"\n") // a hash does not fail
	}
	if query := c.Request.URL.RawQuery; query != "" { // a panel's fields beside its CSV
		_, _ = io.WriteString(c.once.hash, query+"\n")
	}
	c.Request.Body = struct {
		io.Reader
		io.Closer
	}{io.TeeReader(c.Request.Body, c.once), c.Request.Body}
	return nil
}

// end gives the key up: what the request has done is done, or never will be.
func (o *once) end() {
	if o != nil {
		o.free()
	}
}

// maxComeBack is how long a request under way sends its repetitions away for.
const maxComeBack = 30 * time.Second

// runningProblem sends a repetition away for as long again as the request has
// taken: it comes a few times only, and what takes a minute may take another.
func runningProblem(taken time.Duration) error {
	wait := min(max(taken, time.Second), maxComeBack)
	return newProblem(http.StatusConflict, keyRunning).with("Retry-After", strconv.Itoa(int(wait.Seconds())))
}

// Write notes a piece of the body.
func (o *once) Write(p []byte) (int, error) {
	o.size += int64(len(p))
	return o.hash.Write(p)
}

// asked reads what is left of the body, within the limit of whoever began to
// read it, and says what the body was.
func (o *once) asked() (store.Asked, error) {
	if _, err := io.Copy(io.Discard, o.call.rest()); err != nil {
		return store.Asked{}, readProblem(err)
	}
	return store.Asked{SHA256: hex.EncodeToString(o.hash.Sum(nil)), Size: o.size}, nil
}

// repeated ends a request that was answered before: with that answer.
type repeated struct{ store.Answer }

func (*repeated) Error() string { return "answered before" }

// answered returns a [repeated], or what is wrong with the repetition, if an
// answer is kept for the key.
func (o *once) answered(ctx context.Context) error {
	if o == nil {
		return nil
	}
	first, err := o.call.api.Store.Asked(ctx, o.key, o.call.api.Now())
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	// What is longer than the first body is another, however it goes on.
	o.call.limited(first.Size)
	return o.repeat(ctx, first)
}

// repeat answers a repetition of a request. The answer, which may be large, is
// read when the body has arrived, which may take its time.
func (o *once) repeat(ctx context.Context, first store.Asked) error {
	asked, err := o.asked()
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge), err == nil && asked != first:
		return newProblem(http.StatusUnprocessableEntity, keyReused)
	case err != nil:
		return err
	}
	kept, err := o.call.api.Store.Answer(ctx, o.key, o.call.api.Now())
	if errors.Is(err, store.ErrNotFound) {
		return runningProblem(0) // it has expired meanwhile: asked again, it is done anew
	}
	if err != nil {
		return err
	}
	if kept, err = o.unseal(kept); err != nil {
		return err
	}
	return &repeated{kept}
}

// overtaken returns what [once.answered] does, for a request that another one
// of the same key has overtaken: in another process.
func (o *once) overtaken(ctx context.Context) error {
	first, err := o.call.api.Store.Asked(ctx, o.key, o.call.api.Now())
	if errors.Is(err, store.ErrNotFound) {
		return runningProblem(0)
	}
	if err != nil {
		return err
	}
	return o.repeat(ctx, first)
}

// running are the keys that requests of this process hold: as many as there
// are requests. None outlives its request, let alone the process.
type running struct {
	mu   sync.Mutex
	keys map[store.AnswerKey]time.Time // since when
}

// begin holds a key, unless another request does: since when is then said.
func (r *running) begin(k store.AnswerKey, now time.Time) (since time.Time, held bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if since, held = r.keys[k]; !held {
		r.keys[k] = now
	}
	return since, held
}

func (r *running) end(k store.AnswerKey) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.keys, k)
}
