package server_test

import (
	"errors"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"

	"github.com/openmibi/openmibi/internal/server"
	"github.com/openmibi/openmibi/internal/store"
	"github.com/openmibi/openmibi/internal/store/storetest"
)

func TestNewerDatabaseIsRefused(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	start(t, server.Config{DataDir: dir}).stop()
	storetest.MakeNewer(t.Context(), t, filepath.Join(dir, "openmibi.db"))
	err := server.Run(t.Context(), server.Config{DataDir: dir, Addr: "127.0.0.1:0", Logger: slog.New(slog.DiscardHandler)},
		func(string) { t.Error("it serves") })
	if !errors.Is(err, store.ErrNewer) || !strings.Contains(err.Error(), "use the program that wrote it") {
		t.Errorf("got %v", err)
	}
	if _, err := server.AddUser(t.Context(), dir, "ann@example.org", "correct horse", false); !errors.Is(err, store.ErrNewer) {
		t.Errorf("adding a user: %v", err)
	}
}
