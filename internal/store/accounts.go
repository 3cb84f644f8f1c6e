package store

import (
	"context"
	"strings"

	"github.com/openmibi/openmibi/internal/model"
)

const accountColumns = "SELECT id, email, password_hash, admin, active, created_at FROM accounts"

func scanAccount(r scanner) (a model.Account, err error) {
	var created string
	err = r.Scan(&a.ID, &a.Email, &a.PasswordHash, &a.Admin, &a.Active, &created)
	a.CreatedAt = parseTime(created)
	return a, err
}

// Account returns an account by its id.
func (q *Queries) Account(ctx context.Context, id int64) (model.Account, error) {
	return one(ctx, q, accountColumns+" WHERE id = $1", []any{id}, scanAccount)
}

// AccountByEmail returns an account by its e-mail address, in any case.
func (q *Queries) AccountByEmail(ctx context.Context, email string) (model.Account, error) {
	return one(ctx, q, accountColumns+" WHERE email = $1", []any{strings.ToLower(email)}, scanAccount)
}

// AddAccount adds an account. A taken address is a [ConflictError].
func (t *Tx) AddAccount(ctx context.Context, email, hash string, admin bool) (int64, error) {
	email = strings.ToLower(email)
	id, err := t.insert(ctx, "accounts", []string{"email", "password_hash", "admin", "created_at"},
		[]any{email, hash, admin, formatTime(t.now())})
	if unique(err) {
		return 0, &ConflictError{Field: "email", Value: email}
	}
	return id, err
}
