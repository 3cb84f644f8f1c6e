package auth

import (
	"bytes"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
)

// SecretsFile is the name of the file with the secrets in a data folder.
const SecretsFile = "secrets.json"

// ErrSecrets is what errors about the file's content or its permissions wrap.
var ErrSecrets = errors.New("the server's secrets cannot be used")

// Purpose is what a key is for. Keys of different purposes tell nothing about
// each other.
type Purpose string

// The purposes of keys.
const (
	PurposeTokens     Purpose = "login tokens"
	PurposeSignedURLs Purpose = "signed URLs"
	PurposeAnswers    Purpose = "kept answers"
)

const (
	secretsVersion = 1
	rootLen        = 32 // bytes
	maxSecretsFile = 64 << 10
)

// Secrets is what a server knows and its clients do not: one random root, from
// which the key for each purpose is derived. It does not show when it is
// printed or logged.
type Secrets struct {
	root []byte
}

// Key returns the purpose's key, 32 bytes: HKDF-SHA256 of the root.
func (s Secrets) Key(p Purpose) []byte {
	key, err := hkdf.Key(sha256.New, s.root, nil, "openmibi: "+string(p), sha256.Size)
	if err != nil {
		// Only a length over 255 hashes is refused, and ours is one.
		panic(err)
	}
	return key
}

// Format implements [fmt.Formatter] and hides the secrets.
func (Secrets) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "auth.Secrets(hidden)") }

// MarshalJSON hides the secrets from encoders and structured logs.
func (Secrets) MarshalJSON() ([]byte, error) { return []byte(`"hidden"`), nil }

// fileContent is the JSON in the file.
type fileContent struct {
	Version int    `json:"version"`
	Root    []byte `json:"root"` // base64
}

// OpenSecrets reads the secrets of the data folder dir. At the first start it
// makes them, and the folder if need be; processes that start at once end with
// the same ones.
//
// Only the file's owner may be able to read it: on Unix, one that others can
// read is refused. It also refuses a broken file rather than replace it, since
// then every token and signed URL would end. These errors are [ErrSecrets] and
// say what to do.
func OpenSecrets(dir string) (Secrets, error) {
	path := filepath.Join(dir, SecretsFile)
	secrets, err := readSecrets(path)
	if !errors.Is(err, fs.ErrNotExist) {
		return secrets, err
	}
	if err := createSecrets(dir, path); err != nil && !errors.Is(err, fs.ErrExist) {
		return Secrets{}, fmt.Errorf("make the server's secrets in %s: %w", path, err)
	}
	// Also after writing them: whoever was first, this is what counts.
	return readSecrets(path)
}

func readSecrets(path string) (_ Secrets, err error) {
	f, err := os.Open(path)
	if err != nil {
		return Secrets{}, fmt.Errorf("read the server's secrets: %w", err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	fi, err := f.Stat()
	if err != nil {
		return Secrets{}, fmt.Errorf("read the server's secrets: %w", err)
	}
	if mode := fi.Mode().Perm(); runtime.GOOS != "windows" && mode&0o077 != 0 {
		return Secrets{}, fmt.Errorf("%w: other accounts of this computer can open %s (mode %04o); run: chmod 600 %s",
			ErrSecrets, path, mode, path)
	}
	data, err := io.ReadAll(io.LimitReader(f, maxSecretsFile))
	if err != nil {
		return Secrets{}, fmt.Errorf("read the server's secrets: %w", err)
	}
	return parseSecrets(path, data)
}

func parseSecrets(path string, data []byte) (Secrets, error) {
	var content fileContent
	// The decoder's own errors are left out: they quote what was read.
	if json.Unmarshal(data, &content) != nil {
		return Secrets{}, broken(path, "it is not whole")
	}
	if content.Version > secretsVersion {
		return Secrets{}, fmt.Errorf("%w: %s was written by a newer version of this program; use that version",
			ErrSecrets, path)
	}
	if content.Version != secretsVersion {
		return Secrets{}, broken(path, "it has no version")
	}
	if len(content.Root) != rootLen || bytes.Equal(content.Root, make([]byte, rootLen)) {
		return Secrets{}, broken(path, fmt.Sprintf("its root is not %d random bytes", rootLen))
	}
	return Secrets{root: content.Root}, nil
}

func broken(path, what string) error {
	return fmt.Errorf("%w: %s is damaged (%s); put it back from a backup, or remove it to get new secrets: "+
		"then everybody has to log in again", ErrSecrets, path, what)
}

// createSecrets writes new secrets under a temporary name, syncs them, and
// gives them their own name unless there is one (then its error is
// fs.ErrExist).
func createSecrets(dir, path string) (err error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	root := make([]byte, rootLen)
	_, _ = rand.Read(root) // never fails: it ends the program instead
	data, err := json.Marshal(fileContent{Version: secretsVersion, Root: root})
	if err != nil {
		return err
	}
	temp := filepath.Join(dir, SecretsFile+".new-"+rand.Text())
	f, err := os.OpenFile(temp, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	defer func() {
		if removeErr := os.Remove(temp); !errors.Is(removeErr, fs.ErrNotExist) {
			err = errors.Join(err, removeErr)
		}
	}()
	_, err = f.Write(append(data, '\n'))
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	return publish(temp, path)
}
