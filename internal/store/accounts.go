package store

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/huandu/go-sqlbuilder"

	"github.com/openmibi/openmibi/internal/model"
)

var accountList = list{
	table: "accounts a", alias: "a",
	fields: Fields{
		"id": field(KindInt, "a.id"), "email": field(KindTextFold, "a.email"), "name": text("a.name"),
		"is_admin": field(KindBool, "a.admin"),
	},
	visible: func(sb *sqlbuilder.SelectBuilder, v Viewer) string {
		if v.Admin {
			return ""
		}
		return sb.Equal("a.id", v.ID)
	},
}

// AccountListing lists accounts: an administrator sees all, anybody else its
// own.
func AccountListing() Listing[model.Account] {
	return Listing[model.Account]{accountList, picked(forEveryone((*Queries).accountMap))}
}

const accountColumns = "id, email, name, password_hash, admin, active, created_at, tokens_from, last_login_at"

const accountSelect = "SELECT " + accountColumns + " FROM accounts"

func scanAccount(r scanner) (a model.Account, err error) {
	var created string
	var from, login *string
	err = r.Scan(&a.ID, &a.Email, &a.Name, &a.PasswordHash, &a.Admin, &a.Active, &created, &from, &login)
	a.CreatedAt = parseTime(created)
	if from != nil {
		a.TokensFrom = parseTime(*from)
	}
	a.LastLoginAt = optionalTime(login)
	return a, err
}

// optionalTime reads a time that may be absent.
func optionalTime(s *string) *time.Time {
	if s == nil {
		return nil
	}
	t := parseTime(*s)
	return &t
}

func (q *Queries) accountMap(ctx context.Context, ids []int64) (table[model.Account], error) {
	list, err := byIDs(ctx, q, accountSelect+" WHERE id IN (%s)", ids, scanAccount)
	return tableOf(list, func(a model.Account) int64 { return a.ID }), wrap(err, "load accounts")
}

// Accounts returns every account, active or not, in the order they were made.
func (q *Queries) Accounts(ctx context.Context) ([]model.Account, error) {
	list, err := all(ctx, q, accountSelect+" ORDER BY id", nil, scanAccount)
	return list, wrap(err, "list accounts")
}

// Account returns an account by its id, active or not.
func (q *Queries) Account(ctx context.Context, id int64) (model.Account, error) {
	return one(ctx, q, accountSelect+" WHERE id = $1", []any{id}, scanAccount)
}

// AccountByEmail returns an account by its e-mail address, in any case.
func (q *Queries) AccountByEmail(ctx context.Context, email string) (model.Account, error) {
	return one(ctx, q, accountSelect+" WHERE email = $1", []any{strings.ToLower(email)}, scanAccount)
}

// AddAccount adds an account. One with an empty hash has no password: it
// cannot log in until [Tx.SetPassword] or [Tx.UseLink] gives it one. A taken
// address is a [ConflictError].
func (t *Tx) AddAccount(ctx context.Context, email, hash string, admin bool) (int64, error) {
	email = strings.ToLower(email)
	id, err := t.insert(ctx, "accounts", []string{"email", "password_hash", "admin", "created_at"},
		[]any{email, hash, admin, formatTime(t.now())})
	if unique(err) {
		return 0, &ConflictError{Field: "email", Value: email}
	}
	return id, err
}

// SetName changes what people call an account; nil takes the name away.
func (t *Tx) SetName(ctx context.Context, account int64, name *string) error {
	return t.update(ctx, "accounts", account, []Change{{"name", name}})
}

// SetEmail changes an account's address. A taken one is a [ConflictError].
func (t *Tx) SetEmail(ctx context.Context, account int64, email string) error {
	email = strings.ToLower(email)
	err := t.update(ctx, "accounts", account, []Change{{"email", email}})
	if unique(err) {
		return &ConflictError{Field: "email", Value: email}
	}
	return err
}

// SetAdmin makes an account an administrator, or an ordinary one. The last
// active administrator stays one: [ErrLastAdmin].
func (t *Tx) SetAdmin(ctx context.Context, account int64, admin bool) error {
	if !admin {
		if err := t.otherAdmin(ctx, account); err != nil {
			return err
		}
	}
	return t.update(ctx, "accounts", account, []Change{{"admin", admin}})
}

// otherAdmin refuses to take an account's part as the last active
// administrator away. Beside one who can log in only another one who can
// counts: who was invited and has no password may never come.
func (t *Tx) otherAdmin(ctx context.Context, account int64) error {
	a, err := t.Account(ctx, account)
	if err != nil || !a.Admin || !a.Active {
		return err
	}
	n, err := one(ctx, t.Queries, "SELECT COUNT(*) FROM accounts WHERE admin AND active AND id <> $1 AND (password_hash <> '' OR $2)",
		[]any{account, a.Invited()}, scanInt64)
	if err == nil && n == 0 {
		return ErrLastAdmin
	}
	return wrap(err, "count administrators")
}

// SetActive disables an account, or lets it in again. Disabling ends its login
// tokens, its API keys and its links for good: none of them comes back with
// the account. The last active administrator stays active: [ErrLastAdmin].
func (t *Tx) SetActive(ctx context.Context, account int64, active bool, at time.Time) error {
	if active {
		return t.update(ctx, "accounts", account, []Change{{"active", true}})
	}
	if err := t.otherAdmin(ctx, account); err != nil {
		return err
	}
	keys, err := all(ctx, t.Queries, "SELECT id FROM api_keys WHERE account_id = $1 AND active ORDER BY id", []any{account}, scanInt64)
	if err != nil {
		return wrap(err, "find keys of account %d", account)
	}
	for _, key := range keys {
		if err := t.RevokeKey(ctx, key, at); err != nil {
			return err
		}
	}
	return t.endTokens(ctx, account, at, Change{"active", false})
}

// SetPassword gives an account a new password, as package auth has hashed it.
// It ends the account's login tokens and its links.
func (t *Tx) SetPassword(ctx context.Context, account int64, hash string, at time.Time) error {
	return t.endTokens(ctx, account, at, Change{"password_hash", hash})
}

// EndTokens ends an account's login tokens: it is logged out everywhere. Its
// password and its API keys stay.
func (t *Tx) EndTokens(ctx context.Context, account int64, at time.Time) error {
	a, err := t.Account(ctx, account)
	if err != nil {
		return err
	}
	return t.update(ctx, "accounts", account, []Change{tokensFrom(a, at)})
}

// endTokens makes a change that neither tokens nor links outlive.
func (t *Tx) endTokens(ctx context.Context, account int64, at time.Time, with Change) error {
	a, err := t.Account(ctx, account)
	if err != nil {
		return err
	}
	if _, err := t.exec(ctx, "DELETE FROM password_links WHERE account_id = $1", account); err != nil {
		return wrap(err, "end links of account %d", account)
	}
	return t.update(ctx, "accounts", account, []Change{with, tokensFrom(a, at)})
}

// tokensFrom is the time that a token's login must not lie before, to count
// after what happens at a time. Tokens know whole seconds only, so it is the
// next one; and it always grows, so that a second change within a second ends
// the login between the two as well.
func tokensFrom(a model.Account, at time.Time) Change {
	from := at.UTC().Truncate(time.Second).Add(time.Second)
	if least := a.TokensFrom.Add(time.Second); from.Before(least) {
		from = least
	}
	return Change{"tokens_from", formatTime(from)}
}

// NoteLogins writes down when accounts last logged in. It is no change of
// theirs: nothing but the time is written.
func (t *Tx) NoteLogins(ctx context.Context, logins map[int64]time.Time) error {
	for account, at := range logins {
		if _, err := t.exec(ctx, "UPDATE accounts SET last_login_at = $1 WHERE id = $2", formatTime(at), account); err != nil {
			return fmt.Errorf("note the login of account %d: %w", account, err)
		}
	}
	return nil
}
