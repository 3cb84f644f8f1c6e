package cli

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// writeWhole writes a file that appears under its name when all of it is there
// and on the disk. Otherwise nothing is left.
func writeWhole(target string, in io.Reader, progress func(done int64)) (downloadReport, error) {
	return fillWhole(target, progress, func(w io.Writer) error {
		_, err := io.Copy(w, in)
		return err
	})
}

// fillWhole is writeWhole of what fill writes. Errors of fill are returned as
// they are.
func fillWhole(target string, progress func(done int64), fill func(io.Writer) error) (_ downloadReport, err error) {
	temp := filepath.Join(filepath.Dir(target), ".mibi-"+rand.Text()+".part")
	f, err := os.OpenFile(temp, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666) //nolint:gosec // the user's umask says who may read it
	if err != nil {
		return downloadReport{}, fmt.Errorf("write %s: %w", target, err)
	}
	defer func() {
		if err != nil {
			_, _ = f.Close(), os.Remove(temp)
		}
	}()
	hash := sha256.New()
	counter := &counter{to: io.MultiWriter(f, hash), target: target, progress: progress}
	if err := fill(counter); err != nil {
		return downloadReport{}, err
	}
	if err := errors.Join(f.Sync(), f.Close()); err != nil {
		return downloadReport{}, fmt.Errorf("write %s: %w", target, err)
	}
	if err := os.Rename(temp, target); err != nil {
		if errors.Is(err, fs.ErrPermission) { // the folder took the temporary file
			err = fmt.Errorf("it may be open in another program, or read-only: %w", err)
		}
		return downloadReport{}, fmt.Errorf("write %s: %w", target, err)
	}
	return downloadReport{Path: target, Size: counter.n, SHA256: hex.EncodeToString(hash.Sum(nil))}, nil
}

// counter tells how many bytes were written.
type counter struct {
	to       io.Writer
	target   string
	n        int64
	progress func(done int64)
}

func (c *counter) Write(p []byte) (int, error) {
	n, err := c.to.Write(p)
	c.n += int64(n)
	c.progress(c.n)
	if err != nil {
		err = fmt.Errorf("write %s: %w", c.target, err)
	}
	return n, err
}
