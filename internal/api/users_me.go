package api

import (
	"context"
	"errors"

	"github.com/openmibi/openmibi/internal/auth"
	"github.com/openmibi/openmibi/internal/store"
)

func (a *API) me(_ context.Context, c *Call, _ *none) (*reply[wireMe], error) {
	me := wireMe{ID: c.Account.ID, Email: c.Account.Email, Name: c.Account.Name, IsAdmin: c.Account.Admin}
	if c.Key != nil {
		me.Scope = &c.Key.Scope
	}
	return ok(me), nil
}

// changePassword is PUT /users/me/password/. It ends every login token, and
// answers with a new one, so that whoever changed it stays logged in.
func (a *API) changePassword(ctx context.Context, c *Call, _ *none) (*reply[tokenBody], error) {
	start := a.Now()
	g, err := c.given(nil)
	if err != nil {
		return nil, err
	}
	old, password := g.password("old_password"), g.password("new_password")
	if err := g.err(); err != nil {
		return nil, err
	}
	// Who has got hold of a token only shall not guess the password either.
	try := a.throttle.password(a.Now, c.Account.Email, a.clientAddr(c.Request))
	if err := try.begin(); err != nil {
		return nil, err
	}
	right, err := a.checkPassword(ctx, try, old, c.Account.PasswordHash)
	if err != nil {
		return nil, err
	}
	if err := try.settle(right); err != nil {
		return nil, err
	}
	if !right {
		return nil, fieldProblem("old_password", "This is not your password.")
	}
	hash, err := a.newHash(ctx, try, "new_password", password)
	if err != nil {
		return nil, err
	}
	if err := a.reach(ctx, "password.checked"); err != nil {
		return nil, err
	}
	account := c.Account
	err = c.write(ctx, func(tx *store.Tx) (err error) {
		if account, err = tx.Account(ctx, c.Account.ID); err != nil {
			return err
		}
		// What was checked may have changed since: then the caller is out.
		if !account.Active || account.PasswordHash != c.Account.PasswordHash || !account.TokensFrom.Equal(c.Account.TokensFrom) {
			return unauthorized(tokenExpired)
		}
		if err := tx.SetPassword(ctx, account.ID, hash, start); err != nil {
			return err
		}
		account, err = tx.Account(ctx, account.ID)
		return err
	})
	if err != nil {
		return nil, err
	}
	token, _, err := a.Tokens.IssueFrom(identity(account), start, account.TokensFrom)
	if err != nil {
		return nil, err
	}
	return ok(tokenBody{token}), nil
}

// newHash hashes a new password; one that cannot be is the field's mistake.
func (a *API) newHash(ctx context.Context, y *try, field, password string) (string, error) {
	free, err := a.hashing(y)
	if err != nil {
		return "", err
	}
	defer free()
	hash, err := a.Hasher.HashPassword(ctx, password)
	for _, wrong := range []error{auth.ErrPasswordShort, auth.ErrPasswordLong, auth.ErrPasswordText} {
		if errors.Is(err, wrong) {
			return "", fieldProblem(field, "%s.", sentence(wrong))
		}
	}
	return hash, err
}

// endMyTokens is DELETE /users/me/tokens/: the caller logs out everywhere.
func (a *API) endMyTokens(ctx context.Context, c *Call, _ *none) (*nothing, error) {
	return &nothing{}, c.write(ctx, func(tx *store.Tx) error { return tx.EndTokens(ctx, c.Account.ID, a.Now()) })
}

func passwordBody() body {
	return body{aText("old_password", auth.MaxPasswordLen), aText("new_password", auth.MaxPasswordLen)}.need("old_password", "new_password")
}
