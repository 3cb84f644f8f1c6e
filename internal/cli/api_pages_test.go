package cli

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/openmibi/openmibi/mibitracker"
)

// A list whose pages lead nowhere ends with an error, before an object comes twice.
func TestPagesWithoutEnd(t *testing.T) {
	t.Parallel()
	for _, next := range []string{"https://elsewhere.example.org/", "?", "?offset=1", "://", "https://elsewhere.example.org/?offset=1"} {
		asked := 0
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Method != http.MethodGet {
				return
			}
			asked++
			w.Header().Set("Content-Type", "application/json")
			_, _ = fmt.Fprintf(w, `{"count": 9, "next": %q, "previous": null, "results": [%d]}`, next, len(r.URL.RawQuery))
		}))
		defer server.Close()
		client, err := mibitracker.New(server.URL, mibitracker.WithToken("t"))
		if err != nil {
			t.Fatal(err)
		}
		seen := map[string]bool{}
		for object, err := range pagesOf(t.Context(), client, mibitracker.Request{Route: "/runs/"}) {
			if err == nil {
				if seen[string(object)] {
					t.Errorf("next %q: the first page came twice", next)
				}
				seen[string(object)] = true
				continue
			}
			if !errors.Is(err, mibitracker.ErrUnexpected) || asked > 2 {
				t.Errorf("next %q, %d requests: %v", next, asked, err)
			}
			break
		}
		client.CloseIdleConnections()
	}
}
