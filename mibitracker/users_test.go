package mibitracker_test

import (
	"errors"
	"net/http"
	"testing"

	"github.com/openmibi/openmibi/mibitracker"
)

func TestUsersMe(t *testing.T) {
	t.Parallel()
	srv := newRecorder(t, func(w http.ResponseWriter, r *http.Request) {
		reply(w, 200, map[string]any{"id": 3, "email": "a@example.org", "is_admin": true, "new": 1})
	})
	me, err := newClient(t, srv.URL).Users.Me(t.Context())
	if err != nil || me.ID != 3 || me.Email != "a@example.org" || !me.IsAdmin || string(me.Extra["new"]) != "1" {
		t.Errorf("%+v, %v", me, err)
	}
	if sent := srv.of("/users/me/")[0]; sent.Method != http.MethodGet || sent.Auth != "JWT tok1" {
		t.Errorf("%+v", sent)
	}
	older := newRecorder(t, func(w http.ResponseWriter, r *http.Request) { text(w, 404, "<html>") })
	if _, err := newClient(t, older.URL).Users.Me(t.Context()); !errors.Is(err, mibitracker.ErrNotFound) {
		t.Error(err)
	}
}
