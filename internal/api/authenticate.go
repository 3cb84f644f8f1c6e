package api

import (
	"errors"
	"net/http"
	"strings"

	"github.com/openmibi/openmibi/internal/auth"
	"github.com/openmibi/openmibi/internal/model"
	"github.com/openmibi/openmibi/internal/store"
)

// authenticate finds the account of the request's token.
func (a *API) authenticate(r *http.Request) (model.Account, error) {
	header := r.Header.Get("Authorization")
	if header == "" {
		return model.Account{}, unauthorized("Authentication credentials were not provided.")
	}
	scheme, token, _ := strings.Cut(header, " ")
	if !strings.EqualFold(scheme, "JWT") && !strings.EqualFold(scheme, "Bearer") {
		return model.Account{}, unauthorized("Send the token as: Authorization: JWT <token>")
	}
	claims, err := a.Tokens.Verify(strings.TrimSpace(token))
	if errors.Is(err, auth.ErrTokenExpired) {
		return model.Account{}, unauthorized("Signature has expired.")
	}
	if err != nil {
		return model.Account{}, unauthorized("The token is not valid.")
	}
	account, err := a.Store.Account(r.Context(), claims.UserID)
	if errors.Is(err, store.ErrNotFound) || err == nil && !account.Active {
		return model.Account{}, unauthorized("The account is not active.")
	}
	return account, err
}
