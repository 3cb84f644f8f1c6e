package api_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/openmibi/openmibi/internal/api"
	"github.com/openmibi/openmibi/internal/store"
)

// A kept answer is repeated for who may ask for it, and for nobody else.
func TestKeyScopeBeforeRepetition(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	_, read := s.addKey(t, s.alice, "read")
	_, write := s.addKey(t, s.alice, "write")
	body := map[string]any{"name": "once"}
	first := s.with(t, write, "POST", "/slides/", body, "Idempotency-Key", "k").want(t, 201)
	s.with(t, write, "POST", "/slides/", body, "Idempotency-Key", "k").same(t, first)
	s.with(t, "JWT "+s.alice.token, "POST", "/slides/", body, "Idempotency-Key", "k").same(t, first)
	got := s.with(t, read, "POST", "/slides/", body, "Idempotency-Key", "k").want(t, 403, "Scope write is needed.")
	if strings.Contains(string(got.body), "once") {
		t.Errorf("it was repeated: %s", got.body)
	}
	// Not even that the key was used, nor what is wrong with it, shows.
	s.with(t, read, "POST", "/slides/", map[string]any{"name": "other"}, "Idempotency-Key", "k").want(t, 403)
	s.with(t, read, "POST", "/slides/", body, "Idempotency-Key", "").want(t, 403)
	s.with(t, "Bearer mibi_1_x", "POST", "/slides/", body, "Idempotency-Key", "k").want(t, 401)
}

// Answers with secrets are repeated, also by another process, and kept sealed.
func TestSecretsAreKeptSealed(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	for _, tt := range []struct {
		who              user
		path, body, name string
	}{
		{s.alice, "/keys/", `{"name": "k", "scope": "read"}`, "key"},
		{s.admin, "/users/", `{"email": "dora@example.org"}`, "invite_url"},
		{s.admin, "/users/" + itoa(s.bob.id) + "/reset/", `{}`, "url"},
	} {
		q := jsonPOST(tt.who, tt.path, tt.body, "k")
		first := s.ask(t, q)
		text, _ := first.object(t)[tt.name].(string)
		secret := text[max(0, len(text)-40):]
		if len(secret) != 40 {
			t.Fatalf("%s: %d %s", tt.path, first.status, first.body)
		}
		s.ask(t, q).same(t, first)
		s.second(t, func(*api.Config) {}).ask(t, q).same(t, first)
		if s.kept(t, secret) {
			t.Errorf("%s: the secret is kept in clear", tt.path)
		}
		// A row that is moved to another place does not open.
		kept, err := s.store.Answer(t.Context(), store.AnswerKey{AccountID: tt.who.id, Route: tt.path, Key: "k"}, time.Now())
		must(t, err)
		if strings.Contains(string(kept.Body), tt.name) || len(kept.Body) == 0 {
			t.Errorf("%s: kept %q", tt.path, kept.Body)
		}
		must(t, s.store.Write(t.Context(), func(tx *store.Tx) error {
			claim, err := tx.ClaimAnswer(t.Context(), store.AnswerKey{AccountID: tt.who.id, Route: tt.path, Key: "moved"}, kept.Asked, time.Now(), far)
			must(t, err)
			return tx.KeepAnswer(t.Context(), claim, kept.Status, kept.ContentType, kept.Body)
		}))
		if got := s.ask(t, jsonPOST(tt.who, tt.path, tt.body, "moved")).want(t, http.StatusInternalServerError); strings.Contains(string(got.body), secret) {
			t.Errorf("%s: a moved answer opens", tt.path)
		}
	}
}
