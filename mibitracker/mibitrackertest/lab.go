package mibitrackertest

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/openmibi/openmibi/mibitracker"
)

// Lab is a running server with what lies in it. Its fields say what was put
// in; nothing in the package reads them again, so that a test may change what
// the server holds. An [Empty] lab has a URL, an account and an instrument.
type Lab struct {
	// URL is the server's address, such as "http://127.0.0.1:40123".
	URL string
	// Account made everything in the lab, and manages its project.
	Account
	// Instrument is the one that every server has.
	Instrument *mibitracker.Instrument
	// Project holds the run, its images, the slide, the section and the panel.
	Project *mibitracker.Project
	// Tissue, Slide and Panel are those of Section, which every image is of.
	// Panel has a conjugate for each channel.
	Tissue  *mibitracker.Tissue
	Slide   *mibitracker.Slide
	Panel   *mibitracker.Panel
	Section *mibitracker.Section
	// Run is the run as it stands once the lab is filled, with all images.
	Run *mibitracker.Run
	// RunXML is the file that the run was made of.
	RunXML []byte
	// FOVs are the run's images that have a TIFF, in acquisition order. The
	// first has an SED image and an extra channel besides.
	FOVs []*FOV
	// Pending is the run's last image: its TIFF is not on the server yet, so
	// that its status is U. Uploading Pending.TIFF makes it available.
	Pending *FOV

	dir      string
	accounts atomic.Int64

	mu     sync.Mutex
	closed bool
	ends   []func() // called before the server stops
	stop   func() error
}

// startLimit is how long a test waits for its lab, which takes less than a
// second unless something is wrong.
const startLimit = 2 * time.Minute

// Start starts a lab for a test, a benchmark or a fuzz test, which fails if
// that does not succeed. The end of t stops the server, waits until it is gone,
// and removes all it kept. Labs know nothing of each other: parallel tests have
// one each.
func Start(t testing.TB, opts ...Option) *Lab {
	t.Helper()
	ctx, cancel := context.WithTimeoutCause(t.Context(), startLimit, fmt.Errorf("the lab was not ready within %v", startLimit))
	defer cancel()
	warnings := slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelWarn}))
	dir := filepath.Join(t.TempDir(), "data") // removed after the server has stopped
	l, err := NewLab(ctx, dir, append([]Option{WithLogger(warnings)}, opts...)...)
	if err != nil {
		t.Fatalf("mibitrackertest: %v", err)
	}
	t.Cleanup(func() {
		if err := l.Close(); err != nil {
			t.Errorf("mibitrackertest: %v", err)
		}
	})
	return l
}

// NewLab starts a lab where there is no test, over a data folder that does not
// exist yet or is empty. The context is that of starting and filling alone: the
// lab runs until [Lab.Close], which leaves the folder.
func NewLab(ctx context.Context, dir string, opts ...Option) (_ *Lab, err error) {
	s, err := newSettings(opts)
	if err != nil {
		return nil, err
	}
	if entries, err := os.ReadDir(dir); err == nil && len(entries) > 0 {
		return nil, fmt.Errorf("the folder %s is not empty: a lab needs one of its own", dir)
	}
	l := &Lab{dir: dir}
	if l.URL, l.stop, err = serve(ctx, dir, s.log); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, l.Close())
		}
	}()
	account, err := l.NewAccount(ctx)
	if err != nil {
		return nil, fmt.Errorf("make the lab's account: %w", err)
	}
	l.Account = *account
	if err := l.fill(ctx, s); err != nil {
		return nil, fmt.Errorf("fill the lab: %w", err)
	}
	return l, nil
}

// Close stops the server and waits until it is gone. Requests that are under
// way may go on for a second. Closing again does nothing. The error is the
// server's.
func (l *Lab) Close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return nil
	}
	l.closed = true
	for _, end := range l.ends {
		end()
	}
	return l.stop()
}

// onClose keeps what is to be done before the server stops.
func (l *Lab) onClose(f func()) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.ends = append(l.ends, f)
}
