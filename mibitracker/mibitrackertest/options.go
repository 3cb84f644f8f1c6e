package mibitrackertest

import (
	"errors"
	"fmt"
	"log/slog"
)

// Option changes what a lab holds or does. A bad value is an error of [NewLab]
// and fails the test in [Start].
type Option func(*settings) error

type settings struct {
	empty      bool
	fovs, edge int
	log        *slog.Logger
}

// The largest lab that is still small.
const (
	maxFOVs = 500
	maxEdge = 4096 // pixels
)

func newSettings(opts []Option) (*settings, error) {
	s := &settings{fovs: 2, edge: 32, log: slog.New(slog.DiscardHandler)}
	for _, opt := range opts {
		if err := opt(s); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// Empty leaves the lab without objects: there is one account, with the
// instrument and the apertures that every server has.
func Empty() Option {
	return func(s *settings) error {
		s.empty = true
		return nil
	}
}

// WithFOVs sets how many FOVs have their MIBItiff on the server, 1 to 500. It
// is 2 without this option. [Lab.Pending] comes on top of them.
func WithFOVs(n int) Option {
	return func(s *settings) error {
		if n < 1 || n > maxFOVs {
			return fmt.Errorf("a lab has 1 to %d FOVs, not %d", maxFOVs, n)
		}
		s.fovs = n
		return nil
	}
}

// WithSize sets the edge of every FOV in pixels, 1 to 4096. It is 32 without
// this option, which makes files so small that one range holds them whole.
func WithSize(edge int) Option {
	return func(s *settings) error {
		if edge < 1 || edge > maxEdge {
			return fmt.Errorf("an FOV has an edge of 1 to %d pixels, not %d", maxEdge, edge)
		}
		s.edge = edge
		return nil
	}
}

// WithLogger gives the server's log, its access log among it, to a logger.
// Without it [Start] shows warnings and errors in the test's output, and
// [NewLab] nothing.
func WithLogger(l *slog.Logger) Option {
	return func(s *settings) error {
		if l == nil {
			return errors.New("the logger is nil")
		}
		s.log = l
		return nil
	}
}
