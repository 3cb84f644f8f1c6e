package config

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"strings"
	"time"
)

// The environment variables that settings come from.
const (
	EnvURL      = "MIBITRACKER_URL"
	EnvEmail    = "MIBITRACKER_EMAIL"
	EnvPassword = "MIBITRACKER_PASSWORD"
	EnvToken    = "MIBITRACKER_TOKEN" //nolint:gosec // G101: the variable's name, not a token
)

// ErrNotLoggedIn says that there is no server to speak to, or nothing to log
// in with. The error's text says what to do.
var ErrNotLoggedIn = errors.New("not logged in")

func notLoggedIn(format string, args ...any) error {
	return fmt.Errorf("%w: "+format, append([]any{ErrNotLoggedIn}, args...)...)
}

// Flags are the settings that a command line names; empty ones are not given.
type Flags struct {
	URL, Profile, TokenFile string
}

// Settings are what a client is made of: a URL, and a token or an e-mail
// address with a password.
type Settings struct {
	URL string
	// Email may be empty where there is a token.
	Email string
	// Password is empty where there is a token: the token wins.
	Password, Token string
	// Profile is the profile that the URL or the token came from; empty if
	// neither did.
	Profile string
	// Renewed is when the profile's token was got; zero where the token is not
	// the profile's.
	Renewed time.Time
	// Warnings are what a person should be told.
	Warnings []string
}

// Resolve finds the settings: flags over environment over profile.
//
// Of what to log in with, --token-file wins over MIBITRACKER_TOKEN, that over
// MIBITRACKER_PASSWORD, and that over the profile's token. A profile's token is
// used for that profile's server only, and not for another account than its own.
// The settings' warnings hold also where there is an error.
//
// The profiles are read only where they are needed: a pipeline that sets the
// environment needs no home folder. Errors: ErrNotLoggedIn, ErrSetting, and
// what reading the files says.
func Resolve(ctx context.Context, flags Flags, getenv func(string) string) (Settings, error) {
	return resolve(ctx, flags, getenv, Open)
}

func resolve(ctx context.Context, flags Flags, getenv func(string) string, open func(func(string) string) (*Store, error)) (s Settings, err error) {
	s = Settings{URL: flags.URL, Email: getenv(EnvEmail)}
	if s.URL == "" {
		s.URL = getenv(EnvURL)
	}
	if s.URL != "" {
		if s.URL, err = CheckURL(s.URL); err != nil {
			return s, err
		}
	}
	switch {
	case flags.TokenFile != "":
		if s.Token, err = readTokenFile(flags.TokenFile); err != nil {
			return s, err
		}
		if readableByOthers(flags.TokenFile) {
			s.warn("%s holds a token, and others can read it: chmod 600 %[1]s", flags.TokenFile)
		}
	case getenv(EnvToken) != "":
		s.Token = getenv(EnvToken)
	default:
		s.Password = getenv(EnvPassword)
	}
	if flags.Profile == "" && s.URL != "" && (s.Token != "" || s.Password != "" && s.Email != "") {
		return s, nil
	}
	store, err := open(getenv)
	if err != nil {
		return s, err
	}
	err = s.fill(ctx, store, flags)
	return s, err
}

func (s *Settings) warn(format string, args ...any) {
	s.Warnings = append(s.Warnings, fmt.Sprintf(format, args...))
}

// fill takes from a profile what neither flags nor environment gave.
func (s *Settings) fill(ctx context.Context, store *Store, flags Flags) error {
	file, err := store.Load()
	if err != nil {
		return err
	}
	p, name, err := file.find(flags.Profile)
	if err != nil {
		return err
	}
	if p.URL, err = CheckURL(p.URL); err != nil {
		return fmt.Errorf("profile %s: %w", name, err)
	}
	switch {
	case s.URL == "":
		s.URL, s.Profile = p.URL, name
	case s.URL == p.URL:
		s.Profile = name
	case flags.Profile != "" && flags.URL == "":
		s.warn("%s is set, and wins: the server is %s, not %s of profile %s", EnvURL, s.URL, p.URL, name)
	}
	envEmail := s.Email
	if s.Email == "" && s.URL == p.URL {
		s.Email = p.Email
	}
	switch {
	case s.Token != "" || s.Password != "" && s.Email != "":
		return nil
	case s.URL != p.URL:
		return notLoggedIn("the token of profile %s is for %s, and goes nowhere else: run mibi login --url %s --profile NAME, or set %s", name, p.URL, s.URL, EnvToken)
	case p.Email != "" && envEmail != "" && !strings.EqualFold(envEmail, p.Email):
		return notLoggedIn("%s is %s, profile %s is %s: unset it, or set %s too", EnvEmail, envEmail, name, p.Email, EnvPassword)
	}
	return s.useToken(ctx, store, p, name)
}

// useToken takes the profile's token.
func (s *Settings) useToken(ctx context.Context, store *Store, p Profile, name string) (err error) {
	s.Profile, s.Renewed = name, p.Renewed
	switch {
	case !p.Keyring:
		s.Token = p.Token
		if p.Token != "" && readableByOthers(store.Path()) {
			s.warn("%s holds a token, and others can read it: chmod 600 %[1]s", store.Path())
		}
	case store.Keyring == nil:
		return notLoggedIn("the token of profile %s is in the system's keyring, which is not here: run mibi login again", name)
	default:
		if s.Token, err = store.Keyring.Get(ctx, service(p.URL), name); err != nil {
			if ctx.Err() != nil {
				return context.Cause(ctx)
			}
			return notLoggedIn("the token of profile %s is in the system's keyring (%w): run mibi login again", name, err)
		}
	}
	if s.Token == "" {
		return notLoggedIn("profile %s has no token: run mibi login again", name)
	}
	return nil
}

// CheckURL gives a server's address in its one form, for comparison: https or
// http, host in lower case, no final slash. What it refuses is ErrSetting; it
// repeats nothing of a URL that may hold a password.
func CheckURL(text string) (string, error) {
	u, err := url.Parse(strings.TrimSpace(text))
	switch {
	case err != nil:
		return "", fmt.Errorf("%w: the server's URL cannot be parsed: give it as https://mibi.example.org", ErrSetting)
	case u.User != nil:
		return "", fmt.Errorf("%w: the server's URL holds a user name or password: leave them out", ErrSetting)
	case u.Scheme != "http" && u.Scheme != "https", u.Host == "", u.RawQuery != "", u.ForceQuery, u.Fragment != "":
		return "", fmt.Errorf("%w: the server's URL is not of the form https://mibi.example.org", ErrSetting)
	}
	u.Host = strings.ToLower(u.Host)
	if standard := map[string]string{"http": "80", "https": "443"}[u.Scheme]; u.Port() == standard {
		u.Host = strings.TrimSuffix(u.Host, ":"+standard)
	}
	u.Path, u.RawPath = strings.TrimRight(u.Path, "/"), ""
	return u.String(), nil
}

// maxToken bounds what is read of a token's file, in bytes.
const maxToken = 64 << 10

func readTokenFile(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", fmt.Errorf("read the token: %w", err)
	}
	defer func() { _ = f.Close() }()
	raw, err := io.ReadAll(io.LimitReader(f, maxToken+1))
	if err != nil {
		return "", fmt.Errorf("read the token: %w", err)
	}
	raw = bytes.TrimSpace(raw)
	if len(raw) == 0 || len(raw) > maxToken || bytes.ContainsAny(raw, "\r\n") {
		return "", fmt.Errorf("%w: %s does not hold a token alone, on one line", ErrSetting, path)
	}
	return string(raw), nil
}
