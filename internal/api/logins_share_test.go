package api_test

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/openmibi/openmibi/internal/auth"
	"github.com/openmibi/openmibi/internal/store"
)

// Somebody who logs in again and again, with a password that is right, keeps
// nobody else out.
func TestLoginsAreShared(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	hash, err := auth.NewHasher(1).HashPassword(t.Context(), password)
	must(t, err)
	must(t, s.store.Write(t.Context(), func(tx *store.Tx) error {
		for _, who := range []user{s.alice, s.bob} {
			if err := tx.SetPassword(t.Context(), who.id, hash, s.api.Now()); err != nil {
				return err
			}
		}
		return nil
	}))
	logIn := func(who user) int {
		return s.do(t, user{}, "POST", "/api-token-auth/", fmt.Sprintf(`{"email": %q, "password": %q}`, who.email, password)).status
	}
	var over atomic.Bool
	var group sync.WaitGroup
	var refused atomic.Int64
	full := make(chan struct{})
	told := sync.OnceFunc(func() { close(full) })
	for range 100 {
		group.Go(func() {
			for !over.Load() {
				if logIn(s.alice) == 429 {
					refused.Add(1)
					told()
				}
			}
		})
	}
	<-full
	for range 3 {
		if status := logIn(s.bob); status != 200 {
			t.Errorf("bob: %d", status)
		}
	}
	over.Store(true)
	group.Wait()
	t.Logf("alice was refused %d times", refused.Load())
}
