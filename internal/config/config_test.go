package config

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

func TestSaveAndRemove(t *testing.T) {
	t.Parallel()
	keyring := newRing()
	s := twoLogins(t, keyring)
	raw, err := os.ReadFile(s.Path())
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(raw), "token-") {
		t.Errorf("the keyring has the token, and the file too:\n%s", raw)
	}
	if runtime.GOOS != "windows" {
		for path, want := range map[string]os.FileMode{s.Path(): 0o600, s.Folder: 0o700} {
			if info, err := os.Stat(path); err != nil || info.Mode().Perm() != want {
				t.Errorf("%s has mode %v (%v), want %v", path, info.Mode().Perm(), err, want)
			}
		}
	}

	// A login at another server leaves no token of the first behind.
	if _, err := s.Save(t.Context(), DefaultProfile, Profile{URL: urlB}, "token-c"); err != nil {
		t.Fatal(err)
	}
	if len(keyring.secrets) != 2 {
		t.Errorf("the keyring has %v", keyring.secrets)
	}
	if name, err := s.Remove(t.Context(), ""); name != DefaultProfile || err != nil {
		t.Errorf("Remove = %q, %v", name, err)
	}
	if name, err := s.Remove(t.Context(), ""); !errors.Is(err, ErrNotLoggedIn) {
		t.Errorf("Remove of nothing = %q, %v", name, err)
	}
	if name, err := s.Remove(t.Context(), "staging"); name != "staging" || err != nil {
		t.Errorf("Remove = %q, %v", name, err)
	}
	if len(keyring.secrets) != 0 {
		t.Errorf("the keyring still has %v", keyring.secrets)
	}
	left, err := filepath.Glob(filepath.Join(s.Folder, ".config-*"))
	if len(left) > 0 || err != nil {
		t.Errorf("left over: %v, %v", left, err)
	}
	for _, name := range []string{"", ".", "..", "a/b", "a\\b", "a b", "ä", strings.Repeat("x", 65)} {
		if _, err := s.Save(t.Context(), name, Profile{URL: urlA}, "t"); !errors.Is(err, ErrSetting) {
			t.Errorf("the profile's name %q: %v", name, err)
		}
	}
}

// A keyring that fails is as none: the file has the token then.
func TestKeyringFails(t *testing.T) {
	t.Parallel()
	broken := newRing()
	broken.broken = errors.New(`exec: "dbus-launch": not found`)
	s := &Store{Folder: filepath.Join(t.TempDir(), "openmibi"), Keyring: broken}
	in, err := s.Save(t.Context(), "lab", Profile{URL: urlA}, "token-a")
	if in || err != nil {
		t.Fatalf("Save = %v, %v", in, err)
	}
	open := func(func(string) string) (*Store, error) { return s, nil }
	none := func(string) string { return "" }
	got, err := resolve(t.Context(), Flags{}, none, open)
	if got.Token != "token-a" || err != nil {
		t.Errorf("got %+v, %v", got, err)
	}

	// A token that went into a keyring which is gone: log in again.
	broken.broken = nil
	if in, err := s.Save(t.Context(), "lab", Profile{URL: urlA}, "token-b"); !in || err != nil {
		t.Fatalf("Save = %v, %v", in, err)
	}
	broken.broken = errors.New("locked")
	if got, err := resolve(t.Context(), Flags{}, none, open); !errors.Is(err, ErrNotLoggedIn) {
		t.Errorf("got %+v, %v", got, err)
	}
	s.Keyring = nil
	if got, err := resolve(t.Context(), Flags{}, none, open); !errors.Is(err, ErrNotLoggedIn) {
		t.Errorf("got %+v, %v", got, err)
	}
}

// A profile whose URL was changed by hand has no token of the old server.
func TestTokenIsBoundToURL(t *testing.T) {
	t.Parallel()
	s := twoLogins(t, newRing())
	raw, err := os.ReadFile(s.Path())
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(s.Path(), []byte(strings.ReplaceAll(string(raw), urlA, "https://evil.example.org")), 0o600); err != nil {
		t.Fatal(err)
	}
	got, err := resolve(t.Context(), Flags{}, func(string) string { return "" }, func(func(string) string) (*Store, error) { return s, nil })
	if !errors.Is(err, ErrNotLoggedIn) {
		t.Errorf("got %+v, %v", got, err)
	}
}

func TestDamagedFile(t *testing.T) {
	t.Parallel()
	s := twoLogins(t, nil)
	damaged := "[profiles.default]\nurl = \"https://a.example.org\"\ntoken = \"token-a\n"
	if err := os.WriteFile(s.Path(), []byte(damaged), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := s.Load()
	if err == nil || !strings.Contains(err.Error(), s.Path()) || !strings.Contains(err.Error(), "line 3") || strings.Contains(err.Error(), "token-a") {
		t.Errorf("error %v", err)
	}
	if _, err := s.Save(t.Context(), "lab", Profile{URL: urlA}, "t"); err == nil {
		t.Error("a damaged file was replaced")
	}
	if raw, err := os.ReadFile(s.Path()); string(raw) != damaged || err != nil {
		t.Errorf("the damaged file is %q, %v", raw, err)
	}
}

// Logins at the same time lose none of them.
func TestManyLogins(t *testing.T) {
	t.Parallel()
	s := &Store{Folder: filepath.Join(t.TempDir(), "openmibi")}
	const logins = 16
	var group sync.WaitGroup
	for i := range logins {
		group.Go(func() {
			if _, err := s.Save(t.Context(), fmt.Sprintf("p%d", i), Profile{URL: urlA}, fmt.Sprint(i)); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	f, err := s.Load()
	if err != nil || len(f.Profiles) != logins || f.Default == "" {
		t.Errorf("%d profiles, default %q, %v", len(f.Profiles), f.Default, err)
	}
}

// A keyring that hangs is given up.
func TestPatience(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		block := make(chan struct{})
		defer close(block)
		start := time.Now()
		_, err := patiently(t.Context(), keyringPatience, func() (string, error) { <-block; return "", nil })
		if !errors.Is(err, errKeyringSilent) || time.Since(start) != keyringPatience {
			t.Errorf("after %v: %v", time.Since(start), err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := patiently(ctx, keyringPatience, func() (string, error) { <-block; return "", nil }); !errors.Is(err, context.Canceled) {
			t.Errorf("interrupted: %v", err)
		}
		if text, err := patiently(t.Context(), keyringPatience, func() (string, error) { return "x", nil }); text != "x" || err != nil {
			t.Errorf("got %q, %v", text, err)
		}
	})
}

// Without a session there is no keyring, so that none is started for it.
func TestNoSession(t *testing.T) {
	t.Parallel()
	if runtime.GOOS != "linux" {
		t.Skip("other systems have no session's bus")
	}
	if _, err := os.Stat(fmt.Sprintf("/run/user/%d", os.Getuid())); err == nil {
		t.Skip("this user has a session")
	}
	if k := System(func(string) string { return "" }); k != nil {
		t.Errorf("a keyring without a session: %v", k)
	}
	if k := System(func(n string) string { return map[string]string{"DBUS_SESSION_BUS_ADDRESS": "unix:path=/x"}[n] }); k == nil {
		t.Error("a session without a keyring")
	}
}
