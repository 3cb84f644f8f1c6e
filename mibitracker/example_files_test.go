package mibitracker_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/openmibi/openmibi/mibitracker"
)

// fileBackend has one file in storage.
func fileBackend() *httptest.Server {
	mux := http.NewServeMux()
	server := httptest.NewServer(mux)
	mux.HandleFunc("POST /api-token-auth/", func(w http.ResponseWriter, _ *http.Request) {
		reply(w, 200, map[string]string{"token": "a token"})
	})
	mux.HandleFunc("GET /download/", func(w http.ResponseWriter, _ *http.Request) {
		reply(w, 200, map[string]string{"url": server.URL + "/storage/20190308.xml?signature=..."})
	})
	mux.HandleFunc("GET /storage/20190308.xml", func(w http.ResponseWriter, r *http.Request) {
		http.ServeContent(w, r, "", time.Time{}, strings.NewReader("<Root/>\n"))
	})
	return server
}

func ExampleFilesService_Open() {
	server := fileBackend()
	defer server.Close()
	client, err := mibitracker.New(server.URL, mibitracker.WithPassword("me@example.org", "secret"))
	if err != nil {
		fmt.Println(err)
		return
	}
	file, err := client.Files.Open(context.Background(), "20190308-uuid/20190308.xml")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = file.Close() }()
	if _, err := io.Copy(os.Stdout, file); err != nil {
		fmt.Println(err)
	}
	// Output:
	// <Root/>
}

func ExampleFilesService_Download() {
	server := fileBackend()
	defer server.Close()
	folder, err := os.MkdirTemp("", "example")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = os.RemoveAll(folder) }()
	client, err := mibitracker.New(server.URL, mibitracker.WithPassword("me@example.org", "secret"))
	if err != nil {
		fmt.Println(err)
		return
	}
	file, err := client.Files.Download(context.Background(), "20190308-uuid/20190308.xml", folder,
		mibitracker.WithProgress(func(done, total int64) { fmt.Println(done, "of", total, "bytes") }))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(filepath.Base(file.Path), file.SHA256[:8])
	// Output:
	// 0 of 8 bytes
	// 8 of 8 bytes
	// 20190308.xml 69e3bb65
}
