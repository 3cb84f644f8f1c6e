package transfer_test

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"github.com/openmibi/openmibi/mibitracker"
	"github.com/openmibi/openmibi/transfer"
)

// What an instrument writes goes to its run as it becomes whole. Without Once
// the watch goes on until its context ends.
func ExampleWatch() {
	dir, err := os.MkdirTemp("", "instrument-")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = os.RemoveAll(dir) }()
	content, err := smallTIFF("tonsil_1", "Point1/RowNumber0/Depth_Profile0", 1)
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, "Point1.tiff"), content, 0o600)
	}
	if err != nil {
		fmt.Println(err)
		return
	}
	backend := newWatchBackend("Point1/RowNumber0/Depth_Profile0") // any MIBItracker backend
	client, err := mibitracker.New("https://mibi.example.org", mibitracker.WithToken("token"),
		mibitracker.WithHTTPClient(&http.Client{Transport: backend}))
	if err != nil {
		fmt.Println(err)
		return
	}
	run := &mibitracker.Run{ID: 26, Label: "tonsil_1"} // as client.Runs.Find gives it
	result, err := transfer.Watch(context.Background(), client, run, transfer.WatchOptions{
		Dir: dir, Interval: 10 * time.Millisecond, Once: true,
		Events: func(e transfer.Event) {
			if e.Kind == transfer.Done || e.Kind == transfer.Failed {
				fmt.Println(e.Kind, e.FOV, filepath.Base(e.Path))
			}
		},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(result.Pushed, "pushed,", len(result.Failures), "failed")
	// Output:
	// done Point1 Point1.tiff
	// 1 pushed, 0 failed
}
