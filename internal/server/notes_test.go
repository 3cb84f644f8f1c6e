package server_test

import (
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/openmibi/openmibi/internal/server"
	"github.com/openmibi/openmibi/internal/store"
)

// What requests leave to be written down later is there when the server has
// stopped, however soon that was.
func TestLoginsAreWrittenDown(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	id, err := server.AddUser(t.Context(), dir, "ann@example.org", "correct horse", false)
	if err != nil {
		t.Fatal(err)
	}
	s := start(t, server.Config{DataDir: dir})
	before := time.Now().Add(-time.Second)
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.url+"/api-token-auth/",
		strings.NewReader(`{"email": "ann@example.org", "password": "correct horse"}`))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	res, err := s.client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	if err := res.Body.Close(); err != nil || res.StatusCode != http.StatusOK {
		t.Fatalf("log in: %d, %v", res.StatusCode, err)
	}
	s.stop()
	db, err := store.Open(t.Context(), filepath.Join(dir, "openmibi.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	}()
	a, err := db.Account(t.Context(), id)
	if err != nil || a.LastLoginAt == nil || a.LastLoginAt.Before(before) {
		t.Errorf("last login %v, %v", a.LastLoginAt, err)
	}
	if log := s.log.String(); strings.Contains(log, "correct horse") || !strings.Contains(log, "logged in") {
		t.Errorf("the log: %s", log)
	}
}
