package store_test

import (
	"database/sql"
	"path/filepath"
	"strings"
	"testing"

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
