package mibitracker

import (
	"io"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// drip gives a byte every second, for ever, until it is closed.
type drip struct{ closed chan struct{} }

func (d *drip) Read(p []byte) (int, error) {
	select {
	case <-time.After(time.Second):
		return copy(p, "x"), nil
	case <-d.closed:
		return 0, io.ErrClosedPipe
	}
}

func (d *drip) Close() error {
	close(d.closed)
	return nil
}

func TestLeftover(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		got := leftover(&drip{make(chan struct{})}, 1<<20, 4500*time.Millisecond)
		if took := time.Since(began); string(got) != "xxxx" || took != 4500*time.Millisecond {
			t.Errorf("%q in %v", got, took)
		}
	})
	if got := leftover(io.NopCloser(strings.NewReader("abcdef")), 3, time.Hour); string(got) != "abc" {
		t.Errorf("%q", got)
	}
	if got := leftover(io.NopCloser(strings.NewReader("abc")), 9, time.Hour); string(got) != "abc" {
		t.Errorf("%q", got)
	}
}
