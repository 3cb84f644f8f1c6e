package mibitracker

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"strings"
)

// WithSHA256 refuses a file whose content has another SHA-256 (hexadecimal),
// with ErrCorrupt, before it gets its name. With it all that an ended process
// left is continued, to the last byte: the hash decides in the end, and what it
// refuses is asked for once more from the beginning, unless the storage itself
// says that it has another content.
func WithSHA256(sum string) DownloadOption {
	return func(d *download) { d.judge.sha256, d.judge.given = strings.ToLower(sum), true }
}

// WithMaxSize refuses, as ErrCorrupt, a file of more than so many bytes: before
// any comes where the storage says its size, and otherwise as soon as more have
// come.
func WithMaxSize(bytes int64) DownloadOption {
	return func(d *download) { d.judge.most, d.judge.bounded = bytes, true }
}

// WithVerify calls f on the whole file, of size bytes, before it gets its name,
// after all other checks. A file that f refuses is ErrCorrupt, and is asked for
// once more where no hash has vouched for what came; f may be called twice. What
// the context's end makes of f is no refusal. With it all that an ended process
// left is continued, to the last byte, where the storage names versions.
func WithVerify(f func(ctx context.Context, r io.ReaderAt, size int64) error) DownloadOption {
	return func(d *download) { d.judge.look = f }
}

// trust is what is believed of a part that an ended process left.
type trust int

const (
	trustNotes trust = iota // what was noted
	trustAll                // all that came of a noted version: the end is judged
	trustHash               // all: the content's hash is known
)

// judge decides of a whole file whether it is what was wanted.
type judge struct {
	sha256  string // hexadecimal
	given   bool
	most    int64 // bytes
	bounded bool
	look    func(ctx context.Context, r io.ReaderAt, size int64) error
	vouched bool // a hash has said that all came as it was stored
}

// check refuses a hash that is none.
func (j *judge) check() error {
	if sum, err := hex.DecodeString(j.sha256); j.given && (err != nil || len(sum) != sha256.Size) {
		return fmt.Errorf("%q is no SHA-256: 64 hexadecimal digits are", j.sha256)
	}
	if j.bounded && j.most < 0 {
		return fmt.Errorf("%d is no size of a file", j.most)
	}
	return nil
}

// how tells what may be believed of a part.
func (j *judge) how() trust {
	switch {
	case j.given:
		return trustHash
	case j.look != nil:
		return trustAll
	}
	return trustNotes
}

// whole tells whether a part is all that is wanted: then nothing is asked for.
func (j *judge) whole(sum hash.Hash) bool {
	j.vouched = j.given && hex.EncodeToString(sum.Sum(nil)) == j.sha256
	return j.vouched
}

// announced refuses a content before it comes, where the storage says that it
// is another: by its digest, or by its size, which is -1 where it says none.
func (j *judge) announced(d digest, size int64) error {
	if err := j.fits(size); err != nil {
		return err
	}
	if j.given && d.name == nameSHA256 && hex.EncodeToString(d.sum) != j.sha256 {
		return finalError{fmt.Errorf("%w: the storage has a content with the SHA-256 %x, and it should be %s", ErrCorrupt, d.sum, j.sha256)}
	}
	return nil
}

// fits refuses more bytes than there should be.
func (j *judge) fits(bytes int64) error {
	if j.bounded && bytes > j.most {
		return finalError{fmt.Errorf("%w: the storage has more than %d bytes", ErrCorrupt, j.most)}
	}
	return nil
}

// finalError is an ErrCorrupt of which no repetition would make anything else.
type finalError struct{ error }

func (e finalError) Unwrap() error { return e.error }

// verify judges what came.
func (j *judge) verify(ctx context.Context, d *download) error {
	if j.given {
		if d.done.SHA256 != j.sha256 {
			return fmt.Errorf("%w: its SHA-256 is %s, and should be %s", ErrCorrupt, d.done.SHA256, j.sha256)
		}
		j.vouched = true
	}
	if j.look == nil {
		return nil
	}
	r := io.NewSectionReader(d.part.file, 0, d.done.Size)
	err := j.look(ctx, r, d.done.Size)
	if err != nil && ctx.Err() == nil && !errors.Is(err, ErrCorrupt) {
		err = fmt.Errorf("%w: %w", ErrCorrupt, err)
	}
	return j.refused(err)
}

// refused makes an error final where a repetition would bring the same bytes.
func (j *judge) refused(err error) error {
	if err != nil && (j.vouched || !errors.Is(err, ErrCorrupt)) {
		return finalError{err}
	}
	return err
}
