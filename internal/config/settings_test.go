package config

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// ring is a keyring in memory; broken ones fail.
type ring struct {
	secrets map[string]string
	broken  error
}

func newRing() *ring { return &ring{secrets: map[string]string{}} }

func (r *ring) Get(_ context.Context, service, name string) (string, error) {
	secret, ok := r.secrets[service+" "+name]
	if !ok {
		return "", errors.Join(errors.New("no such secret"), r.broken)
	}
	return secret, r.broken
}

func (r *ring) Set(_ context.Context, service, name, secret string) error {
	if r.broken == nil {
		r.secrets[service+" "+name] = secret
	}
	return r.broken
}

func (r *ring) Delete(_ context.Context, service, name string) error {
	delete(r.secrets, service+" "+name)
	return r.broken
}

const (
	urlA = "https://a.example.org"
	urlB = "https://b.example.org/mibi"
)

// twoLogins is a store with the default profile at A and staging at B.
func twoLogins(t *testing.T, keyring Keyring) *Store {
	t.Helper()
	s := &Store{Folder: filepath.Join(t.TempDir(), "openmibi"), Keyring: keyring}
	for _, p := range []struct{ name, url, email, token string }{
		{DefaultProfile, urlA, "ann@example.org", "token-a"}, {"staging", urlB, "", "token-b"},
	} {
		in, err := s.Save(t.Context(), p.name, Profile{URL: p.url, Email: p.email}, p.token)
		if err != nil || in != (keyring != nil) {
			t.Fatalf("Save(%s) = %v, %v", p.name, in, err)
		}
	}
	return s
}

func TestPrecedence(t *testing.T) {
	t.Parallel()
	tokenFile := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(tokenFile, []byte("token-of-file\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	type env map[string]string
	tests := map[string]struct {
		flags Flags
		env   env
		want  Settings
		err   error
		says  string
	}{
		"the default profile": {want: Settings{URL: urlA, Email: "ann@example.org", Token: "token-a", Profile: DefaultProfile}},
		"a named profile":     {flags: Flags{Profile: "staging"}, want: Settings{URL: urlB, Token: "token-b", Profile: "staging"}},
		"a profile that is not there": {flags: Flags{Profile: "lab"}, env: env{EnvURL: urlA, EnvToken: "t"},
			err: ErrNotLoggedIn, says: "mibi login --profile lab"},
		"environment over profile": {env: env{EnvURL: urlB, EnvToken: "token-of-env"},
			want: Settings{URL: urlB, Token: "token-of-env"}},
		"the environment's token at the profile's server": {env: env{EnvToken: "token-of-env"},
			want: Settings{URL: urlA, Email: "ann@example.org", Token: "token-of-env", Profile: DefaultProfile}},
		"a token over a password": {env: env{EnvURL: urlB, EnvToken: "t", EnvEmail: "bob@example.org", EnvPassword: "p"},
			want: Settings{URL: urlB, Email: "bob@example.org", Token: "t"}},
		"the environment's password over the profile's token": {env: env{EnvEmail: "bob@example.org", EnvPassword: "p"},
			want: Settings{URL: urlA, Email: "bob@example.org", Password: "p", Profile: DefaultProfile}},
		"a password for the profile's account": {env: env{EnvPassword: "p"},
			want: Settings{URL: urlA, Email: "ann@example.org", Password: "p", Profile: DefaultProfile}},
		"a password without an account elsewhere": {env: env{EnvURL: urlB, EnvPassword: "p"}, err: ErrNotLoggedIn},
		"flags over environment": {flags: Flags{URL: urlB, TokenFile: tokenFile}, env: env{EnvURL: urlA, EnvToken: "t", EnvPassword: "p", EnvEmail: "e"},
			want: Settings{URL: urlB, Email: "e", Token: "token-of-file"}},
		"a token's file at the profile's server": {flags: Flags{TokenFile: tokenFile},
			want: Settings{URL: urlA, Email: "ann@example.org", Token: "token-of-file", Profile: DefaultProfile}},
		"another form of the profile's URL": {flags: Flags{URL: "https://A.example.org:443//"},
			want: Settings{URL: urlA, Email: "ann@example.org", Token: "token-a", Profile: DefaultProfile}},
		"a token goes to its own server":           {flags: Flags{URL: urlB}, err: ErrNotLoggedIn, says: "is for " + urlA},
		"not to another scheme":                    {flags: Flags{URL: "http://a.example.org"}, err: ErrNotLoggedIn},
		"not to another path":                      {flags: Flags{URL: urlA + "/b"}, err: ErrNotLoggedIn},
		"not for another account":                  {env: env{EnvEmail: "bob@example.org"}, err: ErrNotLoggedIn, says: "bob@example.org"},
		"an account may be spelled otherwise":      {env: env{EnvEmail: "Ann@Example.org"}, want: Settings{URL: urlA, Email: "Ann@Example.org", Token: "token-a", Profile: DefaultProfile}},
		"the environment's URL against a profile":  {flags: Flags{Profile: "staging"}, env: env{EnvURL: urlA}, err: ErrNotLoggedIn},
		"a URL that is none":                       {flags: Flags{URL: "a.example.org"}, err: ErrSetting},
		"a URL with a password":                    {env: env{EnvURL: "https://ann:secret@a.example.org"}, err: ErrSetting},
		"a token's file that is not there":         {flags: Flags{TokenFile: tokenFile + "x"}, err: os.ErrNotExist},
		"the environment's URL and token, with it": {flags: Flags{Profile: "staging"}, env: env{EnvURL: urlB, EnvToken: "t"}, want: Settings{URL: urlB, Token: "t", Profile: "staging"}},
	}
	for _, place := range []string{"keyring", "file"} {
		var keyring Keyring
		if place == "keyring" {
			keyring = newRing()
		}
		store := twoLogins(t, keyring)
		for name, test := range tests {
			t.Run(place+"/"+name, func(t *testing.T) {
				t.Parallel()
				got, err := resolve(t.Context(), test.flags, func(n string) string { return test.env[n] },
					func(func(string) string) (*Store, error) { return store, nil })
				if !errors.Is(err, test.err) || err != nil && !strings.Contains(err.Error(), test.says) {
					t.Fatalf("error %v, want %v that says %q", err, test.err, test.says)
				}
				if err != nil {
					if strings.Contains(err.Error(), "token-") || strings.Contains(err.Error(), "secret") {
						t.Errorf("the error shows a secret: %v", err)
					}
					return
				}
				if renewed := got.Renewed; renewed.IsZero() == (strings.HasPrefix(got.Token, "token-a") || got.Token == "token-b") {
					t.Errorf("the token %s is of %v", got.Token, renewed)
				}
				got.Renewed = test.want.Renewed
				if diff := cmp.Diff(test.want, got); diff != "" {
					t.Error(diff)
				}
			})
		}
	}
}

// Where the environment says all, no store is opened.
func TestEnvironmentAlone(t *testing.T) {
	t.Parallel()
	env := map[string]string{EnvURL: urlA, EnvEmail: "ann@example.org", EnvPassword: "p"}
	none := errors.New("no home folder")
	open := func(func(string) string) (*Store, error) { return nil, none }
	got, err := resolve(t.Context(), Flags{}, func(n string) string { return env[n] }, open)
	if want := (Settings{URL: urlA, Email: "ann@example.org", Password: "p"}); err != nil || !cmp.Equal(got, want) {
		t.Errorf("got %+v, %v", got, err)
	}
	if _, err := resolve(t.Context(), Flags{}, func(string) string { return "" }, open); !errors.Is(err, none) {
		t.Errorf("error %v, want %v", err, none)
	}
}

func TestWarnings(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("files have no mode there")
	}
	store := twoLogins(t, nil)
	tokenFile := filepath.Join(t.TempDir(), "token")
	if err := errors.Join(os.WriteFile(tokenFile, []byte("t"), 0o600), os.Chmod(store.Path(), 0o640), os.Chmod(tokenFile, 0o604)); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		flags Flags
		env   map[string]string
		want  string
	}{
		{want: store.Path()},
		{flags: Flags{TokenFile: tokenFile}, want: tokenFile},
		{flags: Flags{Profile: "staging"}, env: map[string]string{EnvURL: urlA, EnvToken: "t"}, want: EnvURL + " is set, and wins"},
		{flags: Flags{URL: urlB}, env: map[string]string{EnvToken: "t"}},
	} {
		got, err := resolve(t.Context(), test.flags, func(n string) string { return test.env[n] },
			func(func(string) string) (*Store, error) { return store, nil })
		if err != nil {
			t.Fatal(err)
		}
		if n := len(got.Warnings); test.want == "" && n > 0 || test.want != "" && (n != 1 || !strings.Contains(got.Warnings[0], test.want)) {
			t.Errorf("%+v: warnings %q, want one of %q", test.flags, got.Warnings, test.want)
		}
	}
}

func TestTokenFile(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"token": "token", " token\r\n\n": "token", "": "", "\n": "", "two\nlines": "", strings.Repeat("x", maxToken+1): "",
	} {
		path := filepath.Join(t.TempDir(), "token")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		got, err := readTokenFile(path)
		if got != want || (want == "") != errors.Is(err, ErrSetting) {
			t.Errorf("%.20q: got %q, %v", text, got, err)
		}
	}
}

func TestCheckURL(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"https://mibi.example.org": "https://mibi.example.org", "https://Mibi.Example.ORG/": "https://mibi.example.org",
		" https://mibi.example.org:443/a//\n": "https://mibi.example.org/a", "http://[::1]:80": "http://[::1]",
		"http://127.0.0.1:8000": "http://127.0.0.1:8000", "https://a.org:80": "https://a.org:80",
		"mibi.example.org": "", "ftp://mibi.example.org": "", "https://": "", "https://a.org/?x=1": "", "https://a.org/#x": "",
		"https://ann:secret@a.org": "", "https://ann:sec ret@a.org": "", "": "", "https:///x": "",
		"ann:secret@a.org": "", "https:/ann:secret@a.org": "", "https://a.org?token=secret": "", "https://a.org#secret": "", "https://a.org?": "",
	} {
		got, err := CheckURL(text)
		if got != want || (want == "") != errors.Is(err, ErrSetting) {
			t.Errorf("%q: got %q, %v; want %q", text, got, err, want)
		}
		if err != nil && strings.Contains(err.Error(), "sec") {
			t.Errorf("the error shows a secret: %v", err)
		}
	}
}
