package api

import (
	"time"

	"github.com/openmibi/openmibi/internal/model"
)

// wireMe is an account as it sees itself: with the rights that the request has.
type wireMe struct {
	ID      int64   `json:"id"`
	Email   string  `json:"email"`
	Name    *string `json:"name"`
	IsAdmin bool    `json:"is_admin"`
	// Scope is that of the API key that the request was made with; null for a
	// login token.
	Scope *model.Scope `json:"scope"`
}

// wireUser is an account as an administrator sees it.
type wireUser struct {
	ID        int64   `json:"id"`
	Email     string  `json:"email"`
	Name      *string `json:"name"`
	IsAdmin   bool    `json:"is_admin"`
	Active    bool    `json:"active"`
	Invited   bool    `json:"invited"` // it has no password yet
	CreatedAt string  `json:"created_at"`
	LastLogin *string `json:"last_login"`
}

func userWire(a model.Account) wireUser {
	return wireUser{a.ID, a.Email, a.Name, a.Admin, a.Active, a.Invited(), wireTime(a.CreatedAt), wireOptionalTime(a.LastLoginAt)}
}

// wireInvited is a new account, with the link that its owner sets a password by.
type wireInvited struct {
	wireUser

	InviteURL     string `json:"invite_url"`
	InviteExpires string `json:"invite_expires"`
}

// wireLink is a link to set a password by.
type wireLink struct {
	URL     string `json:"url"`
	Expires string `json:"expires"`
}

// wireOwner is whose an API key is.
type wireOwner struct {
	ID    int64  `json:"id"`
	Email string `json:"email"`
}

// wireKey is an API key without its secret.
type wireKey struct {
	ID         int64       `json:"id"`
	User       wireOwner   `json:"user"`
	Name       string      `json:"name"`
	Scope      model.Scope `json:"scope"`
	CreatedAt  string      `json:"created_at"`
	ExpiresAt  *string     `json:"expires_at"`
	LastUsedAt *string     `json:"last_used_at"`
	RevokedAt  *string     `json:"revoked_at"`
	Active     bool        `json:"active"`
}

func keyWire(k model.APIKey) wireKey {
	return wireKey{
		ID: k.ID, User: wireOwner{k.AccountID, k.AccountEmail}, Name: k.Name, Scope: k.Scope, CreatedAt: wireTime(k.CreatedAt),
		ExpiresAt: wireOptionalTime(k.ExpiresAt), LastUsedAt: wireOptionalTime(k.LastUsedAt),
		RevokedAt: wireOptionalTime(k.RevokedAt), Active: k.Active,
	}
}

// wireNewKey is a new API key: its text is told this once.
type wireNewKey struct {
	wireKey

	Key string `json:"key"`
}

// wireTime is a time as the contract writes it.
func wireTime(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000000Z") }

func wireOptionalTime(t *time.Time) *string {
	if t == nil {
		return nil
	}
	s := wireTime(*t)
	return &s
}
