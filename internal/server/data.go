package server

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/gofrs/flock"

	"github.com/openmibi/openmibi/internal/auth"
	"github.com/openmibi/openmibi/internal/blob"
	"github.com/openmibi/openmibi/internal/store"
)

// The parts of a data folder, beside [auth.SecretsFile].
const (
	databaseFile = "openmibi.db"
	blobsDir     = "blobs"
	lockFile     = "server.lock"
)

// ErrInUse says that another server has the data folder open.
var ErrInUse = errors.New("another server is using this data folder")

// data is an open data folder.
type data struct {
	lock    *flock.Flock
	secrets auth.Secrets
	store   *store.Store
	blobs   *blob.Local
}

// openData opens a data folder for the one server that may have it open, and
// brings its database up to date.
func openData(ctx context.Context, dir string) (_ *data, err error) {
	if err := makeDataDir(dir); err != nil {
		return nil, err
	}
	d := &data{lock: flock.New(filepath.Join(dir, lockFile), flock.SetPermissions(0o600))}
	locked, err := d.lock.TryLock()
	if err != nil {
		return nil, fmt.Errorf("lock the data folder %s: %w", dir, err)
	}
	if !locked {
		return nil, fmt.Errorf("%w: %s; stop it first, or choose another folder", ErrInUse, dir)
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, d.close())
		}
	}()
	if d.secrets, err = auth.OpenSecrets(dir); err != nil {
		return nil, err
	}
	if d.store, err = openDatabase(ctx, dir); err != nil {
		return nil, err
	}
	// The lock says that whoever held a lease is gone.
	if _, err := d.store.ReclaimJobs(ctx); err != nil {
		return nil, err
	}
	if d.blobs, err = blob.OpenLocal(filepath.Join(dir, blobsDir)); err != nil {
		return nil, err
	}
	return d, nil
}

func (d *data) close() error {
	var errs []error
	if d.blobs != nil {
		errs = append(errs, d.blobs.Close())
	}
	if d.store != nil {
		errs = append(errs, d.store.Close())
	}
	return errors.Join(append(errs, d.lock.Unlock())...)
}

func makeDataDir(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("make the data folder: %w", err)
	}
	return nil
}

// openDatabase opens the data folder's database. It makes the file itself, as
// SQLite would let other accounts of the computer read it.
func openDatabase(ctx context.Context, dir string) (*store.Store, error) {
	path := filepath.Join(dir, databaseFile)
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open the database: %w", err)
	}
	if err := f.Close(); err != nil {
		return nil, fmt.Errorf("open the database: %w", err)
	}
	return store.Open(ctx, path)
}
