// Package blob keeps bytes under keys: MIBItiffs, run XML, derived pixels.
//
// It knows neither the database nor HTTP. Who may read what is decided above
// it, and what belongs to what is written in the database: here are only
// names and bytes. [Store] is the contract, blobtest the suite that every
// backend passes, and [Local] the backend over a folder of a local disk.
package blob

import (
	"context"
	"errors"
	"io"
	"iter"
	"time"
)

// Errors of a [Store]. Test for them with [errors.Is]; the returned errors
// wrap them and name the key.
var (
	// ErrNotFound is returned for a key under which nothing is stored.
	ErrNotFound = errors.New("no such object")
	// ErrKey is returned for a key or prefix that breaks the rules of [CheckKey].
	ErrKey = errors.New("invalid key")
	// ErrSize is returned by Put when the bytes read were fewer or more than
	// the size that was announced.
	ErrSize = errors.New("size differs from the one announced")
	// ErrTooLarge is returned by Put when the bytes exceed the limit.
	ErrTooLarge = errors.New("larger than allowed")
)

// UnknownSize is the [PutOptions].Size of a body whose length is not known
// beforehand.
const UnknownSize int64 = -1

// PutOptions says what Put has to hold a body to.
type PutOptions struct {
	// Size is the exact number of bytes that must come, or [UnknownSize].
	// The zero value announces an empty body.
	Size int64
	// MaxSize is the largest number of bytes accepted; 0 means no limit.
	MaxSize int64
}

// Info describes a stored object.
type Info struct {
	// Key is the name under which the object is stored.
	Key string
	// Size is the object's length in bytes.
	Size int64
	// ModTime is when the object was written.
	ModTime time.Time
	// SHA256 is the hash of the object's bytes. Only Put fills it, since it
	// sees them all; elsewhere it is zero. A caller that needs it later keeps it.
	SHA256 [32]byte
}

// Object is an open object. ReadAt may be called from several goroutines at
// once; Read and Seek share one position and may not.
//
// An object never mixes two versions: after its key was replaced or deleted,
// reads give the bytes that it was opened on, or an error.
type Object interface {
	io.ReaderAt
	io.ReadSeeker
	io.Closer
	// Info describes the object as it was when it was opened, without SHA256.
	Info() Info
}

// Store keeps objects under keys. All methods may be called from several
// goroutines at once. Every method that takes a key returns [ErrKey] for one
// that [CheckKey] refuses, and touches nothing. A cancelled context ends a
// call with the context's error.
//
// A key should not also be a folder of other keys ("a" beside "a/b"). A
// backend may refuse the second of the two with [ErrKey]; it never damages
// the first.
type Store interface {
	// Put stores what r yields until io.EOF under key. An object that was
	// there is replaced in one step: readers see the old one or the new one,
	// whole. When Put returns nil, the object outlives a loss of power. When
	// it returns an error, what was there before is still there, and nothing
	// else is left (only where making the finished object durable fails may
	// the new one be there, whole).
	//
	// Errors: [ErrSize] and [ErrTooLarge] as the options say; r's own error,
	// wrapped. A blocked Read is not interrupted by the context: it is the
	// caller's to end.
	Put(ctx context.Context, key string, r io.Reader, opts PutOptions) (Info, error)

	// Open opens the object for reading. The caller closes it.
	// It returns [ErrNotFound] where there is none.
	Open(ctx context.Context, key string) (Object, error)

	// Stat describes the object, without SHA256.
	// It returns [ErrNotFound] where there is none.
	Stat(ctx context.Context, key string) (Info, error)

	// Delete removes the object. It is no error where there is none. A
	// deletion may be undone by a loss of power soon after.
	Delete(ctx context.Context, key string) error

	// DeletePrefix deletes every object whose key lies below the folder
	// prefix: "a/b" means all keys that begin with "a/b/". An empty prefix is
	// refused with [ErrKey]: nothing here empties a whole store. After an
	// error some may be deleted; calling it again goes on.
	DeletePrefix(ctx context.Context, prefix string) error

	// List yields every object whose key lies below the folder prefix, in
	// byte order of the keys, without SHA256; an empty prefix means all. An
	// error is yielded once and ends the list. Objects that come or go
	// meanwhile may be in it or not.
	List(ctx context.Context, prefix string) iter.Seq2[Info, error]

	// Sweep removes what unfinished writes of an earlier process have left
	// and nothing has written to for olderThan; it says how many it removed.
	// A Put under way in this Store is not touched.
	Sweep(ctx context.Context, olderThan time.Duration) (removed int, err error)
}
