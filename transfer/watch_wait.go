package transfer

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"path/filepath"
	"time"

	"github.com/openmibi/openmibi/mibitracker"
)

func (w *watcher) tell(e Event) {
	if w.Events != nil {
		w.Events(e)
	}
}

// name is a path's in the state: that in the folder, with slashes.
func (w *watcher) name(path string) string {
	if rel, err := filepath.Rel(w.Dir, path); err == nil {
		path = rel
	}
	return filepath.ToSlash(path)
}

// path is a name's.
func (w *watcher) path(name string) string { return filepath.Join(w.Dir, filepath.FromSlash(name)) }

// wait tells of trouble once, and sets when to try again.
func (w *watcher) wait(t *trouble, err error) {
	t.tries++
	t.next = time.Now().Add(w.pause(t.tries))
	if t.told == nil {
		t.told = err
		w.tell(Event{Kind: Waiting, Total: -1, Err: err})
	}
}

// resume tells that trouble is over.
func (w *watcher) resume(t *trouble) {
	if t.told != nil {
		w.tell(Event{Kind: Resumed, Total: -1, Err: t.told})
	}
	*t = trouble{}
}

// pause is the time before another attempt: doubled each time.
func (w *watcher) pause(tries int) time.Duration {
	return max(min(w.Interval<<min(max(tries-1, 0), 16), longestWait), w.Interval)
}

// save writes the state. What cannot be written now is kept in memory, and
// written later; with Once it is an error.
func (w *watcher) save() error {
	err := w.state.save()
	switch {
	case err == nil:
		w.resume(&w.notes)
	case w.Once, errors.Is(err, mibitracker.ErrLinkRefused): // of which a new login makes nothing better
		return err
	case w.folder.told == nil:
		w.wait(&w.notes, err)
	}
	return nil
}

// serverMayAnswer says that nothing is known against asking the server.
func (w *watcher) serverMayAnswer() bool {
	return w.server.told == nil || !time.Now().Before(w.server.next)
}

// serverFailed decides about an error of the server: it is waited for, or it
// ends the watch.
func (w *watcher) serverFailed(ctx context.Context, err error) error {
	switch {
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case w.Once:
		return err
	case errors.Is(err, mibitracker.ErrUnauthorized):
		w.waitServer(fmt.Errorf("%w: %w", ErrLoginEnded, err))
		return nil
	case passing(err):
		w.waitServer(fmt.Errorf("%w: %w", ErrServerAway, err))
		return nil
	}
	return err
}

// waitServer waits for the server. That it is away is another thing than a
// login that has ended, and is told, too.
func (w *watcher) waitServer(err error) {
	if told := w.server.told; told != nil && errors.Is(told, ErrLoginEnded) != errors.Is(err, ErrLoginEnded) {
		w.resume(&w.server)
	}
	w.wait(&w.server, err)
}

// passing tells an error that may be over later without anybody's doing.
func passing(err error) bool {
	var refused *mibitracker.APIError
	if errors.As(err, &refused) {
		switch refused.Status {
		case http.StatusRequestTimeout, http.StatusConflict, http.StatusTooManyRequests:
			return true
		}
		return refused.Status >= http.StatusInternalServerError
	}
	// An answer that is none comes from a proxy or a portal in between.
	return away(err) || errors.Is(err, mibitracker.ErrUnexpected) || errors.Is(err, mibitracker.ErrRedirect)
}

// keepLogin refreshes the token while it is good, and looks for a new one once
// it has ended.
func (w *watcher) keepLogin(ctx context.Context) error {
	if !errors.Is(w.server.told, ErrLoginEnded) {
		err := w.client.KeepLogin(ctx)
		if errors.Is(err, mibitracker.ErrUnauthorized) {
			return w.serverFailed(ctx, err)
		}
		return nil // what needs the server says so
	}
	if time.Now().Before(w.server.next) {
		return nil
	}
	if err := w.client.Login(ctx); err != nil {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		w.wait(&w.server, w.server.told)
		return nil
	}
	w.resume(&w.server)
	return nil
}
