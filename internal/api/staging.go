package api

import (
	"context"
	"errors"
	"io"
	"net/http"

	"github.com/openmibi/openmibi/internal/blob"
	"github.com/openmibi/openmibi/internal/store"
)

// stagedFile is a file of a form that was stored, but that nothing refers to yet.
type stagedFile struct {
	name, key string
	reserved  int64 // the reservation's id
	kept      bool  // a transaction that takes the reservation back was begun
	info      blob.Info
}

// stage stores a file of a form under a new key.
func (a *API) stage(ctx context.Context, key, name string, r io.Reader, limit int64) (stagedFile, error) {
	f := stagedFile{name: name, key: key}
	err := a.Store.Write(ctx, func(tx *store.Tx) (err error) {
		f.reserved, err = tx.Reserve(ctx, key)
		return err
	})
	if err != nil {
		return stagedFile{}, err
	}
	f.info, err = a.Blobs.Put(ctx, key, r, blob.PutOptions{Size: blob.UnknownSize, MaxSize: limit})
	if errors.Is(err, blob.ErrTooLarge) {
		err = newProblem(http.StatusRequestEntityTooLarge, "%s is larger than %d bytes.", quote(name), limit)
	}
	return f, err
}

// unstage removes what stage has stored if the request failed. It leaves a file
// alone once a transaction that keeps it was on its way: had the commit
// succeeded after all, the file would be missed, and else the reservation
// still makes it garbage.
func (a *API) unstage(ctx context.Context, f stagedFile, failed error) {
	if failed == nil || f.key == "" || f.kept {
		return
	}
	ctx = context.WithoutCancel(ctx) // also after the client has gone
	if err := a.Blobs.Delete(ctx, f.key); err != nil {
		a.Logger.WarnContext(ctx, "a refused file stays until it is collected", "key", f.key, "error", err)
		return
	}
	err := a.Store.Write(ctx, func(tx *store.Tx) error { return tx.Keep(ctx, f.reserved) })
	if err != nil {
		a.Logger.WarnContext(ctx, "a reservation stays until it is collected", "key", f.key, "error", err)
	}
}
