package store

import (
	"context"
	"fmt"
	"time"

	"github.com/huandu/go-sqlbuilder"

	"github.com/openmibi/openmibi/internal/model"
)

var keyList = list{
	table: "api_keys k", alias: "k",
	fields: Fields{
		"id": field(KindInt, "k.id"), "name": text("k.name"), "scope": text("k.scope"), "user": field(KindInt, "k.account_id"),
	},
	visible: func(sb *sqlbuilder.SelectBuilder, v Viewer) string {
		if v.Admin {
			return ""
		}
		return sb.Equal("k.account_id", v.ID)
	},
}

// KeyListing lists API keys: an administrator sees all, anybody else its own.
// Revoked ones are the inactive ones.
func KeyListing() Listing[model.APIKey] {
	return Listing[model.APIKey]{keyList, picked(forEveryone((*Queries).keyMap))}
}

const keySelect = `SELECT k.id, k.account_id, a.email, k.name, k.scope, k.secret_sha256, k.created_at, k.expires_at,
	k.last_used_at, k.revoked_at, k.active FROM api_keys k JOIN accounts a ON a.id = k.account_id`

func scanKey(r scanner) (k model.APIKey, err error) {
	var created string
	var expires, used, revoked *string
	err = r.Scan(&k.ID, &k.AccountID, &k.AccountEmail, &k.Name, &k.Scope, &k.SecretSHA256, &created, &expires, &used, &revoked, &k.Active)
	k.CreatedAt = parseTime(created)
	k.ExpiresAt, k.LastUsedAt, k.RevokedAt = optionalTime(expires), optionalTime(used), optionalTime(revoked)
	return k, err
}

func (q *Queries) keyMap(ctx context.Context, ids []int64) (table[model.APIKey], error) {
	list, err := byIDs(ctx, q, keySelect+" WHERE k.id IN (%s)", ids, scanKey)
	return tableOf(list, func(k model.APIKey) int64 { return k.ID }), wrap(err, "load keys")
}

// Keys returns every account's API keys, alive or not, in the order they were
// made.
func (q *Queries) Keys(ctx context.Context) ([]model.APIKey, error) {
	list, err := all(ctx, q, keySelect+" ORDER BY k.id", nil, scanKey)
	return list, wrap(err, "list keys")
}

// Key returns an API key by its id, alive or not, whoever asks: who may see it
// is in its AccountID.
func (q *Queries) Key(ctx context.Context, id int64) (model.APIKey, error) {
	return one(ctx, q, keySelect+" WHERE k.id = $1", []any{id}, scanKey)
}

// AddKey adds an API key of k's AccountID, Name, Scope, SecretSHA256 and
// ExpiresAt, made at its CreatedAt.
func (t *Tx) AddKey(ctx context.Context, k model.APIKey) (int64, error) {
	var expires *string
	if k.ExpiresAt != nil {
		s := formatTime(*k.ExpiresAt)
		expires = &s
	}
	return t.insert(ctx, "api_keys", []string{"account_id", "name", "scope", "secret_sha256", "created_at", "expires_at"},
		[]any{k.AccountID, k.Name, k.Scope, k.SecretSHA256, formatTime(k.CreatedAt), expires})
}

// RevokeKey ends an API key for good. One that is revoked already stays as it
// is.
func (t *Tx) RevokeKey(ctx context.Context, id int64, at time.Time) error {
	k, err := t.Key(ctx, id)
	if err != nil || !k.Active {
		return err
	}
	return t.update(ctx, "api_keys", id, []Change{{"active", false}, {"revoked_at", formatTime(at)}})
}

// NoteKeyUses writes down when API keys were last used.
func (t *Tx) NoteKeyUses(ctx context.Context, uses map[int64]time.Time) error {
	for key, at := range uses {
		if _, err := t.exec(ctx, "UPDATE api_keys SET last_used_at = $1 WHERE id = $2", formatTime(at), key); err != nil {
			return fmt.Errorf("note the use of key %d: %w", key, err)
		}
	}
	return nil
}
