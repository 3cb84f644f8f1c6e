package blob

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"sync"
	"syscall"
)

// Only the owner of the data folder may read what is in it: it is patients' tissue.
const (
	dirPerm  fs.FileMode = 0o700
	filePerm fs.FileMode = 0o600
)

// Local is a [Store] over a folder of a local disk: an object is the plain file
// at its key, without files beside it. All paths go through an [os.Root], so
// not even a symbolic link leads out of the folder.
//
// One process at a time may write to the folder.
type Local struct {
	root *os.Root

	// mu makes folder creation and removal take turns, so that no folder
	// vanishes between its creation and that of the file inside it.
	mu sync.Mutex
	// writing has the temporary files of the Puts under way.
	writing map[string]struct{}
}

var _ Store = (*Local)(nil)

// OpenLocal opens the folder dir as a store and makes it if it is absent. The
// caller closes the store.
func OpenLocal(dir string) (*Local, error) {
	if err := os.MkdirAll(dir, dirPerm); err != nil {
		return nil, fmt.Errorf("make the folder of stored files: %w", err)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, fmt.Errorf("open the folder of stored files: %w", err)
	}
	return &Local{root: root, writing: make(map[string]struct{})}, nil
}

// Close releases the folder. Objects that are open stay readable.
func (l *Local) Close() error { return l.root.Close() }

// Stat implements [Store].
func (l *Local) Stat(ctx context.Context, key string) (Info, error) {
	if err := check(ctx, key); err != nil {
		return Info{}, err
	}
	return l.stat(key)
}

func (l *Local) stat(key string) (Info, error) {
	// Lstat: a link is none of our objects, and opening a pipe would block.
	fi, err := l.root.Lstat(key)
	if absent(err) || err == nil && !fi.Mode().IsRegular() {
		return Info{}, fmt.Errorf("%w: %s", ErrNotFound, key)
	}
	if err != nil {
		return Info{}, fmt.Errorf("look up object %s: %w", key, err)
	}
	return infoOf(key, fi), nil
}

// Open implements [Store].
func (l *Local) Open(ctx context.Context, key string) (Object, error) {
	if err := check(ctx, key); err != nil {
		return nil, err
	}
	if _, err := l.stat(key); err != nil {
		return nil, err
	}
	f, err := l.root.Open(key)
	if absent(err) {
		return nil, fmt.Errorf("%w: %s", ErrNotFound, key)
	}
	if err != nil {
		return nil, fmt.Errorf("open object %s: %w", key, err)
	}
	fi, err := f.Stat()
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open object %s: %w", key, err), f.Close())
	}
	return &localObject{File: f, info: infoOf(key, fi)}, nil
}

type localObject struct {
	*os.File
	info Info
}

func (o *localObject) Info() Info { return o.info }

func infoOf(key string, fi fs.FileInfo) Info {
	return Info{Key: key, Size: fi.Size(), ModTime: fi.ModTime()}
}

// check refuses a bad key before a done context, so that a caller's mistake
// is seen as such.
func check(ctx context.Context, key string) error {
	return errors.Join(CheckKey(key), ctx.Err())
}

// removeEmpty removes the folder and those above it, up to the first that
// still has something in it.
func (l *Local) removeEmpty(dir string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for ; dir != "."; dir = path.Dir(dir) {
		// Removal refuses a folder with entries; that is the end of the climb.
		if l.root.Remove(dir) != nil {
			return
		}
	}
}

// absent reports whether an error means that nothing has that name; a file
// where a folder was expected means it too.
func absent(err error) bool { return errors.Is(err, fs.ErrNotExist) || notDir(err) }

func notDir(err error) bool { return errors.Is(err, syscall.ENOTDIR) }
