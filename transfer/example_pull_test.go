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

// A run is pulled by a plan that can be looked at before anything moves, and run
// again after whatever ended it.
func ExamplePlanPull() {
	server := httptest.NewServer(http.HandlerFunc(aBackend)) // any MIBItracker backend
	defer server.Close()
	dir, err := os.MkdirTemp("", "pull-")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = os.RemoveAll(dir) }()
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
	plan, err := transfer.PlanPull(ctx, client, run, transfer.PullOptions{Dir: dir})
	if err != nil {
		fmt.Println(err)
		return
	}
	for f := range plan.FOVs() {
		fmt.Println(f.FOV, "is", f.State, "here, of", f.Size, "bytes")
	}
	for _, f := range plan.Failures {
		fmt.Println(f.Error())
	}
	result, err := plan.Run(ctx)
	if err != nil {
		fmt.Println(err)
		return
	}
	for f, err := range result.Files() {
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(filepath.Base(f.Path), "is", f.State, "and verified by its", f.Verified)
	}
	// Output:
	// Point1 is new here, of 5 bytes
	// Point2: it has no data yet: its TIFF was not uploaded or is being processed
	// Point1.tiff is pulled and verified by its SHA-256
}

// aBackend answers as a backend with one run does, of which one FOV has data.
func aBackend(w http.ResponseWriter, r *http.Request) {
	answers := map[string]string{
		"/":      `{}`,
		"/runs/": `[{"id": 1, "label": "20240613_run", "path": "run-1"}]`,
		"/tiff":  "TIFF!",
		"/images/": `[
			{"id": 7, "number": "Point1", "folder": "Point1/RowNumber0/Depth_Profile0", "status": ["A"], "tiff_size": 5,
			 "tiff_sha256": "4e3b96166c78a36bb1ced0debd68288c0db316bcd8d67d7ba6dee959501a03e4"},
			{"id": 8, "number": "Point2", "folder": "Point2/RowNumber0/Depth_Profile0", "status": ["U"]}]`,
		"/download/": fmt.Sprintf(`{"url": "http://%s/tiff"}`, r.Host),
	}
	_, _ = fmt.Fprint(w, answers[r.URL.Path])
}
