package e2e

import (
	"bytes"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/openmibi/openmibi/internal/auth"
	"github.com/openmibi/openmibi/internal/faulty"
	"github.com/openmibi/openmibi/internal/server"
)

// endToken ends the token that is used after so many signed requests, once.
func endToken(after int) faulty.Plan {
	signed, ended := 0, false
	return faulty.PlanFunc(func(r faulty.Request) faulty.Fault {
		if r.Signed {
			signed++
		}
		if ended || signed < after || !r.Authorized {
			return faulty.Fault{}
		}
		ended = true
		return faulty.Fault{Kind: faulty.TokenEnds}
	})
}

// A login that ends in the middle: who has a password logs in again and notices
// nothing; who has not is told to, and goes on then.
func TestTransferLoginEnds(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("it is about what comes after what")
	}
	l := newTransferLab(t, t.TempDir(), 4)
	l.fill(t, "filled")
	const advice = "mibi login"
	for name, who := range map[string]struct {
		code int
		env  func(t *testing.T, url string) []string
		last []string
	}{
		"a password": {0, home, nil},
		"a token alone": {4, func(t *testing.T, url string) []string {
			return homeWith(t, url, l.token(t, auth.DefaultLifetime))
		}, []string{"401", advice}},
		"a profile": {4, func(t *testing.T, url string) []string {
			env := append(home(t, url), "MIBITRACKER_EMAIL=", "MIBITRACKER_PASSWORD=")
			logInto(t, env, url)
			return env
		}, []string{"401", advice}},
	} {
		t.Run("pull with "+name, func(t *testing.T) {
			t.Parallel()
			p, dir := l.proxy(t, endToken(2)), t.TempDir()
			env, args := who.env(t, p.URL()), pullArgs("filled", dir, "--jobs", "1")
			begin(t, env, args...).exits(t, who.code, who.last...)
			struck(t, p)
			intact(t, pulled(t, under(dir, "filled")), l.whole(), who.code == 0)
			if who.code != 0 {
				logInto(t, env, p.URL())
				runCommand(t, append(env, "MIBITRACKER_TOKEN="), 0, args...)
				intact(t, pulled(t, under(dir, "filled")), l.whole(), true)
			}
		})
		t.Run("push with "+name, func(t *testing.T) {
			t.Parallel()
			label := "push with " + name
			l.newRun(t, label)
			p := l.proxy(t, endToken(2))
			env, args := who.env(t, p.URL()), l.pushArgs(label, "--jobs", "1", "--wait")
			begin(t, env, args...).exits(t, who.code, who.last...)
			struck(t, p)
			if n := l.held(t, label); who.code == 0 && n != len(l.tiffs) {
				t.Errorf("%d images are available", n)
			}
			if who.code != 0 {
				logInto(t, env, p.URL())
				runCommand(t, append(env, "MIBITRACKER_TOKEN="), 0, args...)
				l.available(t, label)
			}
		})
	}
}

// logInto logs a profile in.
func logInto(t *testing.T, env []string, url string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), executable(t), "login", "--url", url, "--email", alice, "--password-stdin")
	cmd.Env, cmd.Stdin = append(env, "MIBITRACKER_TOKEN="), strings.NewReader(password+"\n")
	var said bytes.Buffer
	cmd.Stderr = &said
	if err := cmd.Run(); err != nil {
		t.Fatalf("mibi login: %v\n%s", err, &said)
	}
}

// token is one of the server's own, which ends after a while.
func (l *transferLab) token(t *testing.T, lifetime time.Duration) string {
	t.Helper()
	tokens, _ := (&site{data: l.orders.Data}).tokens(t)
	tokens.Lifetime = lifetime
	token, _, err := tokens.Issue(auth.Identity{UserID: 1, Username: alice, Email: alice})
	if err != nil {
		t.Fatal(err)
	}
	return token
}

// A token whose time is over in the middle, and a key that is revoked there.
func TestTransferCredentialsEnd(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("it waits for a token's end")
	}
	l := newTransferLab(t, t.TempDir(), 4)
	l.fill(t, "filled")
	newKey := func(t *testing.T) (server.Key, string) {
		t.Helper()
		key, text, err := server.CreateKey(t.Context(), l.orders.Data, server.NewKey{Name: t.Name(), Email: alice, Scope: "upload"})
		if err != nil {
			t.Fatal(err)
		}
		return key, text
	}
	revoke := func(t *testing.T, key server.Key) {
		t.Helper()
		if _, _, err := server.RevokeKey(t.Context(), l.orders.Data, key.ID); err != nil {
			t.Fatal(err)
		}
	}
	slow := []string{"--jobs", "1", "--bwlimit", "30K"}
	t.Run("pull with a token", func(t *testing.T) {
		t.Parallel()
		dir, args := t.TempDir(), slow
		begin(t, homeWith(t, l.server.url, l.token(t, 7*time.Second)), pullArgs("filled", dir, args...)...).exits(t, 4, "401", "The login has ended")
		intact(t, pulled(t, under(dir, "filled")), l.whole(), false)
		_, key := newKey(t)
		runCommand(t, homeWith(t, l.server.url, key), 0, pullArgs("filled", dir)...)
		intact(t, pulled(t, under(dir, "filled")), l.whole(), true)
	})
	t.Run("push with a token", func(t *testing.T) {
		t.Parallel()
		l.newRun(t, "token")
		begin(t, homeWith(t, l.server.url, l.token(t, 7*time.Second)), l.pushArgs("token", slow...)...).exits(t, 4, "401", "The login has ended")
		l.held(t, "token")
		_, key := newKey(t)
		runCommand(t, homeWith(t, l.server.url, key), 0, l.pushArgs("token")...)
		l.available(t, "token")
	})
	t.Run("pull with a key", func(t *testing.T) {
		t.Parallel()
		dir := t.TempDir()
		key, text := newKey(t)
		c := begin(t, homeWith(t, l.server.url, text), pullArgs("filled", dir, slow...)...)
		c.until(t, `"event":"done"`)
		revoke(t, key)
		c.exits(t, 4, "401", "The login has ended")
		intact(t, pulled(t, under(dir, "filled")), l.whole(), false)
		_, text = newKey(t)
		runCommand(t, homeWith(t, l.server.url, text), 0, pullArgs("filled", dir)...)
		intact(t, pulled(t, under(dir, "filled")), l.whole(), true)
	})
	t.Run("push with a key", func(t *testing.T) {
		t.Parallel()
		l.newRun(t, "key")
		key, text := newKey(t)
		c := begin(t, homeWith(t, l.server.url, text), l.pushArgs("key", slow...)...)
		c.until(t, `"event":"done"`)
		revoke(t, key)
		c.exits(t, 4, "401", "The login has ended")
		l.held(t, "key")
		_, text = newKey(t)
		runCommand(t, homeWith(t, l.server.url, text), 0, l.pushArgs("key")...)
		l.available(t, "key")
	})
}
