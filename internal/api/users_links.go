package api

import (
	"context"
	"errors"

	"github.com/openmibi/openmibi/internal/auth"
	"github.com/openmibi/openmibi/internal/model"
	"github.com/openmibi/openmibi/internal/store"
)

// passwordPage is the page that a link to set a password opens.
const passwordPage = "/app/password/"

// newLink makes a link to set an account's password by. Its secret is in the
// fragment, which browsers send to no server, so that no log has it.
func (c *Call) newLink(ctx context.Context, tx *store.Tx, account int64, kind model.LinkKind) (wireLink, error) {
	token, hash := auth.NewSecret()
	expires, err := tx.AddLink(ctx, account, kind, hash, c.api.Now())
	return wireLink{c.api.absolute(c.Request, passwordPage, nil) + "#token=" + token, wireTime(expires)}, err
}

// resetUser is POST /users/{id}/reset/: a link for who forgot the password, or
// has let the invitation lapse. The old password stays until the link is used.
func (a *API) resetUser(ctx context.Context, c *Call, in *byID) (*written[wireLink], error) {
	c.secret()
	if _, err := a.Store.Account(ctx, in.ID); err != nil {
		return nil, err
	}
	return write(ctx, c, func(tx *store.Tx) (wireLink, error) {
		account, err := tx.Account(ctx, in.ID)
		if err != nil {
			return wireLink{}, err
		}
		if !account.Active {
			return wireLink{}, fieldProblem(nonField, "The account is not active.")
		}
		kind := model.LinkReset
		if account.Invited() {
			kind = model.LinkInvite
		}
		return c.newLink(ctx, tx, in.ID, kind)
	})
}

// wireSet says whose password was set.
type wireSet struct {
	Email string `json:"email"`
}

// setPassword is POST /users/set-password/, by the token of a link. Who uses
// it proves to be its account: there is no other login.
func (a *API) setPassword(ctx context.Context, c *Call, _ *none) (*reply[wireSet], error) {
	g, err := c.given(nil)
	if err != nil {
		return nil, err
	}
	token, password := g.filled("token", maxName, true), g.password("password")
	if err := g.err(); err != nil {
		return nil, err
	}
	refusal := fieldProblem("token", "This link cannot be used: it was used before, has expired, or was replaced by a newer one.")
	try := a.throttle.link(a.Now, a.clientAddr(c.Request))
	if err := try.begin(); err != nil {
		return nil, err
	}
	hash := auth.HashSecret(*token.Value)
	link, err := a.Store.Link(ctx, hash, a.Now())
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return nil, err
	}
	if err := try.settle(err == nil); err != nil {
		return nil, err
	}
	if err != nil {
		return nil, refusal
	}
	passwordHash, err := a.newHash(ctx, try, "password", password)
	if err != nil {
		return nil, err
	}
	if c.Account, err = a.Store.Account(ctx, link.AccountID); err != nil {
		return nil, err
	}
	err = c.write(ctx, func(tx *store.Tx) error {
		_, err := tx.UseLink(ctx, hash, passwordHash, a.Now())
		return err
	})
	if errors.Is(err, store.ErrNotFound) {
		return nil, refusal
	}
	if err != nil {
		return nil, err
	}
	return ok(wireSet{c.Account.Email}), nil
}

func setPasswordBody() body {
	return body{aFilled("token", maxName), aText("password", auth.MaxPasswordLen)}.need("token", "password")
}
