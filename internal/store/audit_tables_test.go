package store

import (
	"os"
	"path/filepath"
	"regexp"
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

// handWritten are the statements that change recorded tables beside insert and
// update, and why nothing is missing in the record.
var handWritten = map[string]string{
	"accounts.go accounts":                "when it last logged in: skipped",
	"accounts.go password_links":          "links end with what ends them, which is recorded",
	"invites.go password_links":           "so they do",
	"keys.go api_keys":                    "when it was last used: skipped",
	"channels_packed.go images":           "which channels a TIFF has: skipped",
	"jobs.go images":                      "noted: noteJob",
	"uploads.go images":                   "noted: noteUpload",
	"imagesets.go imageset_images":        "noted",
	"runs_write.go run_slides":            "noted",
	"runs_write.go imageset_images":       "the run's own set has all its images",
	"projects_members.go project_members": "noted: noteMember",
}

// A statement that changes a recorded table has to go through insert and
// update, or to be named above.
func TestAuditMissesNoStatement(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("*.go")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	statement := regexp.MustCompile(`(?i)\b(?:UPDATE|DELETE\s+FROM|(?:INSERT|REPLACE)(?:\s+OR\s+\w+)?\s+INTO)\s+([a-z_]+)`)
	found := map[string]bool{}
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range statement.FindAllStringSubmatch(string(text), -1) {
			_, recorded := auditedTables[m[1]]
			if recorded || slices.Contains([]string{"run_slides", "imageset_images", "project_members"}, m[1]) {
				found[file+" "+m[1]] = true
			}
		}
	}
	for at := range found {
		if handWritten[at] == "" {
			t.Errorf("%s: is it recorded?", at)
		}
	}
	for at := range handWritten {
		if !found[at] {
			t.Errorf("%s: there is no such statement any more", at)
		}
	}
}

// What is new and nobody has named is not shown.
func TestAuditUnknownColumn(t *testing.T) {
	t.Parallel()
	if name, hidden := (audited{}).field("pin"); name != "pin" || !hidden {
		t.Errorf("%q, %v", name, hidden)
	}
}
