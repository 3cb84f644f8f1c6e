package mibitracker

import (
	"context"
	"errors"
	"io"
	"sync"
	"time"
)

// watch fires when the network is silent for too long. It is stopped while
// the caller is the one to be waited for.
type watch struct {
	mu       sync.Mutex
	timer    *time.Timer
	limit    time.Duration
	response bool // the answer has begun: the upload no longer counts
	over     bool
}

func newWatch(limit time.Duration, fire func()) *watch {
	w := &watch{limit: limit}
	if limit > 0 {
		w.timer = time.AfterFunc(limit, fire)
	}
	return w
}

func (w *watch) set(running, uploading bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.timer == nil || w.over || uploading && w.response {
		return
	}
	if running {
		w.timer.Reset(w.limit)
	} else {
		w.timer.Stop()
	}
}

func (w *watch) answered() {
	w.mu.Lock()
	w.response = true
	w.mu.Unlock()
	w.set(false, false)
}

func (w *watch) end() {
	w.set(false, false)
	w.mu.Lock()
	w.over = true
	w.mu.Unlock()
}

// watchedUpload is closed with its request's context as well: net/http waits
// for a source that gives nothing, and HTTP/2 closes one that it reads, too.
type watchedUpload struct {
	body  io.ReadCloser
	watch *watch
	stop  func() bool
	once  sync.Once
	err   error
}

func newUpload(ctx context.Context, body io.ReadCloser, w *watch) *watchedUpload {
	u := &watchedUpload{body: body, watch: w}
	u.stop = context.AfterFunc(ctx, u.end)
	return u
}

func (u *watchedUpload) Read(p []byte) (int, error) {
	u.watch.set(false, true)
	n, err := u.body.Read(p)
	u.watch.set(true, true)
	return n, err
}

func (u *watchedUpload) end() { u.once.Do(func() { u.err = u.body.Close() }) }

func (u *watchedUpload) Close() error {
	u.stop()
	u.end()
	return u.err
}

// watchedDownload ends its request's context with the body: that is how a
// response's resources are tied to it.
type watchedDownload struct {
	body   io.ReadCloser
	watch  *watch
	cause  func() error // why the request was ended
	silent *SilenceError
	cancel context.CancelCauseFunc
}

func (d *watchedDownload) Read(p []byte) (int, error) {
	d.watch.set(true, false)
	n, err := d.body.Read(p)
	d.watch.set(false, false)
	if err != nil && !errors.Is(err, io.EOF) && errors.Is(d.cause(), error(d.silent)) {
		err = d.silent
	}
	return n, err
}

func (d *watchedDownload) Close() error {
	d.watch.end()
	err := d.body.Close()
	d.cancel(nil)
	return err
}
