package api

import (
	"context"
	"maps"
	"sync"
	"time"

	"github.com/openmibi/openmibi/internal/model"
	"github.com/openmibi/openmibi/internal/store"
)

// notes are what requests leave to be written down later, out of their way:
// when API keys were last used, and when accounts last logged in. Each is kept
// once, so there are no more of them than keys and accounts.
type notes struct {
	mu     sync.Mutex
	keys   map[int64]time.Time
	logins map[int64]time.Time
	recent map[int64]time.Time // uses of keys that were noted within the minute
	wake   chan struct{}       // holds one value while there is something
}

func newNotes() *notes {
	return &notes{keys: map[int64]time.Time{}, logins: map[int64]time.Time{}, recent: map[int64]time.Time{},
		wake: make(chan struct{}, 1)}
}

// usedEvery is how often the use of a key is written down at most.
const usedEvery = time.Minute

// keyUsed notes the use of a key, unless one of the last minute is known.
func (n *notes) keyUsed(k model.APIKey, now time.Time) {
	if k.LastUsedAt != nil && now.Sub(*k.LastUsedAt) < usedEvery {
		return
	}
	n.mu.Lock()
	at, found := n.recent[k.ID]
	known := found && now.Sub(at) < usedEvery
	if !known {
		n.keys[k.ID], n.recent[k.ID] = now, now
	}
	n.mu.Unlock()
	if !known {
		n.rouse()
	}
}

// loggedIn notes a login.
func (n *notes) loggedIn(account int64, now time.Time) {
	n.mu.Lock()
	n.logins[account] = now
	n.mu.Unlock()
	n.rouse()
}

func (n *notes) rouse() {
	select {
	case n.wake <- struct{}{}:
	default: // it is awake already
	}
}

// write writes down what there is. What fails to be is lost: it is not worth
// the memory of a database that takes nothing.
func (n *notes) write(ctx context.Context, s *store.Store, now time.Time) error {
	n.mu.Lock()
	maps.DeleteFunc(n.recent, func(_ int64, at time.Time) bool { return now.Sub(at) >= usedEvery })
	keys, logins := n.keys, n.logins
	n.keys, n.logins = map[int64]time.Time{}, map[int64]time.Time{}
	n.mu.Unlock()
	if len(keys)+len(logins) == 0 {
		return nil
	}
	return s.Write(ctx, func(tx *store.Tx) error {
		if err := tx.NoteKeyUses(ctx, keys); err != nil {
			return err
		}
		return tx.NoteLogins(ctx, logins)
	})
}

// Run writes down what requests leave for later (when API keys were last used,
// and when accounts last logged in) until the context is done, and then the
// rest. Whoever serves the API runs it; without it those times stay unknown.
func (a *API) Run(ctx context.Context) {
	// The rest is written when the context is done already.
	lasting := context.WithoutCancel(ctx)
	for done := false; !done; {
		select {
		case <-a.notes.wake:
		case <-ctx.Done():
			done = true
		}
		if err := a.notes.write(lasting, a.Store, a.Now()); err != nil {
			a.Logger.WarnContext(ctx, "uses of API keys and logins were not written down", "error", err)
		}
	}
}
