// Package config knows where mibi's settings come from: flags over environment
// over the profile that `mibi login` wrote. It keeps the profiles, and their
// tokens in the system's keyring or, where there is none, in the same file.
package config

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"time"

	"github.com/gofrs/flock"
	"github.com/pelletier/go-toml/v2"
)

// DefaultProfile is the profile of a first login that names none.
const DefaultProfile = "default"

// fileName is the profiles' file in the store's folder.
const fileName = "config.toml"

// ErrSetting is a setting that cannot be right, such as a URL without a host.
var ErrSetting = errors.New("bad setting")

// File is what the store's file holds.
type File struct {
	// Default is the profile of commands that name none; empty for none.
	Default  string             `toml:"default,omitempty"`
	Profiles map[string]Profile `toml:"profiles,omitempty"`
}

// Profile is one login.
type Profile struct {
	URL string `toml:"url"`
	// Email is the account's address; empty where the server does not tell it.
	Email string `toml:"email,omitempty"`
	// Keyring says that the token is in the system's keyring.
	Keyring bool `toml:"keyring,omitempty"`
	// Token is the token where it is not in the keyring.
	Token string `toml:"token,omitempty"`
	// Renewed is when the token was got.
	Renewed time.Time `toml:"renewed"`
}

// Store keeps the profiles in a folder.
type Store struct {
	// Folder is made at the first login, for its owner only.
	Folder string
	// Keyring keeps the tokens; nil keeps them in the file.
	Keyring Keyring
}

// Open is the store of the user who runs the program: the folder openmibi in
// the user's configuration folder, and the system's keyring unless the
// environment has MIBI_NO_KEYRING.
func Open(getenv func(string) string) (*Store, error) {
	base, err := os.UserConfigDir()
	if err != nil {
		return nil, fmt.Errorf("find the configuration folder: %w", err)
	}
	s := &Store{Folder: filepath.Join(base, "openmibi")}
	if getenv("MIBI_NO_KEYRING") == "" {
		s.Keyring = System(getenv)
	}
	return s, nil
}

// Path is the file of the profiles.
func (s *Store) Path() string { return filepath.Join(s.Folder, fileName) }

// Load reads the profiles. Without a file there are none.
func (s *Store) Load() (*File, error) {
	f := &File{Profiles: map[string]Profile{}}
	var raw []byte
	err := whileHeld(func() (err error) {
		raw, err = os.ReadFile(s.Path())
		return err
	})
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return f, nil
	case err != nil:
		return nil, fmt.Errorf("read the profiles: %w", err)
	}
	if err := toml.Unmarshal(raw, f); err != nil {
		// The parser's own text could show the line of a token.
		var where *toml.DecodeError
		if errors.As(err, &where) {
			row, column := where.Position()
			return nil, fmt.Errorf("%s is damaged at line %d, column %d: repair it, or remove it and log in again", s.Path(), row, column)
		}
		return nil, fmt.Errorf("%s is damaged: repair it, or remove it and log in again", s.Path())
	}
	if f.Profiles == nil {
		f.Profiles = map[string]Profile{}
	}
	return f, nil
}

// ReadableByOthers says that somebody but the owner can read the profiles' file.
func (s *Store) ReadableByOthers() bool { return readableByOthers(s.Path()) }

// readableByOthers says that somebody but the owner can read the file.
// Windows has other rights, which the mode does not show; a pipe's mode says
// nothing.
func readableByOthers(path string) bool {
	if runtime.GOOS == "windows" {
		return false
	}
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular() && info.Mode().Perm()&0o077 != 0
}

var profileName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._@-]{0,63}$`)

// CheckName refuses what is no profile's name, as an ErrSetting.
func CheckName(name string) error {
	if !profileName.MatchString(name) {
		return fmt.Errorf("%w: a profile's name has letters, digits, and . _ @ - in it, not %q", ErrSetting, name)
	}
	return nil
}

// Save keeps a login under a name, which becomes the default if there is none.
// It says whether the keyring took the token; if not, it is in the file.
func (s *Store) Save(ctx context.Context, name string, p Profile, token string) (inKeyring bool, err error) {
	if err := CheckName(name); err != nil {
		return false, err
	}
	err = s.change(ctx, func(f *File) error {
		if old, ok := f.Profiles[name]; ok && old.Keyring && old.URL != p.URL {
			s.forget(ctx, name, old)
		}
		if err := s.keep(ctx, name, &p, token); err != nil {
			return err
		}
		inKeyring = p.Keyring
		f.Profiles[name] = p
		if f.Default == "" {
			f.Default = name
		}
		return nil
	})
	return inKeyring, err
}

// keep puts a token into the keyring, or else into the profile.
func (s *Store) keep(ctx context.Context, name string, p *Profile, token string) error {
	p.Keyring = s.Keyring != nil && s.Keyring.Set(ctx, service(p.URL), name, token) == nil
	if p.Token = ""; !p.Keyring {
		p.Token = token
	}
	p.Renewed = time.Now().UTC().Truncate(time.Microsecond)
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return nil
}

// Remove forgets a profile and its token; an empty name is the default's. It
// returns the name. A profile that is not there is ErrNotLoggedIn.
func (s *Store) Remove(ctx context.Context, name string) (string, error) {
	err := s.change(ctx, func(f *File) error {
		p, found, err := f.find(name)
		if err != nil {
			return err
		}
		name = found
		if p.Keyring {
			s.forget(ctx, name, p)
		}
		delete(f.Profiles, name)
		if f.Default == name {
			f.Default = ""
		}
		return nil
	})
	return name, err
}

// forget is best effort: a keyring that is gone has no token to forget.
func (s *Store) forget(ctx context.Context, name string, p Profile) {
	if s.Keyring != nil {
		_ = s.Keyring.Delete(ctx, service(p.URL), name)
	}
}

// find gives a profile by its name, or the default one.
func (f *File) find(name string) (Profile, string, error) {
	asked := name
	if name == "" {
		name = f.Default
	}
	p, ok := f.Profiles[name]
	switch {
	case ok:
		return p, name, nil
	case asked != "":
		return p, name, notLoggedIn("there is no profile %q: run mibi login --profile %s", asked, asked)
	}
	return p, name, notLoggedIn("run mibi login, or set MIBITRACKER_URL, and MIBITRACKER_TOKEN or MIBITRACKER_EMAIL and MIBITRACKER_PASSWORD")
}

// change reads, changes and writes the file, one process after another.
func (s *Store) change(ctx context.Context, edit func(*File) error) (err error) {
	if err := os.MkdirAll(s.Folder, 0o700); err != nil {
		return fmt.Errorf("make the configuration folder: %w", err)
	}
	lock := flock.New(filepath.Join(s.Folder, ".lock"), flock.SetPermissions(0o600))
	if _, err := lock.TryLockContext(ctx, 20*time.Millisecond); err != nil {
		return fmt.Errorf("wait for another mibi that changes the profiles: %w", err)
	}
	defer func() { err = errors.Join(err, lock.Close()) }()
	f, err := s.Load()
	if err != nil {
		return err
	}
	if err := edit(f); err != nil {
		return err
	}
	return s.write(f)
}

// write replaces the file at once. A temporary file is its owner's alone.
func (s *Store) write(f *File) (err error) {
	var text bytes.Buffer
	text.WriteString("# Written by mibi login and mibi logout.\n")
	if err := toml.NewEncoder(&text).Encode(f); err != nil {
		return fmt.Errorf("write the profiles: %w", err)
	}
	temp, err := os.CreateTemp(s.Folder, ".config-*")
	if err != nil {
		return fmt.Errorf("write the profiles: %w", err)
	}
	defer func() {
		if err != nil {
			_ = os.Remove(temp.Name())
			err = fmt.Errorf("write the profiles: %w", err)
		}
	}()
	_, err = temp.Write(text.Bytes())
	if err = errors.Join(err, temp.Sync(), temp.Close()); err != nil {
		return err
	}
	return whileHeld(func() error { return os.Rename(temp.Name(), s.Path()) })
}
