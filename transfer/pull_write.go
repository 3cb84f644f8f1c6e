package transfer

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"hash"
	"io"
	"os"
	"path/filepath"
	"time"
)

// written is a file that was written whole.
type written struct {
	size    int64
	sha256  string
	modTime time.Time
}

// partExtension is that of files that are being written.
const partExtension = ".part"

// writeWhole makes a file of what fill writes. It is whole and on the disk
// before it gets its name; until then it lies in a folder of the same file
// system under another one. That the name lasts is left to syncFolder.
func writeWhole(folder, target string, fill func(io.Writer) error) (written, error) {
	return writeBy(filepath.Join(folder, "."+rand.Text()+partExtension), target, fill)
}

// writeBy is writeWhole by way of a file that is not there yet.
func writeBy(temp, target string, fill func(io.Writer) error) (_ written, err error) {
	f, err := os.OpenFile(temp, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666) //nolint:gosec // the user's umask says who may read what is pulled
	if err != nil {
		return written{}, err
	}
	open := true
	defer func() {
		if open {
			_ = f.Close()
		}
		if err != nil {
			_ = os.Remove(temp)
		}
	}()
	counter := &hashWriter{to: f, sum: sha256.New()}
	if err := fill(counter); err != nil {
		return written{}, err
	}
	if err := f.Sync(); err != nil {
		return written{}, err
	}
	open = false
	if err := f.Close(); err != nil {
		return written{}, err
	}
	if err := replaceFile(temp, target); err != nil {
		return written{}, err
	}
	info, err := os.Stat(target)
	if err != nil {
		return written{}, err
	}
	return written{size: counter.n, sha256: counter.hex(), modTime: info.ModTime()}, nil
}

// syncFile brings a file to the disk.
func syncFile(name string) error {
	f, err := os.OpenFile(name, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// syncFolder lets the names in a folder last. One that cannot be opened or synced
// is one of a system that does not need it, or has no way to.
func syncFolder(name string) {
	if folder, err := os.Open(name); err == nil {
		_, _ = folder.Sync(), folder.Close()
	}
}

// hashWriter hashes what it hands on.
type hashWriter struct {
	to  io.Writer
	sum hash.Hash
	n   int64
}

func (h *hashWriter) Write(p []byte) (int, error) {
	n, err := h.to.Write(p)
	h.sum.Write(p[:n])
	h.n += int64(n)
	return n, err
}

func (h *hashWriter) hex() string { return hex.EncodeToString(h.sum.Sum(nil)) }

// hashFile gives the SHA-256 of a file's content.
func hashFile(ctx context.Context, path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	h := &hashWriter{to: io.Discard, sum: sha256.New()}
	buffer := make([]byte, 256<<10)
	for {
		if ctx.Err() != nil {
			return "", errors.Join(context.Cause(ctx), f.Close())
		}
		n, err := f.Read(buffer)
		_, _ = h.Write(buffer[:n])
		if err == io.EOF {
			return h.hex(), f.Close()
		}
		if err != nil {
			return "", errors.Join(err, f.Close())
		}
	}
}
