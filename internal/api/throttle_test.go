package api_test

import (
	"net/netip"
	"strconv"
	"testing"
	"time"

	"github.com/openmibi/openmibi/internal/api"
)

// Logins are slowed down per account and address; who the account is, and
// whether there is one, makes no difference.
func TestLogInThrottled(t *testing.T) {
	t.Parallel()
	clock := newClock()
	s := newServer(t, clock.set)
	s.addPassword(t, s.alice)
	login := func(email, password string) answer {
		return s.do(t, user{}, "POST", "/api-token-auth/", map[string]any{"email": email, "password": password})
	}
	for _, email := range []string{s.alice.email, "nobody@example.org", s.bob.email} { // one has no password
		for range 10 {
			login(email, refused).want(t, 400, "Unable to log in with provided credentials.")
		}
		for _, password := range []string{refused, password} {
			got := login(email, password).want(t, 429, `{"detail":"Too many failed attempts. Try again in 60 s."`)
			if got.header.Get("Retry-After") != "60" {
				t.Errorf("%s: Retry-After %q", email, got.header.Get("Retry-After"))
			}
		}
	}
	clock.pass(time.Minute)
	s.alive(t, s.loggedIn(t, s.alice, password))
	// What is no attempt does not count: it has no password, or is no login.
	for range 30 {
		login("", "x").want(t, 400)
		s.do(t, user{}, "POST", "/api-token-auth/", map[string]any{"email": s.alice.email}).want(t, 400)
	}
	for range 3 { // nor does what succeeds
		s.loggedIn(t, s.alice, password)
	}
}

// Behind a trusted proxy clients are told apart; a client that is no proxy
// gains nothing by a header.
func TestLogInThrottledBehindProxies(t *testing.T) {
	t.Parallel()
	for _, trusted := range []bool{true, false} {
		t.Run(strconv.FormatBool(trusted), func(t *testing.T) {
			t.Parallel()
			s := newServer(t, func(c *api.Config) {
				if trusted {
					c.TrustedProxies = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128")}
				}
			}, newClock().set)
			from := func(email, addr string) answer {
				return s.with(t, "", "POST", "/api-token-auth/", map[string]any{"email": email, "password": refused}, "X-Forwarded-For", addr)
			}
			for i := range 10 {
				from("ann@example.org", "6.6.6."+strconv.Itoa(i)+", 192.0.2.1").want(t, 400)
			}
			from("ann@example.org", "6.6.6.99, 192.0.2.1").want(t, 429) // what the client writes itself makes no new address
			want := map[bool]int{true: 400, false: 429}[trusted]
			from("ann@example.org", "192.0.2.2").want(t, want)
			from("bob@example.org", "192.0.2.1").want(t, 400)
		})
	}
}

// One address runs out of attempts over all accounts; the links and the API
// keys there have their own.
func TestAddressThrottled(t *testing.T) {
	t.Parallel()
	clock := newClock()
	s := newServer(t, clock.set)
	s.admin = s.token(t, s.admin)
	_, good := s.addKey(t, s.token(t, s.alice), "read")
	try := func(email string) answer {
		return s.do(t, user{}, "POST", "/api-token-auth/", map[string]any{"email": email, "password": refused})
	}
	for i := range 50 {
		try("guess"+strconv.Itoa(i)+"@example.org").want(t, 400)
	}
	try("fresh@example.org").want(t, 429)

	link := s.do(t, s.admin, "POST", "/users/"+itoa(s.bob.id)+"/reset/", nil).want(t, 200).object(t)
	set := func(token, password string) answer {
		return s.do(t, user{}, "POST", "/users/set-password/", map[string]any{"token": token, "password": password})
	}
	for i := range 20 {
		set("guess"+strconv.Itoa(i), newPassword).want(t, 400, `"token"`)
	}
	if got := set(linkToken(t, link["url"]), newPassword).want(t, 429, "detail"); got.header.Get("Retry-After") != "30" {
		t.Errorf("links: Retry-After %q", got.header.Get("Retry-After"))
	}

	bad := "Bearer mibi_1_" + "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	for range 60 {
		s.with(t, bad, "GET", "/users/me/", nil).want(t, 401)
	}
	if got := s.with(t, bad, "GET", "/users/me/", nil).want(t, 429, "detail"); got.header.Get("Retry-After") != "1" {
		t.Errorf("keys: Retry-After %q", got.header.Get("Retry-After"))
	}
	s.with(t, good, "GET", "/users/me/", nil).want(t, 200) // pipelines beside a broken one go on
	s.do(t, s.admin, "GET", "/users/me/", nil).want(t, 200)

	clock.pass(30 * time.Second)
	try("fresh@example.org").want(t, 400)
	set(linkToken(t, link["url"]), newPassword).want(t, 200)
	s.with(t, bad, "GET", "/users/me/", nil).want(t, 401)
}
