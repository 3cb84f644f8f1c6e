package transfer_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"

	"github.com/openmibi/openmibi/mibitracker"
	"github.com/openmibi/openmibi/transfer"
)

// A folder of MIBItiffs goes to the run that they are of, and each is waited for
// until the server has processed it.
func ExamplePlanPush() {
	dir, err := os.MkdirTemp("", "tiffs-")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = os.RemoveAll(dir) }()
	content, err := smallTIFF("tonsil_1", "Point1/RowNumber0/Depth_Profile0", 1)
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, "fov-1.tiff"), content, 0o600)
	}
	if err != nil {
		fmt.Println(err)
		return
	}
	ctx := context.Background()
	backend := newWatchBackend("Point1/RowNumber0/Depth_Profile0") // any MIBItracker backend
	client, err := mibitracker.New("https://mibi.example.org", mibitracker.WithToken("token"),
		mibitracker.WithHTTPClient(&http.Client{Transport: backend}))
	if err != nil {
		fmt.Println(err)
		return
	}
	run := &mibitracker.Run{ID: 26, Label: "tonsil_1"} // as client.Runs.Find gives it
	plan, err := transfer.PlanPush(ctx, client, run, []string{dir}, transfer.PushOptions{Wait: true})
	if err != nil {
		fmt.Println(err)
		return
	}
	files, _, replaces, skipped := plan.Totals()
	fmt.Printf("%d to push, of which %d replace what is there; %d there already\n", files, replaces, skipped)

	result, err := plan.Run(ctx)
	if errors.Is(err, transfer.ErrMismatch) {
		fmt.Println("nothing was sent:", err)
		return
	}
	for _, f := range result.Files {
		fmt.Println(filepath.Base(f.Path), "is", f.State, "as", f.FOV)
	}
	for _, failure := range result.Failures {
		fmt.Println(failure.Error())
	}
	if err != nil {
		fmt.Println(err) // what ended it, and what to do
	}
	// Output:
	// 1 to push, of which 0 replace what is there; 0 there already
	// fov-1.tiff is available as Point1
}
