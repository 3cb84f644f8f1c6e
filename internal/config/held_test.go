package config

import (
	"errors"
	"io/fs"
	"testing"
	"testing/synctest"
	"time"
)

func TestWhileHeld(t *testing.T) {
	t.Parallel()
	passes := func(err error) bool { return errors.Is(err, fs.ErrPermission) }
	synctest.Test(t, func(t *testing.T) {
		for _, c := range []struct {
			fails   int
			with    error
			atMost  time.Duration
			succeed bool
		}{
			{0, nil, 0, true},
			{3, fs.ErrPermission, 10 * time.Millisecond, true},
			{1000, fs.ErrPermission, heldTotal + heldLongest, false},
			{1, fs.ErrNotExist, 0, false},
		} {
			began, calls := time.Now(), 0
			err := again(func() error {
				if calls++; calls <= c.fails {
					return c.with
				}
				return nil
			}, passes)
			if took := time.Since(began); (err == nil) != c.succeed || err != nil && !errors.Is(err, c.with) || took > c.atMost {
				t.Errorf("%d times %v: %v after %v", c.fails, c.with, err, took)
			}
		}
	})
}
