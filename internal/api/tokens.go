package api

import (
	"context"
	"errors"
	"net/http"

	"github.com/openmibi/openmibi/internal/auth"
	"github.com/openmibi/openmibi/internal/model"
	"github.com/openmibi/openmibi/internal/store"
)

type tokenBody struct {
	Token string `json:"token"`
}

// logIn is POST /api-token-auth/.
func (a *API) logIn(ctx context.Context, c *Call, _ *none) (*reply[tokenBody], error) {
	g, err := c.given(nil)
	if err != nil {
		return nil, err
	}
	email, password := g.filled("email", maxName, true), g.text("password", auth.MaxPasswordLen)
	if !password.has() && g.wrong["password"] == nil {
		g.bad("password", "This field is required.")
	}
	if err := g.err(); err != nil {
		return nil, err
	}
	select {
	case a.logins <- struct{}{}:
		defer func() { <-a.logins }()
	default:
		return nil, newProblem(http.StatusTooManyRequests, "Too many logins at once. Try again.").with("Retry-After", "2")
	}
	account, err := a.Store.AccountByEmail(ctx, *email.Value)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return nil, err
	}
	// Also without an account the password is checked, against none: the time
	// taken does not tell which accounts exist.
	right, err := a.Hasher.VerifyPassword(ctx, *password.Value, account.PasswordHash)
	if err != nil {
		return nil, err
	}
	if !right || !account.Active {
		return nil, fieldProblem(nonField, "Unable to log in with provided credentials.")
	}
	token, _, err := a.Tokens.Issue(identity(account))
	if err != nil {
		return nil, err
	}
	return ok(tokenBody{token}), nil
}

// refreshToken is POST /api-token-refresh/.
func (a *API) refreshToken(ctx context.Context, c *Call, _ *none) (*reply[tokenBody], error) {
	g, err := c.given(nil)
	if err != nil {
		return nil, err
	}
	old := g.filled("token", maxText, true)
	if err := g.err(); err != nil {
		return nil, err
	}
	claims, err := a.Tokens.Verify(*old.Value)
	if err == nil {
		var account model.Account
		account, err = a.Store.Account(ctx, claims.UserID)
		if err == nil && !account.Active {
			err = store.ErrNotFound
		}
	}
	var token string
	if err == nil {
		token, _, err = a.Tokens.Refresh(*old.Value)
	}
	if errors.Is(err, auth.ErrToken) || errors.Is(err, store.ErrNotFound) {
		return nil, fieldProblem(nonField, "Signature has expired.")
	}
	if err != nil {
		return nil, err
	}
	return ok(tokenBody{token}), nil
}

func identity(a model.Account) auth.Identity {
	return auth.Identity{UserID: a.ID, Username: a.Email, Email: a.Email}
}

// serviceBody answers OPTIONS /, which clients use to check their token.
type serviceBody struct {
	Name    string `json:"name"`
	Version string `json:"version"`
}

func (a *API) service(context.Context, *Call, *none) (*reply[serviceBody], error) {
	return ok(serviceBody{Name: "MIBItracker API", Version: a.Version}), nil
}

// wireAccount is an account as it sees itself.
type wireAccount struct {
	ID      int64  `json:"id"`
	Email   string `json:"email"`
	IsAdmin bool   `json:"is_admin"`
}

func (a *API) me(_ context.Context, c *Call, _ *none) (*reply[wireAccount], error) {
	return ok(wireAccount{c.Account.ID, c.Account.Email, c.Account.Admin}), nil
}
