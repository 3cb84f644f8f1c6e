package api

import (
	"context"
	"errors"
	"net/http"

	"github.com/openmibi/openmibi/internal/model"
	"github.com/openmibi/openmibi/internal/store"
)

// listUsers is GET /users/.
func (a *API) listUsers(c *Call, _ http.ResponseWriter, _ *http.Request) error {
	return list(c, store.AccountListing(), nil, userWire)
}

func (a *API) getUser(ctx context.Context, _ *Call, in *byID) (*reply[wireUser], error) {
	account, err := a.Store.Account(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	return ok(userWire(account)), nil
}

// email reads an account's address.
func (g *given) email(name string, required bool) opt[string] {
	email := g.filled(name, model.MaxEmail, required)
	if !email.has() || g.wrong[name] != nil {
		return email
	}
	normal, err := model.NormalEmail(*email.Value)
	if err != nil {
		g.bad(name, "Enter a valid email address.")
		return opt[string]{}
	}
	return opt[string]{true, &normal}
}

// createUser is POST /users/: it invites somebody. Nobody sends the link but
// the administrator who asked for it.
func (a *API) createUser(ctx context.Context, c *Call, _ *none) (*written[wireInvited], error) {
	c.secret()
	g, err := c.given(nil)
	if err != nil {
		return nil, err
	}
	email, name, admin := g.email("email", true), g.text("name", maxName), g.boolean("is_admin")
	if err := g.err(); err != nil {
		return nil, err
	}
	return write(ctx, c, func(tx *store.Tx) (made wireInvited, err error) {
		id, err := tx.AddAccount(ctx, *email.Value, "", admin.has() && *admin.Value)
		if err != nil {
			return made, err
		}
		if name.has() {
			if err := tx.SetName(ctx, id, name.Value); err != nil {
				return made, err
			}
		}
		link, err := c.newLink(ctx, tx, id, model.LinkInvite)
		if err != nil {
			return made, err
		}
		account, err := tx.Account(ctx, id)
		return wireInvited{userWire(account), link.URL, link.Expires}, err
	})
}

// changeUser is PUT and PATCH /users/{id}/.
func (a *API) changeUser(ctx context.Context, c *Call, in *byID) (*reply[wireUser], error) {
	if _, err := a.Store.Account(ctx, in.ID); err != nil {
		return nil, err
	}
	g, err := c.given(nil)
	if err != nil {
		return nil, err
	}
	email, name := g.email("email", false), g.text("name", maxName)
	admin, active := g.boolean("is_admin"), g.boolean("active")
	if err := g.err(); err != nil {
		return nil, err
	}
	var account model.Account
	err = c.write(ctx, func(tx *store.Tx) (err error) {
		if account, err = tx.Account(ctx, in.ID); err != nil {
			return err
		}
		if email.has() && *email.Value != account.Email {
			if err := tx.SetEmail(ctx, in.ID, *email.Value); err != nil {
				return err
			}
		}
		if name.Given {
			if err := tx.SetName(ctx, in.ID, name.Value); err != nil {
				return err
			}
		}
		if admin.has() && *admin.Value != account.Admin {
			if err := lastAdmin("is_admin", tx.SetAdmin(ctx, in.ID, *admin.Value)); err != nil {
				return err
			}
		}
		if active.has() && *active.Value != account.Active {
			if err := lastAdmin("active", tx.SetActive(ctx, in.ID, *active.Value, a.Now())); err != nil {
				return err
			}
		}
		account, err = tx.Account(ctx, in.ID)
		return err
	})
	if err != nil {
		return nil, err
	}
	return ok(userWire(account)), nil
}

// lastAdmin is the answer to who would leave the server without administrators.
func lastAdmin(field string, err error) error {
	if errors.Is(err, store.ErrLastAdmin) {
		return fieldProblem(field, "This is the last active administrator who can log in.")
	}
	return err
}

// deleteUser is DELETE /users/{id}/: it disables the account.
func (a *API) deleteUser(ctx context.Context, c *Call, in *byID) (*nothing, error) {
	err := c.write(ctx, func(tx *store.Tx) error {
		account, err := tx.Account(ctx, in.ID)
		if err != nil || !account.Active {
			return err
		}
		return lastAdmin(nonField, tx.SetActive(ctx, in.ID, false, a.Now()))
	})
	return &nothing{}, err
}

// endUserTokens is DELETE /users/{id}/tokens/: it logs somebody out everywhere.
func (a *API) endUserTokens(ctx context.Context, c *Call, in *byID) (*nothing, error) {
	return &nothing{}, c.write(ctx, func(tx *store.Tx) error { return tx.EndTokens(ctx, in.ID, a.Now()) })
}

func userBody() body {
	return body{aFilled("email", model.MaxEmail), aText("name", maxName), aBool("is_admin")}
}

func changedUserBody() body { return userBody().and(aBool("active")) }
