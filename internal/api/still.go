package api

import (
	"context"

	"github.com/openmibi/openmibi/internal/store"
)

// still refuses a change of who could make it when the request began, and can
// no more: a body may take hours to come, and what an administrator has taken
// away counts from then on. It runs in the transaction that writes.
func (c *Call) still(ctx context.Context, tx *store.Tx) error {
	if c.Account.ID == 0 {
		return nil // an open route
	}
	now, err := tx.Account(ctx, c.Account.ID)
	switch {
	case err != nil:
		return err
	case !now.Active:
		return unauthorized("The account is not active.")
	case c.Account.Admin && !now.Admin:
		return forbidden("You are an administrator no more.")
	case c.Key == nil && !now.TokensFrom.Equal(c.Account.TokensFrom):
		return unauthorized(tokenExpired)
	case c.Key == nil:
		return nil
	}
	key, err := tx.Key(ctx, c.Key.ID)
	switch {
	case err != nil:
		return err
	case !key.Active:
		return unauthorized("The API key was revoked.")
	case !key.Alive(c.api.Now()):
		return unauthorized("The API key has expired.")
	}
	return nil
}
