package store

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// unaudited are the tables that hold no object, nor a part of one that a
// person changes by itself.
var unaudited = []string{
	"audit", "goose_db_version", "sqlite_sequence", "sqlite_stat1", "sqlite_stat4",
	"answers", "garbage", "jobs", "uploads", "tiff_indexes", "list_changes", // bookkeeping
	// Noted where a TIFF is published, and where a channel is uploaded.
	"channels", "channel_sets", "channel_members", "image_channels", "extra_channels",
	"run_slides", "imageset_images", "project_members", // noted where they are written
}

// A table or a column that is new has to be named here or in auditedTables:
// whether it is recorded must not be left to chance.
func TestAuditKnowsEveryColumn(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	s, err := Open(ctx, filepath.Join(t.TempDir(), "test.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	tables, err := all(ctx, s.Queries, "SELECT name FROM sqlite_master WHERE type = 'table'", nil, scanString)
	if err != nil {
		t.Fatal(err)
	}
	for _, table := range tables {
		a, ok := auditedTables[table]
		if ok == slices.Contains(unaudited, table) {
			t.Errorf("table %s: is it recorded, or not?", table)
		}
		if !ok {
			continue
		}
		cols, err := all(ctx, s.Queries, "SELECT name FROM pragma_table_info($1)", []any{table}, scanString)
		if err != nil {
			t.Fatal(err)
		}
		named := slices.Clone(a.skipped)
		for col := range a.fields {
			named = append(named, col)
		}
		for col := range a.secrets {
			named = append(named, col)
		}
		for _, col := range cols {
			if n := count(named, col); n != 1 {
				t.Errorf("%s.%s is named %d times", table, col, n)
			}
		}
		for _, col := range named {
			if !slices.Contains(cols, col) {
				t.Errorf("%s has no column %s", table, col)
			}
		}
		for col, field := range a.fields {
			if strings.Contains(col, "hash") || strings.Contains(col, "secret") || strings.Contains(col, "token") {
				t.Errorf("%s.%s is recorded as %s: is it no secret?", table, col, field)
			}
		}
	}
}

func count(list []string, s string) (n int) {
	for _, v := range list {
		if v == s {
			n++
		}
	}
	return n
}

// What is new and nobody has named is not shown.
func TestAuditUnknownColumn(t *testing.T) {
	t.Parallel()
	if name, hidden := (audited{}).field("pin"); name != "pin" || !hidden {
		t.Errorf("%q, %v", name, hidden)
	}
}
