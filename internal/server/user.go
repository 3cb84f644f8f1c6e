package server

import (
	"context"
	"errors"
	"fmt"
	"net/mail"

	"github.com/openmibi/openmibi/internal/auth"
	"github.com/openmibi/openmibi/internal/store"
)

// maxEmail is the longest e-mail address in bytes (RFC 5321).
const maxEmail = 254

// ErrUserExists says that there is an account with that e-mail address.
var ErrUserExists = errors.New("there is an account with this e-mail address")

// AddUser adds an account to a data folder, which is made if absent. A server
// may be serving it meanwhile: the account can log in at once. It returns the
// account's id.
//
// Errors: [ErrInput], [ErrUserExists], those of a new password in package auth,
// and what opening the database says.
func AddUser(ctx context.Context, dataDir, email, password string, admin bool) (id int64, err error) {
	if addr, err := mail.ParseAddress(email); err != nil || addr.Address != email || len(email) > maxEmail {
		return 0, fmt.Errorf("%q is not an e-mail address: %w", email, ErrInput)
	}
	hash, err := auth.NewHasher(1).HashPassword(ctx, password)
	if err != nil {
		return 0, fmt.Errorf("add user %s: %w", email, err)
	}
	if err := makeDataDir(dataDir); err != nil {
		return 0, err
	}
	db, err := openDatabase(ctx, dataDir)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	err = db.WriteAs(ctx, store.Actor{Name: store.ActorCommandLine}, func(t *store.Tx) (err error) {
		id, err = t.AddAccount(ctx, email, hash, admin)
		return err
	})
	if errors.Is(err, store.ErrConflict) {
		return 0, fmt.Errorf("%w: %s", ErrUserExists, email)
	}
	if err != nil {
		return 0, fmt.Errorf("add user %s: %w", email, err)
	}
	return id, nil
}
