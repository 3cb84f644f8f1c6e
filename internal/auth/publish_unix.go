//go:build !windows

package auth

import (
	"errors"
	"os"
	"path/filepath"
)

// publish gives a file a second name, which fails if that is taken (a rename
// would replace the other file), and makes the name durable.
func publish(temp, path string) error {
	if err := os.Link(temp, path); err != nil {
		return err
	}
	dir, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}
