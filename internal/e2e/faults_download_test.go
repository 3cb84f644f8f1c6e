package e2e

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// download brings a file to disk, again until it is there. Under its name it is
// whole or not there; what a failure leaves is hidden, and gone in the end.
func (r *faultRound) download(ctx context.Context) error {
	const name, tries = "large.tiff", 5
	dest := filepath.Join(r.folder, name)
	call := "Files.Download"
	for range tries {
		done := r.call(ctx, call, func(ctx context.Context) (failure, wrong error) {
			got, err := r.client.Files.Download(ctx, r.lab.largePath, dest)
			if err == nil && (got.SHA256 != r.lab.large.sha256 || got.Path != dest || got.Size != int64(len(r.lab.large.tiff))) {
				wrong = fmt.Errorf("downloaded %+v", got)
			}
			return err, wrong
		})
		if err := r.downloaded(dest, done); err != nil {
			r.wrong("%s: %v", call, err)
		}
		if done {
			return nil
		}
		call = "Files.Download, again"
	}
	return nil
}

func (r *faultRound) downloaded(dest string, done bool) error {
	entries, err := os.ReadDir(filepath.Dir(dest))
	if err != nil {
		return err
	}
	for _, e := range entries {
		if e.Name() != filepath.Base(dest) && (done || !strings.HasPrefix(e.Name(), ".")) {
			return fmt.Errorf("%q was left", e.Name())
		}
	}
	content, err := os.ReadFile(dest)
	switch {
	case done && err != nil:
		return err
	case done:
		return sameFile(content, r.lab.large.tiff)
	case !errors.Is(err, os.ErrNotExist):
		return fmt.Errorf("a download that failed left %d bytes under its name, %w", len(content), err)
	}
	return nil
}
