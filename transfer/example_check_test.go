package transfer_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"

	"github.com/openmibi/openmibi/mibitracker"
	"github.com/openmibi/openmibi/transfer"
)

// A folder is compared with the server at any time after a pull.
func ExampleCheck() {
	server := httptest.NewServer(http.HandlerFunc(aBackend)) // any MIBItracker backend
	defer server.Close()
	dir, err := os.MkdirTemp("", "check-")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = os.RemoveAll(dir) }()
	for name, content := range map[string]string{"Point1.tiff": "TIFF?", "notes.txt": "mine"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			fmt.Println(err)
			return
		}
	}
	ctx := context.Background()

	client, err := mibitracker.New(server.URL, mibitracker.WithToken("token-or-key"))
	if err != nil {
		fmt.Println(err)
		return
	}
	run, err := client.Runs.Find(ctx, "20240613_run")
	if err != nil {
		fmt.Println(err)
		return
	}
	result, err := transfer.Check(ctx, client, run, transfer.CheckOptions{Dir: dir})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(result.Count(transfer.CheckEqual), "equal")
	for f := range result.Files() {
		fmt.Printf("%s is %s: %s\n", filepath.Base(f.Path), f.State, f.Reason)
	}
	// Output:
	// 0 equal
	// Point1.tiff is different: its SHA-256 is not the server's
	// notes.txt is extra: the server has nothing for it
}
