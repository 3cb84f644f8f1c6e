package api_test

import (
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/openmibi/openmibi/internal/api"
)

// linkToken is the token of a link, which has to be in its fragment alone.
func linkToken(t *testing.T, link any) string {
	t.Helper()
	text, _ := link.(string)
	u, err := url.Parse(text)
	must(t, err)
	token, found := strings.CutPrefix(u.Fragment, "token=")
	if !found || u.Path != "/app/password/" || u.RawQuery != "" || u.Host == "" || len(token) != 40 {
		t.Fatalf("link %q", text)
	}
	return token
}

func (s *server) setPassword(t *testing.T, token, password string) answer {
	t.Helper()
	return s.do(t, user{}, "POST", "/users/set-password/", map[string]any{"token": token, "password": password})
}

func TestInvite(t *testing.T) {
	t.Parallel()
	clock := newClock()
	s := newServer(t, clock.set, func(c *api.Config) { c.PublicURL = "https://mibi.example.org/lab" })
	s.admin = s.token(t, s.admin)
	made := s.do(t, s.admin, "POST", "/users/", `{"email": "Dora@Example.org", "name": "Dora", "is_admin": false}`).want(t, 201).object(t)
	if made["email"] != "dora@example.org" || made["name"] != "Dora" || made["is_admin"] != false || made["active"] != true || made["invited"] != true ||
		made["last_login"] != nil || made["invite_expires"] != "2026-03-08T12:00:00.000000Z" || !strings.HasPrefix(made["invite_url"].(string), "https://mibi.example.org/lab/app/password/#") {
		t.Errorf("invited: %v", made)
	}
	token := linkToken(t, made["invite_url"].(string)[:0]+strings.Replace(made["invite_url"].(string), "/lab/", "/", 1))
	dora := user{email: "dora@example.org", id: int64(made["id"].(float64))}
	for _, password := range []string{"", password} {
		s.do(t, user{}, "POST", "/api-token-auth/", map[string]any{"email": dora.email, "password": password}).want(t, 400)
	}
	if s.kept(t, token) {
		t.Error("the link's token is kept in clear, or in the log")
	}
	// What is wrong with the password does not use the link up.
	s.setPassword(t, token, "short").want(t, 400, `{"password":["The password is too short`)
	clock.pass(7*24*time.Hour - time.Second)
	s.setPassword(t, token, password).want(t, 200, `{"email":"dora@example.org"}`)
	s.setPassword(t, token, newPassword).want(t, 400, `{"token":["This link cannot be used`)
	dora = s.loggedIn(t, dora, password)
	s.do(t, dora, "GET", "/users/me/", nil).want(t, 200, `"name":"Dora"`, `"is_admin":false`, `"scope":null`)
	s.admin = s.token(t, s.admin)
	s.do(t, s.admin, "GET", "/users/"+itoa(dora.id)+"/", nil).want(t, 200, `"invited":false`)
}

func TestResetLinks(t *testing.T) {
	t.Parallel()
	clock := newClock()
	s := newServer(t, clock.set)
	s.addPassword(t, s.alice)
	s.admin = s.token(t, s.admin)
	path := "/users/" + itoa(s.alice.id) + "/reset/"
	reset := func() string {
		got := s.do(t, s.admin, "POST", path, nil).want(t, 200).object(t)
		return linkToken(t, got["url"])
	}
	first := reset()
	s.loggedIn(t, s.alice, password) // the old password stays until then
	second := reset()
	s.setPassword(t, first, newPassword).want(t, 400, `"token"`)
	clock.pass(24 * time.Hour)
	s.setPassword(t, second, newPassword).want(t, 400, `"token"`)
	s.admin = s.token(t, s.admin)
	third := reset()
	for _, token := range []string{strings.ToUpper(third), third[1:], third + "a", "x", strings.Repeat("a", 40)} {
		s.setPassword(t, token, newPassword).want(t, 400, `"token"`)
	}
	s.do(t, user{}, "POST", "/users/set-password/", `{"password": "x"}`).want(t, 400, `"token"`)
	s.do(t, user{}, "POST", "/users/set-password/", `{"token": "x"}`).want(t, 400, `"password"`)
	// It needs no credentials, and bad ones are not looked at.
	s.with(t, "JWT expired.long.ago", "POST", "/users/set-password/", map[string]any{"token": third, "password": newPassword}).want(t, 200)
	s.loggedIn(t, s.alice, newPassword)

	// Who is disabled gets none, and the one it had is dead.
	fourth := reset()
	s.do(t, s.admin, "DELETE", "/users/"+itoa(s.alice.id)+"/", nil).want(t, 204)
	s.do(t, s.admin, "POST", path, nil).want(t, 400, "not active")
	s.setPassword(t, fourth, newPassword).want(t, 400, `"token"`)
	s.do(t, s.admin, "POST", "/users/987654/reset/", nil).want(t, 404)
	// Who never had a password gets an invitation again.
	got := s.do(t, s.admin, "POST", "/users/"+itoa(s.bob.id)+"/reset/", nil).want(t, 200).object(t)
	if want := clock.now().Add(7 * 24 * time.Hour).Truncate(time.Second).Format("2006-01-02T15:04:05.000000Z"); got["expires"] != want {
		t.Errorf("an invitation until %v, want %v", got["expires"], want)
	}
}

// Of many that use a link at once, one sets the password.
func TestResetLinkOnce(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	link := s.do(t, s.admin, "POST", "/users/"+itoa(s.alice.id)+"/reset/", nil).want(t, 200).object(t)
	token := linkToken(t, link["url"])
	passwords := []string{"password one", "password two", "password three", "password four"}
	answers := make([]answer, len(passwords))
	var wg sync.WaitGroup
	for i, password := range passwords {
		wg.Go(func() { answers[i] = s.setPassword(t, token, password) })
	}
	wg.Wait()
	done := 0
	for i, got := range answers {
		if got.status == 200 {
			done++
			s.loggedIn(t, s.alice, passwords[i])
			continue
		}
		got.want(t, 400, `"token"`)
	}
	if done != 1 {
		t.Errorf("%d used the link", done)
	}
}

func TestUsers(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	alice := "/users/" + itoa(s.alice.id) + "/"
	s.do(t, s.admin, "PUT", alice, map[string]any{"name": "Alice", "email": "Alice@Other.example"}).want(t, 200, `"email":"alice@other.example"`, `"name":"Alice"`)
	s.do(t, s.admin, "PATCH", alice, `{"is_admin": true}`).want(t, 200, `"is_admin":true`, `"name":"Alice"`)
	s.do(t, s.alice, "GET", "/users/", nil).want(t, 200, `"count":3`)
	s.do(t, s.admin, "PUT", alice, `{"is_admin": false, "name": null}`).want(t, 200, `"is_admin":false`, `"name":null`)
	read := s.do(t, s.admin, "GET", alice, nil).want(t, 200)
	s.do(t, s.admin, "PUT", alice, string(read.body)).same(t, read) // what was read can be written
	for _, tt := range []struct{ method, path, body, field string }{
		{"POST", "/users/", `{}`, "email"},
		{"POST", "/users/", `{"email": "no address"}`, "email"},
		{"POST", "/users/", `{"email": "Eve <eve@example.org>"}`, "email"},
		{"POST", "/users/", `{"email": "BOB@example.org"}`, "email"},
		{"POST", "/users/", `{"email": "eve@example.org", "is_admin": "perhaps"}`, "is_admin"},
		{"POST", "/users/", `{"email": "eve@example.org", "name": {}}`, "name"},
		{"PUT", alice, `{"email": "bob@example.org"}`, "email"},
		{"PUT", alice, `{"email": null}`, "email"},
		{"PUT", alice, `{"email": ""}`, "email"},
		{"PUT", alice, `{"active": null}`, "active"},
	} {
		s.do(t, s.admin, tt.method, tt.path, tt.body).want(t, 400, `"`+tt.field+`"`)
	}
	if same := s.do(t, s.admin, "GET", alice, nil); string(same.body) != string(read.body) {
		t.Errorf("changed by what was refused: %s", same.body)
	}
	for _, path := range []string{"/users/987654/", "/users/0/", "/users/x/"} {
		s.do(t, s.admin, "GET", path, nil).want(t, 404)
		s.do(t, s.admin, "PUT", path, `{}`).want(t, 404)
		s.do(t, s.admin, "DELETE", path, nil).want(t, 404)
	}
	for query, want := range map[string]float64{
		"": 3, "?email=BOB@example.org": 1, "?is_admin=true": 1, "?active=false": 0, "?name=x": 0, "?ordering=email": 3, "?limit=1": 3,
	} {
		if got := s.do(t, s.admin, "GET", "/users/"+query, nil).want(t, 200).object(t)["count"]; got != want {
			t.Errorf("%s: %v, want %v", query, got, want)
		}
	}
	s.do(t, s.admin, "GET", "/users/?password_hash=x", nil).want(t, 400, "password_hash")
	s.do(t, s.admin, "GET", "/users/?ordering=password_hash", nil).want(t, 400, "password_hash")
	bob := "/users/" + itoa(s.bob.id) + "/"
	s.do(t, s.admin, "DELETE", bob, nil).want(t, 204)
	s.do(t, s.admin, "DELETE", bob, nil).want(t, 204)
	s.do(t, s.admin, "GET", bob, nil).want(t, 200, `"active":false`)
	s.do(t, s.admin, "GET", "/users/?active=false", nil).want(t, 200, `"count":1`, "bob@example.org")
	s.do(t, s.admin, "POST", "/users/", `{"email": "bob@example.org"}`).want(t, 400, `"email"`) // an address stays taken
	if all := s.do(t, s.admin, "GET", "/users/?paging=no", nil).want(t, 200).array(t); len(all) != 2 {
		t.Errorf("%d accounts", len(all))
	}
}

func TestLastAdministrator(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	me := "/users/" + itoa(s.admin.id) + "/"
	s.do(t, s.admin, "DELETE", me, nil).want(t, 400, "last active administrator")
	s.do(t, s.admin, "PUT", me, `{"active": false}`).want(t, 400, `"active"`)
	s.do(t, s.admin, "PUT", me, `{"is_admin": false, "name": "X"}`).want(t, 400, `"is_admin"`)
	s.do(t, s.admin, "GET", me, nil).want(t, 200, `"name":null`) // all of it is undone
	s.do(t, s.admin, "PUT", "/users/"+itoa(s.alice.id)+"/", `{"is_admin": true}`).want(t, 200)
	s.do(t, s.admin, "PUT", me, `{"is_admin": false}`).want(t, 200)
	s.do(t, s.admin, "GET", "/users/", nil).want(t, 403)
	s.do(t, s.alice, "DELETE", "/users/"+itoa(s.alice.id)+"/", nil).want(t, 400)

	// Of two that put each other down at once, one stays.
	s.do(t, s.alice, "PUT", me, `{"is_admin": true}`).want(t, 200)
	var wg sync.WaitGroup
	for _, pair := range [][2]user{{s.admin, s.alice}, {s.alice, s.admin}} {
		wg.Go(func() { s.do(t, pair[0], "PUT", "/users/"+itoa(pair[1].id)+"/", `{"is_admin": false}`) })
	}
	wg.Wait()
	n := 0
	for _, who := range []user{s.admin, s.alice} {
		if s.do(t, who, "GET", "/users/", nil).status == http.StatusOK {
			n++
		}
	}
	if n != 1 {
		t.Errorf("%d administrators are left", n)
	}
}
