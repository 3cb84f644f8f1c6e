package blob

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"path"
	"slices"
	"time"
)

// List implements [Store].
func (l *Local) List(ctx context.Context, prefix string) iter.Seq2[Info, error] {
	return func(yield func(Info, error) bool) {
		if err := errors.Join(checkPrefix(prefix), ctx.Err()); err != nil {
			yield(Info{}, err)
			return
		}
		l.list(ctx, folder(prefix), yield)
	}
}

// list yields the objects below dir and reports whether to go on.
func (l *Local) list(ctx context.Context, dir string, yield func(Info, error) bool) bool {
	entries, err := l.readDir(dir)
	if err != nil {
		yield(Info{}, err)
		return false
	}
	for _, entry := range entries {
		if err := ctx.Err(); err != nil {
			yield(Info{}, err)
			return false
		}
		name := path.Join(dir, entry.Name())
		if CheckKey(name) != nil {
			continue // a temporary file, or one that is not ours
		}
		if entry.IsDir() {
			if !l.list(ctx, name, yield) {
				return false
			}
			continue
		}
		info, err := l.stat(name)
		if errors.Is(err, ErrNotFound) {
			continue // gone meanwhile, or no regular file
		}
		if !yield(info, err) || err != nil {
			return false
		}
	}
	return true
}

// readDir returns a folder's entries in the byte order of the keys below them;
// a folder that is not there has none.
func (l *Local) readDir(dir string) ([]fs.DirEntry, error) {
	// Lstat: a folder reached through a link is not ours to list or to delete from.
	if fi, err := l.root.Lstat(dir); absent(err) || err == nil && !fi.IsDir() {
		return nil, nil
	}
	f, err := l.root.Open(dir)
	if absent(err) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("list folder %s: %w", dir, err)
	}
	entries, err := f.ReadDir(-1)
	if err = errors.Join(err, f.Close()); err != nil {
		return nil, fmt.Errorf("list folder %s: %w", dir, err)
	}
	slices.SortFunc(entries, func(a, b fs.DirEntry) int { return cmp.Compare(sortName(a), sortName(b)) })
	return entries, nil
}

// sortName is where the entry's keys belong: "a-b" comes before "a/b".
func sortName(entry fs.DirEntry) string {
	if entry.IsDir() {
		return entry.Name() + "/"
	}
	return entry.Name()
}

// Delete implements [Store].
func (l *Local) Delete(ctx context.Context, key string) error {
	if err := check(ctx, key); err != nil {
		return err
	}
	if _, err := l.stat(key); err != nil {
		if errors.Is(err, ErrNotFound) {
			return nil
		}
		return err
	}
	if err := l.root.Remove(key); err != nil && !absent(err) {
		return fmt.Errorf("delete object %s: %w", key, err)
	}
	l.removeEmpty(path.Dir(key))
	return nil
}

// DeletePrefix implements [Store].
func (l *Local) DeletePrefix(ctx context.Context, prefix string) error {
	if err := check(ctx, prefix); err != nil {
		return err
	}
	for info, err := range l.List(ctx, prefix) {
		if err != nil {
			return err
		}
		if err := l.Delete(ctx, info.Key); err != nil {
			return err
		}
	}
	return nil
}

// Sweep implements [Store]. It also removes empty folders.
func (l *Local) Sweep(ctx context.Context, olderThan time.Duration) (removed int, err error) {
	return l.sweep(ctx, ".", time.Now().Add(-olderThan))
}

func (l *Local) sweep(ctx context.Context, dir string, before time.Time) (removed int, err error) {
	entries, err := l.readDir(dir)
	if err != nil {
		return 0, err
	}
	for _, entry := range entries {
		if err := ctx.Err(); err != nil {
			return removed, err
		}
		name := path.Join(dir, entry.Name())
		switch {
		case entry.IsDir() && CheckKey(name) == nil:
			n, err := l.sweep(ctx, name, before)
			removed += n
			if err != nil {
				return removed, err
			}
		case entry.Type().IsRegular() && isTemp(entry.Name()):
			ok, err := l.removeTemp(name, before)
			if err != nil {
				return removed, err
			}
			if ok {
				removed++
			}
		}
	}
	l.removeEmpty(dir)
	return removed, nil
}

// removeTemp removes a temporary file that nobody writes and that was last
// written before the given time, and reports whether it did.
func (l *Local) removeTemp(name string, before time.Time) (bool, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if _, busy := l.writing[name]; busy {
		return false, nil
	}
	fi, err := l.root.Lstat(name)
	if absent(err) || err == nil && fi.ModTime().After(before) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("sweep %s: %w", name, err)
	}
	if err := l.root.Remove(name); err != nil {
		return false, fmt.Errorf("sweep %s: %w", name, err)
	}
	return true, nil
}

// folder is the path of a prefix under the root.
func folder(prefix string) string {
	if prefix == "" {
		return "."
	}
	return prefix
}
