package transfer_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"

	"github.com/openmibi/openmibi/mibitracker"
	"github.com/openmibi/openmibi/transfer"
)

// A folder of MIBItiffs goes to the run that they are of, and each is waited for
// until the server has processed it.
func ExamplePlanPush() {
	ctx := context.Background()
	client, err := mibitracker.New("https://mibi.example.org", mibitracker.WithToken(os.Getenv("MIBITRACKER_TOKEN")))
	if err != nil {
		slog.Error("no client", "error", err)
		return
	}
	run, err := client.Runs.Find(ctx, "20190308_2169_2170")
	if err != nil {
		slog.Error("no run", "error", err)
		return
	}
	plan, err := transfer.PlanPush(ctx, client, run, []string{"tiffs"}, transfer.PushOptions{Wait: true})
	if err != nil {
		slog.Error("no plan", "error", err)
		return
	}
	files, bytes, _, skipped := plan.Totals()
	fmt.Printf("%d files of %d bytes to push, %d there already\n", files, bytes, skipped)

	result, err := plan.Run(ctx)
	if errors.Is(err, transfer.ErrMismatch) {
		fmt.Println("nothing was sent:", err)
		return
	}
	for _, failure := range result.Failures {
		fmt.Println(failure.Error())
	}
	if err != nil {
		fmt.Println("the push ended early:", err)
	}
}
