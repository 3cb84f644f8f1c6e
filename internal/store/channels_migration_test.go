package store_test

import (
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/pressly/goose/v3"

	"github.com/openmibi/openmibi/internal/model"
	"github.com/openmibi/openmibi/internal/store"
)

const oldChannel = "INSERT INTO channels (image_id, kind, name, mass, page, blob_key, file_name, content_type, size, sha256, width, height, dtype," +
	" min_value, max_value, sum_value, non_zero) VALUES "

// Channels of a data folder from before images shared their names are all
// there, with their files; and back again.
func TestOldChannels(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	dir := t.TempDir()
	path := filepath.Join(dir, "test.db")
	again := `INSERT INTO images (run_id, number, folder, created_by, created_at, status) VALUES (1, 'Point2', 'Point2/x', 1, '2026-01-02T03:04:05.000000Z', 'A')`
	schema(t, path, 3, append(oldLab, again,
		oldChannel+`(1, 'sims', 'CD3', 159, 1, 'images/1/1/1.png', 'CD3.png', 'image/png', 11, 'aa', 30, 20, 'uint8', 0, 7.5, 100, 12)`,
		oldChannel+`(1, 'sims', '"dsDNA", ü', NULL, 0, 'images/1/1/0.png', 'dsDNA.png', 'image/png', 12, 'bb', 30, 20, 'float32', -1.5, 7, 100.25, 13)`,
		oldChannel+`(1, 'extra', 'cells', NULL, -1, 'extra/1', 'cells.tif', 'image/tiff', 13, 'cc', 30, 20, 'uint16', 0, 1, 5, 5)`,
		oldChannel+`(2, 'sims', 'CD3', 159, 1, 'images/2/1/1.png', 'CD3.png', 'image/png', 21, 'dd', 30, 20, 'uint8', 0, 8, 101, 12)`,
		oldChannel+`(2, 'sims', '"dsDNA", ü', NULL, 0, 'images/2/1/0.png', 'dsDNA.png', 'image/png', 22, 'ee', 30, 20, 'uint8', 0, 7, 100, 13)`)...)
	mass := 159
	want := []model.Channel{
		{ImageID: 1, Kind: model.ChannelSIMS, Name: `"dsDNA", ü`, Page: 0, Key: "images/1/1/0.png", FileName: "dsDNA.png", ContentType: "image/png",
			Size: 12, SHA256: "bb", Width: 30, Height: 20, DType: "float32", Min: -1.5, Max: 7, Sum: 100.25, NonZero: 13},
		{ImageID: 1, Kind: model.ChannelSIMS, Name: "CD3", Mass: &mass, Page: 1, Key: "images/1/1/1.png", FileName: "CD3.png", ContentType: "image/png",
			Size: 11, SHA256: "aa", Width: 30, Height: 20, DType: "uint8", Max: 7.5, Sum: 100, NonZero: 12},
		{ID: 3, ImageID: 1, Kind: model.ChannelExtra, Name: "cells", Page: -1, Key: "extra/1", FileName: "cells.tif", ContentType: "image/tiff",
			Size: 13, SHA256: "cc", Width: 30, Height: 20, DType: "uint16", Max: 1, Sum: 5, NonZero: 5},
	}
	check := func() {
		t.Helper()
		s, err := store.Open(ctx, path)
		if err != nil {
			t.Fatal(err)
		}
		got, err := s.Channels(ctx, 1)
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Errorf("%v: %s", err, diff)
		}
		other, err := s.Channel(ctx, 2, "CD3")
		if err != nil || other.Key != "images/2/1/1.png" || other.Sum != 101 {
			t.Errorf("of the other image: %+v, %v", other, err)
		}
		found, err := store.ImageListing().IDs(ctx, s.Queries, store.Viewer{Admin: true}, store.Query{Conds: []store.Cond{{Field: "search.target", Values: []any{"DSDNA"}}}})
		if err != nil || len(found) != 2 {
			t.Errorf("found by a target: %v, %v", found, err)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
	check()
	if n := scalar(t, path, "SELECT COUNT(*) FROM channel_sets"); n != 1 {
		t.Errorf("%d sets of channels, want one for both images", n)
	}
	down(t, path, 7)
	if n := scalar(t, path, "SELECT COUNT(*) FROM channels"); n != 5 {
		t.Errorf("%d channels after going back, want 5", n)
	}
	want[2].ID = int64(scalar(t, path, "SELECT id FROM channels WHERE kind = 'extra'"))
	check()
}

// down takes a database back to a version, also past what is no SQL file.
func down(t *testing.T, path string, version int64) {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	p, err := goose.NewProvider(goose.DialectSQLite3, db, os.DirFS(filepath.Join("migrations", "sqlite")),
		goose.WithGoMigrations(store.ChannelMigration()), goose.WithDisableGlobalRegistry(true))
	if err != nil {
		t.Fatal(err)
	}
	_, err = p.DownTo(t.Context(), version)
	if err := errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}
}

func scalar(t *testing.T, path, query string) (n int) {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	err = db.QueryRowContext(t.Context(), query).Scan(&n)
	if err := errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}
	return n
}
