package mibitracker_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"

	"github.com/openmibi/openmibi/mibitracker"
)

// backend answers as a small MIBItracker does.
func backend() *httptest.Server {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /api-token-auth/", func(w http.ResponseWriter, _ *http.Request) {
		reply(w, 200, map[string]string{"token": "a token"})
	})
	mux.HandleFunc("GET /runs/", func(w http.ResponseWriter, _ *http.Request) {
		reply(w, 200, map[string]any{"count": 1, "results": []any{map[string]any{"id": 26, "label": "20190308_tonsil"}}})
	})
	mux.HandleFunc("GET /images/{id}/", func(w http.ResponseWriter, _ *http.Request) {
		reply(w, 404, map[string]string{"detail": "Not found."})
	})
	return httptest.NewServer(mux)
}

func Example() {
	server := backend()
	defer server.Close()
	ctx := context.Background()

	client, err := mibitracker.New(server.URL, mibitracker.WithPassword("me@example.org", "secret"))
	if err != nil {
		fmt.Println(err)
		return
	}
	for run, err := range client.Runs.All(ctx, mibitracker.RunFilter{Name: "20190308_tonsil"}) {
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(run.ID, run.Label)
	}
	_, err = client.Images.Get(ctx, 429)
	fmt.Println("image 429 is there:", !errors.Is(err, mibitracker.ErrNotFound))
	// Output:
	// 26 20190308_tonsil
	// image 429 is there: false
}
