package store_test

import (
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/pressly/goose/v3"

	"github.com/openmibi/openmibi/internal/model"
	"github.com/openmibi/openmibi/internal/store"
)

// schema makes a database at path of an earlier version of the program, or
// takes one back to it.
func schema(t *testing.T, path string, version int64, fill ...string) {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	}()
	p, err := goose.NewProvider(goose.DialectSQLite3, db, os.DirFS(filepath.Join("migrations", "sqlite")))
	if err != nil {
		t.Fatal(err)
	}
	have, err := p.GetDBVersion(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	move := p.UpTo
	if have > version {
		move = p.DownTo
	}
	if _, err := move(t.Context(), version); err != nil {
		t.Fatal(err)
	}
	for _, statement := range fill {
		if _, err := db.ExecContext(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
}

// Accounts of a data folder from before accounts had names and tokens a
// beginning go on as they were, and can be changed; and back again.
func TestOldAccounts(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	dir := t.TempDir()
	path := filepath.Join(dir, "test.db")
	schema(t, path, 3, `INSERT INTO accounts (email, password_hash, admin, active, created_at) VALUES
		('root@example.org', '$argon2id$x', TRUE, TRUE, '2026-01-02T03:04:05.000000Z'),
		('gone@example.org', '', FALSE, FALSE, '2026-01-02T03:04:05.000000Z')`)
	s := openIn(ctx, t, dir)
	a, err := s.AccountByEmail(ctx, "Root@example.org")
	if err != nil || !a.Admin || !a.Active || a.PasswordHash != "$argon2id$x" || a.Name != nil || !a.TokensFrom.IsZero() || a.LastLoginAt != nil ||
		!a.CreatedAt.Equal(time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)) {
		t.Fatalf("an old account: %+v, %v", a, err)
	}
	gone, err := s.AccountByEmail(ctx, "gone@example.org")
	if err != nil || gone.Active || !gone.Invited() {
		t.Fatalf("an old disabled account: %+v, %v", gone, err)
	}
	name := "Root"
	err = s.Write(ctx, func(tx *store.Tx) error {
		_, link := tx.AddLink(ctx, a.ID, model.LinkReset, "t", time.Now())
		_, key := tx.AddKey(ctx, model.APIKey{AccountID: a.ID, Name: "k", Scope: model.ScopeRead, CreatedAt: time.Now()})
		return errors.Join(tx.SetName(ctx, a.ID, &name), tx.EndTokens(ctx, a.ID, time.Now()), link, key)
	})
	if err != nil {
		t.Fatal(err)
	}
}

// Who goes back to the version before keeps the accounts.
func TestAccountsDown(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "test.db")
	schema(t, path, 4, `INSERT INTO accounts (email, password_hash, created_at, name, tokens_from) VALUES
		('ann@example.org', 'hash', '2026-01-02T03:04:05.000000Z', 'Ann', '2026-01-03T00:00:00.000000Z')`,
		`INSERT INTO api_keys (account_id, name, scope, secret_sha256, created_at) VALUES (1, 'k', 'read', 'x', '2026-01-02T03:04:05.000000Z')`)
	schema(t, path, 3, `INSERT INTO accounts (email, password_hash, created_at) VALUES ('bob@example.org', '', '2026-01-02T03:04:05.000000Z')`)
	s := openIn(t.Context(), t, dir)
	if a, err := s.AccountByEmail(t.Context(), "ann@example.org"); err != nil || a.PasswordHash != "hash" || a.Name != nil || !a.TokensFrom.IsZero() {
		t.Errorf("there and back: %+v, %v", a, err)
	}
	if b, err := s.AccountByEmail(t.Context(), "bob@example.org"); err != nil || !b.Active {
		t.Errorf("added meanwhile: %+v, %v", b, err)
	}
	if keys, err := s.Keys(t.Context()); err != nil || len(keys) != 0 {
		t.Errorf("keys: %+v, %v", keys, err)
	}
}
