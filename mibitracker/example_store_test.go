package mibitracker_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/openmibi/openmibi/mibitracker"
)

// tokenFile keeps a token in a file that only its owner can read.
type tokenFile string

func (f tokenFile) Load(context.Context) (string, time.Time, error) {
	raw, err := os.ReadFile(string(f))
	if err != nil {
		return "", time.Time{}, err
	}
	info, err := os.Stat(string(f))
	if err != nil {
		return "", time.Time{}, err
	}
	return strings.TrimSpace(string(raw)), info.ModTime(), nil
}

func (f tokenFile) Save(_ context.Context, _, token string) error {
	if err := os.WriteFile(string(f)+".new", []byte(token), 0o600); err != nil {
		return err
	}
	return os.Rename(string(f)+".new", string(f))
}

// Long work keeps its token fresh, and goes on when somebody has put a new one
// into the file.
func ExampleWithTokenStore() {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "JWT new" {
			reply(w, 401, map[string]string{"detail": "Signature has expired."})
			return
		}
		reply(w, 200, map[string]any{"id": 26, "label": "20190308_tonsil"})
	}))
	defer server.Close()
	folder, err := os.MkdirTemp("", "")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = os.RemoveAll(folder) }()
	file := tokenFile(filepath.Join(folder, "token"))

	ctx := context.Background()
	client, err := mibitracker.New(server.URL, mibitracker.WithToken("old"), mibitracker.WithTokenStore(file))
	if err != nil {
		fmt.Println(err)
		return
	}
	if err := file.Save(ctx, "old", "new"); err != nil { // as another program does
		fmt.Println(err)
		return
	}
	run, err := client.Runs.Get(ctx, 26)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(run.Label)
	// Output:
	// 20190308_tonsil
}
