package store_test

import (
	"context"
	"database/sql"
	"errors"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	_ "modernc.org/sqlite"

	"github.com/openmibi/openmibi/internal/store"
	"github.com/openmibi/openmibi/internal/store/storetest"
)

func openIn(ctx context.Context, t *testing.T, dir string) *store.Store {
	t.Helper()
	s, err := store.Open(ctx, filepath.Join(dir, "test.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return s
}

func TestSQLite(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T) *store.Store { return openIn(t.Context(), t, t.TempDir()) })
}

func TestOpenSeedsAperturesAndAnInstrument(t *testing.T) {
	t.Parallel()
	s := openIn(t.Context(), t, t.TempDir())
	apertures, err := s.Apertures(t.Context())
	if err != nil || len(apertures) != 5 || apertures[4].Code != "E" || apertures[4].Name != "500 µm" {
		t.Errorf("apertures: %+v, %v", apertures, err)
	}
	if n, err := store.InstrumentListing().IDs(t.Context(), s.Queries, store.Viewer{}, store.Query{}); err != nil || len(n) != 1 {
		t.Errorf("instruments: %+v, %v", n, err)
	}
}

// A path is no URL: what it holds must not be read as one.
func TestOpenOddPaths(t *testing.T) {
	t.Parallel()
	names := []string{"with space", "100%41", "a#b", "ü"}
	if runtime.GOOS != "windows" {
		names = append(names, "a?b")
	}
	for _, name := range names {
		dir := t.TempDir()
		s, err := store.Open(t.Context(), filepath.Join(dir, name))
		if err != nil {
			t.Errorf("%q: %v", name, err)
			continue
		}
		if err := s.Close(); err != nil {
			t.Errorf("%q: %v", name, err)
		}
		if found, _ := filepath.Glob(filepath.Join(dir, "*")); !slices.Contains(found, filepath.Join(dir, name)) {
			t.Errorf("%q: the folder holds %q", name, found)
		}
	}
}

func TestOpenNewerDatabaseIsRefused(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "test.db")
	s, err := store.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.ExecContext(t.Context(), "INSERT INTO goose_db_version (version_id, is_applied) VALUES (9999, 1)"); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	_, err = store.Open(t.Context(), path)
	if !errors.Is(err, store.ErrNewer) || !strings.Contains(err.Error(), "9999") {
		t.Errorf("opening a newer database: %v", err)
	}
}

func TestOpenTogether(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			s, err := store.Open(t.Context(), filepath.Join(dir, "test.db"))
			if err != nil {
				t.Error(err)
				return
			}
			if err := s.Close(); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
}
