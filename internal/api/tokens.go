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
	// Before the account is read: see [auth.Tokens.IssueFrom].
	start := a.Now()
	g, err := c.given(nil)
	if err != nil {
		return nil, err
	}
	email, password := g.filled("email", maxName, true), g.password("password")
	if err := g.err(); err != nil {
		return nil, err
	}
	try := a.throttle.password(a.Now, *email.Value, a.clientAddr(c.Request))
	if err := try.begin(); err != nil {
		a.Logger.WarnContext(ctx, "logins are slowed down", "address", a.clientAddr(c.Request))
		return nil, err
	}
	account, err := a.Store.AccountByEmail(ctx, *email.Value)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return nil, err
	}
	// Also without an account the password is checked, against none: the time
	// taken does not tell which accounts exist.
	right, err := a.checkPassword(ctx, try, password, account.PasswordHash)
	if err != nil {
		return nil, err
	}
	right = right && account.Active
	if err := try.settle(right); err != nil {
		return nil, err
	}
	if !right {
		return nil, fieldProblem(nonField, "Unable to log in with provided credentials.")
	}
	token, _, err := a.Tokens.IssueFrom(identity(account), start, account.TokensFrom)
	if err != nil {
		return nil, err
	}
	a.notes.loggedIn(account.ID, start)
	a.Logger.InfoContext(ctx, "logged in", "account", account.ID)
	return ok(tokenBody{token}), nil
}

// password reads a password as it is, blank or not; absent ones are missed.
func (g *given) password(name string) string {
	password := g.text(name, auth.MaxPasswordLen)
	if !password.has() {
		if g.wrong[name] == nil {
			g.bad(name, "This field is required.")
		}
		return ""
	}
	return *password.Value
}

// checkPassword compares a password with an account's hash, or with none.
func (a *API) checkPassword(ctx context.Context, y *try, password, hash string) (bool, error) {
	free, err := a.hashing(y)
	if err != nil {
		return false, err
	}
	defer free()
	return a.Hasher.VerifyPassword(ctx, password, hash)
}

// maxSameLogins is how many of those who wait may be of one account at one
// address: with a password that is right nobody keeps the others out.
const maxSameLogins = 8

// hashing takes a place among those who wait for a password's hash, or refuses
// where too many do.
func (a *API) hashing(y *try) (free func(), err error) {
	refusal := newProblem(http.StatusTooManyRequests, "Too many logins at once. Try again.").with("Retry-After", "2")
	leave, ok := a.same.take(y.who(), maxSameLogins)
	if !ok {
		return nil, refusal
	}
	select {
	case a.logins <- struct{}{}:
		return func() { <-a.logins; leave() }, nil
	default:
		leave()
		return nil, refusal
	}
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
	token, account, err := a.refreshed(ctx, *old.Value)
	var refused *problem
	if errors.Is(err, auth.ErrToken) || errors.As(err, &refused) {
		return nil, fieldProblem(nonField, tokenExpired)
	}
	if err != nil {
		return nil, err
	}
	a.throttle.password(a.Now, account.Email, a.clientAddr(c.Request)).welcome()
	return ok(tokenBody{token}), nil
}

func (a *API) refreshed(ctx context.Context, old string) (string, model.Account, error) {
	claims, err := a.Tokens.Verify(old)
	if err != nil {
		return "", model.Account{}, err
	}
	account, err := a.accountOf(ctx, claims)
	if err != nil {
		return "", account, err
	}
	token, _, err := a.Tokens.Refresh(old)
	return token, account, err
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
