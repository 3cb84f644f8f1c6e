package transfer

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"os"
	"sync"
)

// sending reads a file from its beginning to its end once, counts and hashes
// what it hands out, and hands out the end only of a file that is still the one
// that was looked at.
type sending struct {
	ctx   context.Context //nolint:containedctx // a reader has none of its own
	local *localTIFF
	file  *os.File
	moved func(n int64) // told how far it is; may be nil
	want  string        // the hash that it must have; empty where none is known
	broke func(error)   // told of an error of the file; may be nil

	mu   sync.Mutex // Close comes from other goroutines
	hash hash.Hash
	at   int64
	got  string // the hash, once the end is reached
}

// openSending opens a file to read it once.
func openSending(ctx context.Context, t *localTIFF) (*sending, error) {
	file, err := os.Open(t.path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%w: %w", ErrFileChanged, withoutPath(err))
	}
	if err != nil {
		return nil, withoutPath(err)
	}
	s := &sending{ctx: ctx, local: t, file: file, hash: sha256.New()}
	if err := s.same(); err != nil {
		_ = file.Close()
		return nil, err
	}
	return s, nil
}

// same is ErrFileChanged unless the open file, and the one that has its name,
// are what was looked at.
func (s *sending) same() error {
	open, err := s.file.Stat()
	if err != nil {
		return withoutPath(err)
	}
	named, err := os.Stat(s.local.path)
	switch {
	case err != nil:
		return fmt.Errorf("%w: %w", ErrFileChanged, withoutPath(err))
	case !os.SameFile(open, named):
		return fmt.Errorf("%w: another one has its name now", ErrFileChanged)
	case open.Size() != s.local.size:
		return fmt.Errorf("%w: it has %d bytes, and had %d", ErrFileChanged, open.Size(), s.local.size)
	case !s.local.is(open):
		return fmt.Errorf("%w: it was written at %s", ErrFileChanged, open.ModTime().Format("2006-01-02 15:04:05"))
	}
	return nil
}

// Read gives the next bytes; of the last ones only when the file has not
// changed.
func (s *sending) Read(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.ctx.Err(); err != nil {
		return 0, context.Cause(s.ctx)
	}
	size := s.local.size
	n, err := s.file.Read(p[:min(int64(len(p)), max(size-s.at, 1))])
	s.hash.Write(p[:n])
	s.at += int64(n)
	switch {
	case err != nil && err != io.EOF:
		err = fmt.Errorf("reading it here: %w", withoutPath(err))
	case s.at > size || err == io.EOF && s.at < size:
		err = fmt.Errorf("%w: it has not %d bytes any more", ErrFileChanged, size)
	case s.at == size && s.got == "":
		if wrong := s.whole(); wrong != nil {
			err = wrong
		}
	}
	if err != nil && err != io.EOF {
		// Whoever closed it has given this attempt up, as at an answer that comes
		// early; the file may be sent again.
		if s.broke != nil && !errors.Is(err, fs.ErrClosed) {
			s.broke(err)
		}
		return 0, err
	}
	if s.moved != nil && n > 0 {
		s.moved(s.at)
	}
	return n, err
}

// whole verifies what was read to its end.
func (s *sending) whole() error {
	if err := s.same(); err != nil {
		return err
	}
	got := hex.EncodeToString(s.hash.Sum(nil))
	if s.want != "" && s.want != got {
		return fmt.Errorf("%w: its SHA-256 is %s, and was %s", ErrFileChanged, got, s.want)
	}
	s.got = got
	return nil
}

// sum gives the hash of the whole file, once it was read to its end.
func (s *sending) sum() (string, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.got, s.got != ""
}

// Close ends the reading. It does not wait for a Read on a drive that does not
// answer.
func (s *sending) Close() error { return s.file.Close() }
