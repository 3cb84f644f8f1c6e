package blob

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"path"
	"strings"
)

// tempMark starts the name of a file that is being written. No key has a plus
// sign, so no object is ever taken for one.
const tempMark = "+put-"

func isTemp(name string) bool { return strings.HasPrefix(name, tempMark) }

// Put implements [Store].
func (l *Local) Put(ctx context.Context, key string, r io.Reader, opts PutOptions) (_ Info, err error) {
	if err := check(ctx, key); err != nil {
		return Info{}, err
	}
	if opts.MaxSize > 0 && opts.Size > opts.MaxSize {
		return Info{}, fmt.Errorf("%w: %s would have %d bytes, the limit is %d", ErrTooLarge, key, opts.Size, opts.MaxSize)
	}
	f, temp, err := l.createTemp(key)
	if err != nil {
		return Info{}, err
	}
	renamed := false
	defer func() {
		// The file is closed twice on success; the second error says nothing.
		_ = f.Close()
		l.endTemp(temp, renamed)
	}()

	info, err := fill(ctx, f, key, r, opts)
	if err != nil {
		return Info{}, err
	}
	if err := f.Close(); err != nil {
		return Info{}, fmt.Errorf("store object %s: %w", key, err)
	}
	if err := ctx.Err(); err != nil {
		return Info{}, fmt.Errorf("store object %s: %w", key, err)
	}
	if err := l.root.Rename(temp, key); err != nil {
		if fi, statErr := l.root.Lstat(key); statErr == nil && fi.IsDir() {
			return Info{}, fmt.Errorf("%w %q: it is a folder of other keys", ErrKey, key)
		}
		return Info{}, fmt.Errorf("store object %s: %w", key, err)
	}
	renamed = true
	if err := syncDir(l.root, path.Dir(key)); err != nil {
		return Info{}, fmt.Errorf("store object %s: %w", key, err)
	}
	return info, nil
}

// fill copies r into f under the limits and syncs it.
func fill(ctx context.Context, f *os.File, key string, r io.Reader, opts PutOptions) (Info, error) {
	sum := sha256.New()
	limit := int64(math.MaxInt64)
	if opts.Size >= 0 {
		limit = opts.Size
	} else if opts.MaxSize > 0 {
		limit = opts.MaxSize
	}
	src := io.Reader(&contextReader{ctx: ctx, r: r})
	if limit < math.MaxInt64 {
		// One more byte than allowed tells a body that is too long from one that fits.
		src = io.LimitReader(src, limit+1)
	}
	n, err := io.Copy(io.MultiWriter(f, sum), src)
	if err != nil {
		return Info{}, fmt.Errorf("store object %s after %d bytes: %w", key, n, err)
	}
	switch {
	case opts.Size >= 0 && n > opts.Size:
		return Info{}, fmt.Errorf("%w: %s has more than the %d bytes announced", ErrSize, key, opts.Size)
	case opts.Size >= 0 && n < opts.Size:
		return Info{}, fmt.Errorf("%w: %s has %d bytes, %d were announced", ErrSize, key, n, opts.Size)
	case opts.MaxSize > 0 && n > opts.MaxSize:
		return Info{}, fmt.Errorf("%w: %s has more than %d bytes", ErrTooLarge, key, opts.MaxSize)
	}
	if err := f.Sync(); err != nil {
		return Info{}, fmt.Errorf("store object %s: %w", key, err)
	}
	fi, err := f.Stat()
	if err != nil {
		return Info{}, fmt.Errorf("store object %s: %w", key, err)
	}
	info := infoOf(key, fi)
	sum.Sum(info.SHA256[:0])
	return info, nil
}

// createTemp makes the key's folder and, in it, a new temporary file.
func (l *Local) createTemp(key string) (*os.File, string, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	dir := path.Dir(key)
	if err := l.makeDir(dir); err != nil {
		return nil, "", err
	}
	temp := path.Join(dir, tempMark+rand.Text())
	f, err := l.root.OpenFile(temp, os.O_WRONLY|os.O_CREATE|os.O_EXCL, filePerm)
	if err != nil {
		return nil, "", fmt.Errorf("store object %s: %w", key, err)
	}
	l.writing[temp] = struct{}{}
	return f, temp, nil
}

// endTemp forgets a temporary file, and removes it unless it became an object.
func (l *Local) endTemp(temp string, renamed bool) {
	if !renamed {
		// Should this fail, Sweep finds the file later.
		_ = l.root.Remove(temp)
		l.removeEmpty(path.Dir(temp))
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.writing, temp)
}

// makeDir makes a folder and those above it, and makes each new one durable.
func (l *Local) makeDir(dir string) error {
	if dir == "." {
		return nil
	}
	err := l.root.Mkdir(dir, dirPerm)
	if errors.Is(err, fs.ErrNotExist) {
		if err := l.makeDir(path.Dir(dir)); err != nil {
			return err
		}
		err = l.root.Mkdir(dir, dirPerm)
	}
	if err == nil {
		return syncDir(l.root, path.Dir(dir))
	}
	fi, statErr := l.root.Stat(dir)
	if statErr == nil && fi.IsDir() {
		return nil
	}
	if statErr == nil || notDir(err) {
		return fmt.Errorf("%w %q: an object lies where its folder would be", ErrKey, dir+"/...")
	}
	return fmt.Errorf("make the folder of an object: %w", err)
}

// contextReader ends a copy between two reads once the context is done. It
// hides r's other methods, so that the copy does come by here.
type contextReader struct {
	ctx context.Context //nolint:containedctx // lives no longer than the call that it belongs to
	r   io.Reader
}

func (c *contextReader) Read(p []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	return c.r.Read(p)
}
