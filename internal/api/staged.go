package api

import (
	"context"
	"io"
	"net/http"
	"sync"

	"github.com/openmibi/openmibi/internal/model"
)

// arriving counts the bytes of each account's uploads that are on their way,
// beside those that have arrived and were not queued, which the store counts.
type arriving struct {
	mu sync.Mutex
	of map[int64]int64
}

// add counts bytes on their way; negative ones have arrived or are given up. It
// returns how many the account has now.
func (a *arriving) add(account, bytes int64) int64 {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.of == nil {
		a.of = make(map[int64]int64)
	}
	a.of[account] += bytes
	now := a.of[account]
	if now <= 0 {
		delete(a.of, account)
	}
	return now
}

// stagedBody is the body of an upload, within what its account may have lying
// about: bytes that nobody queues are kept for a while, and must not fill the
// disk.
type stagedBody struct {
	io.Reader
	api     *API
	account int64
	held    int64 // bytes counted as arriving
	used    int64 // of those, read
	room    int64 // bytes that the account may have on their way
}

// stagedBody makes room for an upload of a length, or of -1, which is unknown.
// What it returns is closed when the upload has ended, however it did.
func (a *API) stagedBody(ctx context.Context, u model.Upload, body io.Reader, length int64) (*stagedBody, error) {
	staged, err := a.Store.Staged(ctx, u.AccountID, a.Now())
	if err != nil {
		return nil, err
	}
	// What this upload has received before is replaced.
	s := &stagedBody{Reader: body, api: a, account: u.AccountID, room: a.MaxStaged - staged.Bytes + u.Size}
	return s, s.hold(max(length, 0))
}

// hold counts more bytes.
func (s *stagedBody) hold(more int64) error {
	s.held += more
	if s.api.staged.add(s.account, more) <= s.room {
		return nil
	}
	s.close()
	return newProblem(http.StatusTooManyRequests, "Your account may have %d bytes of uploads that are not queued. "+
		"Queue those that have arrived (POST /upload_mibitiff/), or wait until they are forgotten.", s.api.MaxStaged).with("Retry-After", "60")
}

// Read counts what was not announced.
func (s *stagedBody) Read(p []byte) (int, error) {
	n, err := s.Reader.Read(p)
	if s.used += int64(n); s.used > s.held {
		if refused := s.hold(s.used - s.held); refused != nil {
			return 0, refused
		}
	}
	return n, err
}

// close gives up what is counted: the store counts it now, or nobody.
func (s *stagedBody) close() {
	s.api.staged.add(s.account, -s.held)
	s.held = 0
}
