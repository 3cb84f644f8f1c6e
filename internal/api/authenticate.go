package api

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"github.com/openmibi/openmibi/internal/auth"
	"github.com/openmibi/openmibi/internal/model"
	"github.com/openmibi/openmibi/internal/store"
)

const tokenExpired = "Signature has expired."

// authenticate finds who asks: the account of the request's login token, or of
// its API key, which then is returned as well. With a key that lacks the scope
// an administrator is an ordinary account.
func (a *API) authenticate(r *http.Request) (model.Account, *model.APIKey, error) {
	header := r.Header.Get("Authorization")
	if header == "" {
		return model.Account{}, nil, unauthorized("Authentication credentials were not provided.")
	}
	scheme, credentials, _ := strings.Cut(header, " ")
	credentials = strings.TrimSpace(credentials)
	bearer := strings.EqualFold(scheme, "Bearer")
	switch {
	case !bearer && !strings.EqualFold(scheme, "JWT"):
		return model.Account{}, nil, unauthorized("Send the token as: Authorization: JWT <token>")
	case bearer && strings.HasPrefix(credentials, auth.KeyPrefix):
		return a.authenticateKey(r, credentials)
	case strings.HasPrefix(credentials, auth.KeyPrefix):
		return model.Account{}, nil, unauthorized("Send an API key as: Authorization: Bearer %s...", auth.KeyPrefix)
	}
	claims, err := a.Tokens.Verify(credentials)
	if errors.Is(err, auth.ErrTokenExpired) {
		return model.Account{}, nil, unauthorized(tokenExpired)
	}
	if err != nil {
		return model.Account{}, nil, unauthorized("The token is not valid.")
	}
	account, err := a.accountOf(r.Context(), claims)
	return account, nil, err
}

// accountOf is the account of a login token that is ours and has not expired.
func (a *API) accountOf(ctx context.Context, claims auth.Claims) (model.Account, error) {
	account, err := a.Store.Account(ctx, claims.UserID)
	switch {
	case errors.Is(err, store.ErrNotFound), err == nil && !account.Active:
		return model.Account{}, unauthorized("The account is not active.")
	case err != nil:
		return model.Account{}, err
	case !auth.TokenCounts(claims, account.TokensFrom):
		return model.Account{}, unauthorized(tokenExpired)
	}
	return account, nil
}

// authenticateKey finds the account of an API key. Failures are counted for
// the address, and slowed down with 429; a good key is never refused for the
// failures of others there, as nobody guesses one.
func (a *API) authenticateKey(r *http.Request, text string) (model.Account, *model.APIKey, error) {
	account, key, err := a.accountOfKey(r.Context(), text)
	var refused *problem
	if errors.As(err, &refused) {
		if err := a.throttle.apiKey(a.Now, a.clientAddr(r)).settle(false); err != nil {
			return model.Account{}, nil, err
		}
	}
	if err != nil {
		return model.Account{}, nil, err
	}
	a.notes.keyUsed(key, a.Now())
	account.Admin = account.Admin && key.Scope.Includes(model.ScopeAdmin)
	return account, &key, nil
}

func (a *API) accountOfKey(ctx context.Context, text string) (model.Account, model.APIKey, error) {
	const unknown = "The API key is not valid." // also said of one that never was
	id, secret, err := auth.ParseKey(text)
	if err != nil {
		return model.Account{}, model.APIKey{}, unauthorized(unknown)
	}
	key, err := a.Store.Key(ctx, id)
	if errors.Is(err, store.ErrNotFound) || err == nil && !auth.SameSecret(secret, key.SecretSHA256) {
		return model.Account{}, key, unauthorized(unknown)
	}
	if err != nil {
		return model.Account{}, key, err
	}
	// Only who has the secret learns more than that it is not valid.
	if !key.Active {
		return model.Account{}, key, unauthorized("The API key was revoked.")
	}
	if !key.Alive(a.Now()) {
		return model.Account{}, key, unauthorized("The API key has expired.")
	}
	account, err := a.Store.Account(ctx, key.AccountID)
	if errors.Is(err, store.ErrNotFound) || err == nil && !account.Active {
		return model.Account{}, key, unauthorized("The account is not active.")
	}
	return account, key, err
}

// admit lets a request onto a route, or refuses it: 403 with what it would
// need. It is asked before anything of the route happens, an answer kept for
// an Idempotency-Key included.
func (c *Call) admit(route Route) error {
	if c.Key != nil {
		if route.Access == Session {
			return forbidden("An API key cannot do this. Log in with a password.")
		}
		if need := route.scope(); !c.Key.Scope.Includes(need) {
			return forbidden("This API key has the scope %s. Scope %s is needed.", c.Key.Scope, need)
		}
	}
	if route.Access == Admin && !c.isAdministrator() {
		return forbidden("This is for administrators.")
	}
	return nil
}

// scope is the least scope of an API key for the route.
func (r Route) scope() model.Scope {
	switch {
	case r.Access == Admin:
		return model.ScopeAdmin
	case r.Access == Upload: // a GET as well: it hands out the right to write
		return model.ScopeUpload
	case r.Method == get || r.Method == head || r.Method == options:
		return model.ScopeRead
	default:
		return model.ScopeWrite
	}
}
