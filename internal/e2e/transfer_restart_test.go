package e2e

import (
	"testing"

	"github.com/openmibi/openmibi/internal/faulty"
)

// A server that goes away in the middle and is there again, whether it was
// stopped or killed: the command waits for it, says so, and ends as if nothing
// had been.
func TestTransferOutlivesTheServer(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("it starts servers and waits for them")
	}
	for name, end := range map[string]func(*transferLab, *testing.T){
		"stopped": func(l *transferLab, t *testing.T) { l.server.stop(t) },
		"killed":  func(l *transferLab, t *testing.T) { l.server.kill(t) },
	} {
		t.Run("pull "+name, func(t *testing.T) {
			t.Parallel()
			l := newTransferLab(t, t.TempDir(), 4)
			l.fill(t, "filled")
			dir := t.TempDir()
			c := begin(t, home(t, l.server.url), pullArgs("filled", dir, "--jobs", "1", "--bwlimit", "40K")...)
			c.until(t, `"event":"done"`)
			end(l, t)
			c.until(t, `"event":"waiting"`, `"error":"`)
			intact(t, pulled(t, under(dir, "filled")), l.whole(), false)
			l.start(t)
			c.exits(t, 0)
			intact(t, pulled(t, under(dir, "filled")), l.whole(), true)
		})
		t.Run("push "+name, func(t *testing.T) {
			t.Parallel()
			l := newTransferLab(t, t.TempDir(), 4)
			l.newRun(t, "empty")
			c := begin(t, home(t, l.server.url), l.pushArgs("empty", "--jobs", "1", "--bwlimit", "40K", "--wait")...)
			c.until(t, `"event":"waiting"`, "processes it")
			end(l, t)
			c.until(t, `"event":"waiting"`, "connection refused")
			l.start(t)
			c.exits(t, 0)
			if n := l.held(t, "empty"); n != len(l.tiffs) {
				t.Errorf("%d images are available", n)
			}
		})
	}
}

// A server that stays away: after a minute the command ends, says what to do,
// and done again it brings the transfer to its end.
func TestTransferWithoutTheServer(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("it waits for a minute")
	}
	t.Run("pull", func(t *testing.T) {
		t.Parallel()
		l := newTransferLab(t, t.TempDir(), 4)
		l.fill(t, "filled")
		dir := t.TempDir()
		args := pullArgs("filled", dir, "--jobs", "1", "--bwlimit", "40K", "--timeout", "5s")
		c := begin(t, home(t, l.server.url), args...)
		c.until(t, `"event":"done"`)
		l.server.kill(t)
		c.exits(t, 1, "The server cannot be reached: try again later")
		intact(t, pulled(t, under(dir, "filled")), l.whole(), false)
		l.start(t)
		runCommand(t, home(t, l.server.url), 0, args...)
		intact(t, pulled(t, under(dir, "filled")), l.whole(), true)
	})
	t.Run("push", func(t *testing.T) {
		t.Parallel()
		l := newTransferLab(t, t.TempDir(), 4)
		l.newRun(t, "empty")
		args := l.pushArgs("empty", "--jobs", "1", "--bwlimit", "40K", "--timeout", "5s")
		c := begin(t, home(t, l.server.url), args...)
		c.until(t, `"event":"done"`)
		l.server.kill(t)
		c.exits(t, 1, "The server is away", "the same push goes on")
		l.start(t)
		runCommand(t, home(t, l.server.url), 0, args...)
		l.available(t, "empty")
	})
	t.Run("silence", func(t *testing.T) {
		t.Parallel()
		l := newTransferLab(t, t.TempDir(), 4)
		l.fill(t, "filled")
		l.newRun(t, "silent")
		t.Run("pull", func(t *testing.T) {
			t.Parallel()
			plan := &turns{now: silence()}
			p, dir := l.proxy(t, plan), t.TempDir()
			c := begin(t, home(t, p.URL()), pullArgs("filled", dir, "--timeout", "2s")...)
			c.exits(t, 1, "The server cannot be reached: try again later", "2s")
			intact(t, pulled(t, under(dir, "filled")), l.whole(), false)
			plan.set(faulty.Script{})
			runCommand(t, home(t, p.URL()), 0, pullArgs("filled", dir)...)
			intact(t, pulled(t, under(dir, "filled")), l.whole(), true)
		})
		t.Run("push", func(t *testing.T) {
			t.Parallel()
			plan := &turns{now: silence()}
			p := l.proxy(t, plan)
			c := begin(t, home(t, p.URL()), l.pushArgs("silent", "--timeout", "2s")...)
			c.exits(t, 1, "The server is away", "2s")
			l.held(t, "silent")
			plan.set(faulty.Script{})
			runCommand(t, home(t, p.URL()), 0, l.pushArgs("silent")...)
			l.available(t, "silent")
		})
	})
}

// silence is a network in which everything stands still from some moment on.
func silence() faulty.Plan {
	signed := 0
	return faulty.PlanFunc(func(r faulty.Request) faulty.Fault {
		if r.Signed {
			signed++
		}
		if signed > 2 {
			return faulty.Fault{Kind: faulty.StallFirst}
		}
		return faulty.Fault{}
	})
}
