package store_test

import (
	"database/sql"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/openmibi/openmibi/internal/store"
	"github.com/openmibi/openmibi/internal/store/storetest"
)

// Not even who has the database's file at hand changes the record by SQL,
// short of taking the rules away first.
func TestAuditIsAppendOnly(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "test.db")
	s, err := store.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	storetest.NewLab(t.Context(), t, s)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	count := func() (n int) {
		t.Helper()
		if err := db.QueryRowContext(t.Context(), "SELECT COUNT(*) FROM audit WHERE actor <> 'nobody'").Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	had := count()
	if had == 0 {
		t.Fatal("the record is empty: there is nothing to try on")
	}
	for _, statement := range []string{
		"UPDATE audit SET actor = 'nobody'",
		"UPDATE audit SET before = NULL WHERE id = 1",
		"DELETE FROM audit",
		"DELETE FROM audit WHERE id = 1",
		"REPLACE INTO audit (id, at, action, kind, object_id, actor) VALUES (1, '', 'x', 'run', 1, 'nobody')",
		"INSERT OR REPLACE INTO audit (id, at, action, kind, object_id, actor) SELECT id, at, 'x', kind, 1, 'nobody' FROM audit",
		"INSERT INTO audit (id, at, action, kind, object_id, actor) VALUES (1, '', 'x', 'run', 1, '') ON CONFLICT (id) DO UPDATE SET actor = 'nobody'",
	} {
		if _, err := db.ExecContext(t.Context(), statement); err == nil || !strings.Contains(err.Error(), "append-only") {
			t.Errorf("%s: %v", statement, err)
		}
	}
	if n := count(); n != had {
		t.Errorf("%d records, there were %d", n, had)
	}
}

// What is older than the record goes on, and is recorded from its next change.
func TestAuditOfOldData(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "test.db")
	schema(t, path, 4, `INSERT INTO accounts (email, password_hash, created_at) VALUES ('ann@example.org', '', '2026-01-02T03:04:05.000000Z')`,
		`INSERT INTO slides (name, created_by) VALUES ('old', 1)`)
	schema(t, path, 5, `INSERT INTO audit (at, action, kind, object_id, account_id, actor) VALUES ('2026-01-02T03:04:05.000000Z', 'x', 'slide', 1, 1, 'x')`)
	schema(t, path, 4) // back: the record is gone, and nothing else
	s := openIn(t.Context(), t, dir)
	err := s.WriteAs(t.Context(), store.Actor{AccountID: 1, Name: "ann@example.org"}, func(tx *store.Tx) error {
		return tx.UpdateSlide(t.Context(), 1, []store.Change{{Column: "name", Value: "new"}})
	})
	if err != nil {
		t.Fatal(err)
	}
	want := []storetest.Line{{Actor: "ann@example.org", Action: "change", Kind: "slide", Object: 1, Before: `{"name":"old"}`, After: `{"name":"new"}`}}
	lab := storetest.Lab{Store: s, Admin: store.Viewer{Admin: true}}
	if diff := cmp.Diff(want, lab.Audit(t.Context(), t)); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}
