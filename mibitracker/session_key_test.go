package mibitracker_test

import (
	"net/http"
	"testing"

	"github.com/openmibi/openmibi/mibitracker"
)

// An API key goes in its own header and nowhere else: not into a body, not to
// be exchanged, not to another host.
func TestAPIKeyStaysInItsHeader(t *testing.T) {
	t.Parallel()
	const key = "mibi_7_abcdefghijklmnopqrstuvwxyz234567abcdefgh"
	other := newRecorder(t, nil)
	srv := newRecorder(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/runs/" {
			http.Redirect(w, r, other.URL+"/elsewhere/", http.StatusTemporaryRedirect)
		}
	})
	c := newClient(t, srv.URL, mibitracker.WithToken(key), mibitracker.WithRefreshAfter(1))
	if err := c.Login(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := c.Refresh(t.Context()); err != nil || c.Token() != key {
		t.Errorf("Refresh: %v, and the token is %q", err, c.Token())
	}
	for _, route := range []string{"/users/me/", "/runs/"} {
		if err := c.JSON(t.Context(), mibitracker.Request{Route: route}, nil); err != nil {
			t.Errorf("%s: %v", route, err)
		}
	}
	for _, r := range srv.all() {
		if r.Auth != "Bearer "+key || r.Body != "" || r.Path == "/api-token-refresh/" {
			t.Errorf("%s %s: Authorization %q, body %q", r.Method, r.Path, r.Auth, r.Body)
		}
	}
	if all := other.all(); len(all) != 1 || all[0].Auth != "" {
		t.Errorf("the other host got %+v", all)
	}
}
