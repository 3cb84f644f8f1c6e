package server

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/openmibi/openmibi/internal/store"
)

// ErrNoData says that a folder holds no server's data.
var ErrNoData = errors.New("there is no server's data in this folder")

// HasData reports whether a folder holds a server's data.
func HasData(dataDir string) (bool, error) {
	_, err := os.Stat(filepath.Join(dataDir, databaseFile))
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("look into the data folder: %w", err)
	}
	return true, nil
}

// withDatabase opens the database of a data folder that is there: nobody means
// to make one by a mistyped name. A server may be serving it meanwhile.
func withDatabase(ctx context.Context, dataDir string, use func(*store.Store) error) (err error) {
	found, err := HasData(dataDir)
	if err != nil {
		return err
	}
	if !found {
		return fmt.Errorf("%w: %s; name the server's data folder with --data", ErrNoData, dataDir)
	}
	db, err := openDatabase(ctx, dataDir)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	return use(db)
}
