package api

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/openmibi/openmibi/internal/auth"
	"github.com/openmibi/openmibi/internal/model"
	"github.com/openmibi/openmibi/internal/policy"
	"github.com/openmibi/openmibi/internal/store"
)

const (
	maxKeys     = 100 // living API keys of one account
	maxKeyYears = 5
	// A key that nobody asked to last ends: who forgets it is not sorry later.
	defaultKeyDays = 90
	keyForbidden   = "Only an administrator can make an API key of scope admin."
)

// listKeys is GET /keys/: an administrator's list has everybody's.
func (a *API) listKeys(c *Call, _ http.ResponseWriter, _ *http.Request) error {
	return list(c, store.KeyListing(), nil, keyWire)
}

func (a *API) getKey(ctx context.Context, c *Call, in *byID) (*reply[wireKey], error) {
	key, err := c.visibleKey(ctx, a.Store.Queries, in.ID)
	if err != nil {
		return nil, err
	}
	return ok(keyWire(key)), nil
}

// visibleKey is an API key that the caller may see: its own, or any if it is an
// administrator.
func (c *Call) visibleKey(ctx context.Context, q *store.Queries, id int64) (model.APIKey, error) {
	key, err := q.Key(ctx, id)
	if err != nil {
		return key, err
	}
	return key, c.may(policy.View, nil, key.AccountID)
}

// createKey is POST /keys/: it makes a key for the caller.
func (a *API) createKey(ctx context.Context, c *Call, _ *none) (*written[wireNewKey], error) {
	c.secret()
	g, err := c.given(nil)
	if err != nil {
		return nil, err
	}
	name, scope := g.filled("name", maxName, true), g.scope("scope")
	expires := g.expiry("expires_at", a.Now())
	if err := g.err(); err != nil {
		return nil, err
	}
	if scope == model.ScopeAdmin && !c.isAdministrator() {
		return nil, forbidden(keyForbidden)
	}
	return write(ctx, c, func(tx *store.Tx) (made wireNewKey, err error) {
		owner := store.Viewer{ID: c.Account.ID}
		n, err := store.KeyListing().Count(ctx, tx.Queries, owner, store.Query{})
		if err != nil {
			return made, err
		}
		if n >= maxKeys {
			return made, fieldProblem(nonField, "You have %d API keys already. Revoke those that are not used.", n)
		}
		text, hash := auth.NewSecret()
		id, err := tx.AddKey(ctx, model.APIKey{AccountID: owner.ID, Name: *name.Value, Scope: scope, SecretSHA256: hash,
			CreatedAt: a.Now(), ExpiresAt: expires})
		if err != nil {
			return made, err
		}
		key, err := tx.Key(ctx, id)
		return wireNewKey{keyWire(key), auth.FormatKey(id, text)}, err
	})
}

// scope reads the scope of a key.
func (g *given) scope(name string) model.Scope {
	text := g.filled(name, maxName, true)
	if !text.has() || g.wrong[name] != nil {
		return ""
	}
	scope := model.Scope(*text.Value)
	if !slices.Contains(model.Scopes(), scope) {
		g.bad(name, "Not a scope: "+quote(*text.Value)+". Use one of "+scopeNames()+".")
	}
	return scope
}

func scopeNames() string {
	var names []string
	for _, s := range model.Scopes() {
		names = append(names, string(s))
	}
	return strings.Join(names, ", ")
}

// expiry reads when a key ends: a time, or a day, which it is good for to its
// end in UTC; nothing given as the usual 90 days; null as never.
func (g *given) expiry(name string, now time.Time) *time.Time {
	text := g.text(name, maxName)
	switch {
	case text.Given && text.Value == nil:
		return nil
	case !text.has() || strings.TrimSpace(*text.Value) == "":
		at := now.AddDate(0, 0, defaultKeyDays).UTC().Truncate(time.Second)
		return &at
	}
	at, err := time.Parse(time.RFC3339, strings.TrimSpace(*text.Value))
	if err != nil {
		day, dayErr := time.Parse(time.DateOnly, strings.TrimSpace(*text.Value))
		at, err = day.AddDate(0, 0, 1), dayErr
	}
	switch {
	case err != nil:
		g.bad(name, "Not a time. Use YYYY-MM-DD, or YYYY-MM-DDTHH:MM:SSZ.")
	case !at.After(now):
		g.bad(name, "This lies in the past.")
	case at.After(now.AddDate(maxKeyYears, 0, 1)):
		g.bad(name, "An API key is good for at most 5 years.")
	}
	return &at
}

// revokeKey is DELETE /keys/{id}/.
func (a *API) revokeKey(ctx context.Context, c *Call, in *byID) (*nothing, error) {
	return &nothing{}, c.write(ctx, func(tx *store.Tx) error {
		if _, err := c.visibleKey(ctx, tx.Queries, in.ID); err != nil {
			return err
		}
		return tx.RevokeKey(ctx, in.ID, a.Now())
	})
}

func keyBody() body {
	scope := aFilled("scope", maxName)
	for _, s := range model.Scopes() {
		scope.oneOf = append(scope.oneOf, string(s))
	}
	return body{aFilled("name", maxName), scope, aText("expires_at", maxName)}.need("name", "scope")
}
