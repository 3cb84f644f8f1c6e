package api_test

import (
	"context"
	"testing"
	"time"

	"github.com/openmibi/openmibi/internal/api"
	"github.com/openmibi/openmibi/internal/auth"
	"github.com/openmibi/openmibi/internal/store"
)

const newPassword = "battery staple"

// A token from before the password was changed is dead at once, on every
// route and for a refresh; one of a login right after it lives.
func TestPasswordChangeEndsTokens(t *testing.T) {
	t.Parallel()
	clock := newClock()
	s := newServer(t, clock.set)
	s.addPassword(t, s.alice)
	clock.pass(time.Hour)
	first, second, bob := s.loggedIn(t, s.alice, password), s.token(t, s.alice), s.token(t, s.bob)
	s.alive(t, first)
	got := s.do(t, first, "PUT", "/users/me/password/", map[string]any{"old_password": password, "new_password": newPassword}).want(t, 200).object(t)
	mine := s.alice
	mine.token, _ = got["token"].(string)
	s.dead(t, first, "Signature has expired.")
	s.dead(t, second, "Signature has expired.")
	s.alive(t, mine)                                // who changed it stays logged in
	s.alive(t, bob)                                 // others do, too
	s.alive(t, s.loggedIn(t, s.alice, newPassword)) // in the same moment
	s.do(t, user{}, "POST", "/api-token-auth/", map[string]any{"email": s.alice.email, "password": password}).want(t, 400, "Unable to log in")

	// Again within the second: what came between is dead, too.
	between := s.loggedIn(t, s.alice, newPassword)
	s.do(t, between, "PUT", "/users/me/password/", map[string]any{"old_password": newPassword, "new_password": password}).want(t, 200)
	for _, old := range []user{between, mine} {
		s.do(t, old, "GET", "/users/me/", nil).want(t, 401, "Signature has expired.")
	}
	s.alive(t, s.loggedIn(t, s.alice, password))
}

// Everything that ends tokens ends all of one account and none of others'.
func TestWhatEndsTokens(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		end  func(*testing.T, *server)
		text string
	}{
		{"log out everywhere", func(t *testing.T, s *server) {
			s.do(t, s.alice, "DELETE", "/users/me/tokens/", nil).want(t, 204)
		}, "Signature has expired."},
		{"by an administrator", func(t *testing.T, s *server) {
			s.do(t, s.admin, "DELETE", "/users/"+itoa(s.alice.id)+"/tokens/", nil).want(t, 204)
		}, "Signature has expired."},
		{"disabled", func(t *testing.T, s *server) {
			s.do(t, s.admin, "DELETE", "/users/"+itoa(s.alice.id)+"/", nil).want(t, 204)
		}, "The account is not active."},
		{"disabled by a change", func(t *testing.T, s *server) {
			s.do(t, s.admin, "PATCH", "/users/"+itoa(s.alice.id)+"/", `{"active": false}`).want(t, 200, `"active":false`)
		}, "The account is not active."},
		{"disabled and enabled", func(t *testing.T, s *server) {
			s.do(t, s.admin, "DELETE", "/users/"+itoa(s.alice.id)+"/", nil).want(t, 204)
			s.do(t, s.admin, "PUT", "/users/"+itoa(s.alice.id)+"/", `{"active": true}`).want(t, 200, `"active":true`)
		}, "Signature has expired."},
		{"in the data folder", func(t *testing.T, s *server) {
			must(t, s.store.Write(t.Context(), func(tx *store.Tx) error {
				return tx.SetPassword(t.Context(), s.alice.id, "x", time.Now())
			}))
		}, "Signature has expired."},
		{"a link", func(t *testing.T, s *server) {
			link := s.do(t, s.admin, "POST", "/users/"+itoa(s.alice.id)+"/reset/", nil).want(t, 200).object(t)
			s.alive(t, s.alice) // not before it is used
			s.do(t, user{}, "POST", "/users/set-password/", map[string]any{"token": linkToken(t, link["url"]), "password": newPassword}).want(t, 200)
		}, "Signature has expired."},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := newServer(t)
			tt.end(t, s)
			s.dead(t, s.alice, tt.text)
			s.alive(t, s.bob)
			s.alive(t, s.admin)
		})
	}
}

// A name or an address may change: tokens are of the account.
func TestTokensOutliveOtherChanges(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	s.do(t, s.admin, "PUT", "/users/"+itoa(s.alice.id)+"/", `{"name": "Alice", "email": "Alice.Other@example.org", "active": true}`).want(t, 200)
	s.alice.email = "alice.other@example.org"
	s.alive(t, s.alice)
}

func TestChangePasswordRefused(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	s.addPassword(t, s.alice)
	s.alice = s.loggedIn(t, s.alice, password)
	for _, tt := range []struct {
		old, new any
		field    string
	}{
		{refused, newPassword, "old_password"}, {password, "short", "new_password"}, {password, refused, "new_password"},
		{nil, newPassword, "old_password"}, {password, nil, "new_password"}, {password, []int{1}, "new_password"},
		{"", newPassword, "old_password"},
	} {
		s.do(t, s.alice, "PUT", "/users/me/password/", map[string]any{"old_password": tt.old, "new_password": tt.new}).want(t, 400, `"`+tt.field+`"`)
	}
	s.alive(t, s.alice)
	// Who was never given a password cannot change it.
	s.do(t, s.bob, "PUT", "/users/me/password/", map[string]any{"old_password": "", "new_password": newPassword}).want(t, 400, `"old_password"`)
	if s.kept(t, newPassword) || s.kept(t, password) {
		t.Error("a password is kept, or in the log")
	}
}

// Who has a token guesses the password no faster than at the login.
func TestChangePasswordThrottled(t *testing.T) {
	t.Parallel()
	clock := newClock()
	s := newServer(t, clock.set)
	s.addPassword(t, s.alice)
	s.alice = s.token(t, s.alice)
	wrong := map[string]any{"old_password": refused, "new_password": newPassword}
	for range 5 {
		s.do(t, s.alice, "PUT", "/users/me/password/", wrong).want(t, 400)
		s.do(t, user{}, "POST", "/api-token-auth/", map[string]any{"email": s.alice.email, "password": refused}).want(t, 400)
	}
	right := map[string]any{"old_password": password, "new_password": newPassword}
	got := s.do(t, s.alice, "PUT", "/users/me/password/", right).want(t, 429, `"detail"`)
	if got.header.Get("Retry-After") != "60" {
		t.Errorf("Retry-After: %q", got.header.Get("Retry-After"))
	}
	clock.pass(time.Minute)
	s.do(t, s.alice, "PUT", "/users/me/password/", right).want(t, 200)
}

// Who was thrown out while its new password was on the way does not set it.
func TestChangePasswordOvertaken(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(context.Context, *store.Tx, int64) error{
		"new password": func(ctx context.Context, tx *store.Tx, id int64) error {
			return tx.SetPassword(ctx, id, "x", time.Now())
		},
		"logged out": func(ctx context.Context, tx *store.Tx, id int64) error { return tx.EndTokens(ctx, id, time.Now()) },
		"disabled": func(ctx context.Context, tx *store.Tx, id int64) error {
			return tx.SetActive(ctx, id, false, time.Now())
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var s *server
			s = newServer(t, func(c *api.Config) {
				c.Hook = func(ctx context.Context, moment string) error {
					if moment != "password.checked" {
						return nil
					}
					return s.store.Write(ctx, func(tx *store.Tx) error { return end(ctx, tx, s.alice.id) })
				}
			})
			s.addPassword(t, s.alice)
			s.alice = s.loggedIn(t, s.alice, password)
			before, err := s.store.Account(t.Context(), s.alice.id)
			must(t, err)
			s.do(t, s.alice, "PUT", "/users/me/password/", map[string]any{"old_password": password, "new_password": newPassword}).want(t, 401)
			after, err := s.store.Account(t.Context(), s.alice.id)
			must(t, err)
			if name != "new password" && after.PasswordHash != before.PasswordHash || name == "new password" && after.PasswordHash != "x" {
				t.Error("the password was set")
			}
		})
	}
}

// A forged token that claims a login in the future is refused as any forged
// one: what counts is signed.
func TestForgedLoginTime(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	s.do(t, s.alice, "DELETE", "/users/me/tokens/", nil).want(t, 204)
	other, err := auth.NewTokens(make([]byte, 32))
	must(t, err)
	forged, _, err := other.IssueFrom(auth.Identity{UserID: s.alice.id, Email: s.alice.email}, time.Now().Add(time.Hour), time.Time{})
	must(t, err)
	s.dead(t, user{token: forged}, "The token is not valid.")
}
