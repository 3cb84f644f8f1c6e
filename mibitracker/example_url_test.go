package mibitracker_test

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"time"

	"github.com/openmibi/openmibi/mibitracker"
)

// A part of a file comes without the rest, from any server that has ranges.
func ExampleOpenURL() {
	content := bytes.Repeat([]byte("0123456789"), 10_000)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(content))
	}))
	defer server.Close()

	file, err := mibitracker.OpenURL(context.Background(), server.URL+"/fov1.tiff?signature=...")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = file.Close() }()
	part := make([]byte, 5)
	if _, err := file.ReadAt(part, 50_003); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(file.Size(), string(part))
	// Output: 100000 34567
}
