package store

import (
	"context"
	"time"

	"github.com/openmibi/openmibi/internal/model"
)

// Link is an invitation's or a reset's right to set a password once.
type Link struct {
	ID        int64
	AccountID int64
	Kind      model.LinkKind
	ExpiresAt time.Time
}

// AddLink gives an account a link whose token has that SHA-256 (lower-case
// hex), usable for its kind's Lifetime from a time on: until when is returned.
// It takes the place of the account's other links.
func (t *Tx) AddLink(ctx context.Context, account int64, kind model.LinkKind, tokenSHA256 string, at time.Time) (time.Time, error) {
	if _, err := t.exec(ctx, "DELETE FROM password_links WHERE account_id = $1 OR expires_at <= $2", account, formatTime(at)); err != nil {
		return time.Time{}, wrap(err, "replace links of account %d", account)
	}
	expires := at.Add(kind.Lifetime()).UTC().Truncate(time.Second)
	_, err := t.insert(ctx, "password_links", []string{"account_id", "kind", "token_sha256", "created_at", "expires_at"},
		[]any{account, kind, tokenSHA256, formatTime(at), formatTime(expires)})
	return expires, err
}

// Link returns the link of a token's SHA-256, if it can be used at a time:
// else, and where its account is disabled, [ErrNotFound].
func (q *Queries) Link(ctx context.Context, tokenSHA256 string, at time.Time) (Link, error) {
	return one(ctx, q, `SELECT l.id, l.account_id, l.kind, l.expires_at FROM password_links l JOIN accounts a ON a.id = l.account_id
		WHERE l.token_sha256 = $1 AND l.expires_at > $2 AND a.active`, []any{tokenSHA256, formatTime(at)},
		func(r scanner) (l Link, err error) {
			var expires string
			err = r.Scan(&l.ID, &l.AccountID, &l.Kind, &expires)
			l.ExpiresAt = parseTime(expires)
			return l, err
		})
}

// UseLink sets a password by a link, as [Tx.SetPassword] does, and returns
// whose it is. Of several that use a link at once, one does; the others, and
// whoever comes later or too late, get [ErrNotFound].
func (t *Tx) UseLink(ctx context.Context, tokenSHA256, hash string, at time.Time) (model.Account, error) {
	l, err := t.Link(ctx, tokenSHA256, at)
	if err != nil {
		return model.Account{}, err
	}
	n, err := t.exec(ctx, "DELETE FROM password_links WHERE id = $1", l.ID)
	if err != nil {
		return model.Account{}, wrap(err, "use a link of account %d", l.AccountID)
	}
	if n == 0 { // another transaction has used it meanwhile
		return model.Account{}, ErrNotFound
	}
	if err := t.SetPassword(ctx, l.AccountID, hash, at); err != nil {
		return model.Account{}, err
	}
	return t.Account(ctx, l.AccountID)
}
