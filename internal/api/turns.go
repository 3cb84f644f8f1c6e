package api

import (
	"context"
	"net/http"
	"sync"
)

// turns counts what each account has under way. None has more than its share,
// so that one cannot keep the others from being served.
type turns struct {
	mu sync.Mutex
	of map[int64]int
}

// take begins something of which an account may have most under way, until
// leave is called.
func (t *turns) take(account int64, most int) (leave func(), ok bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.of[account] >= most {
		return nil, false
	}
	if t.of == nil {
		t.of = make(map[int64]int)
	}
	t.of[account]++
	return func() { t.leave(account) }, true
}

func (t *turns) leave(account int64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.of[account]--; t.of[account] <= 0 {
		delete(t.of, account)
	}
}

// ending is what has to be done when a request ends.
type ending struct{ leave []func() }

type endingKey struct{}

// ended calls what [API.turn] has left to do when the request is over.
func ended(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		e := new(ending)
		defer func() {
			for _, leave := range e.leave {
				leave()
			}
		}()
		next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), endingKey{}, e)))
	})
}

// turn takes an account's turn until the end of the request, or answers 429.
func turn(r *http.Request, t *turns, account int64, most int, what string) error {
	leave, ok := t.take(account, most)
	if !ok {
		return newProblem(http.StatusTooManyRequests, "Your account has %d %s under way. Wait until one has ended.", most, what).
			with("Retry-After", "1")
	}
	e, ok := r.Context().Value(endingKey{}).(*ending)
	if !ok {
		leave()
		return nil // not a request of the API's handler: nothing would end it
	}
	e.leave = append(e.leave, leave)
	return nil
}
