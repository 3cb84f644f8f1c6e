package mibitrackertest_test

import (
	"context"
	"testing"

	"github.com/openmibi/openmibi/mibitracker"
	"github.com/openmibi/openmibi/mibitracker/mibitrackertest"
)

// sum stands for a user's code: the ions of a channel.
func sum(ctx context.Context, client *mibitracker.Client, run, fov, channel string) (float64, error) {
	image, err := client.Images.ByRunAndFOV(ctx, run, fov)
	if err != nil {
		return 0, err
	}
	tiff, err := client.Images.Open(ctx, image.ID)
	if err != nil {
		return 0, err
	}
	defer func() { _ = tiff.Close() }()
	page, err := tiff.Channel(channel)
	if err != nil {
		return 0, err
	}
	plane, err := tiff.ReadPlane(ctx, page.Index)
	if err != nil {
		return 0, err
	}
	return plane.Stats().Sum, nil
}

// TestSum is the example of the package's documentation.
func TestSum(t *testing.T) {
	t.Parallel()
	lab := mibitrackertest.Start(t)

	// The code under test takes a *mibitracker.Client.
	got, err := sum(t.Context(), lab.Client, lab.Run.Label, "Point1", "CD45")
	if err != nil {
		t.Fatal(err)
	}
	put, _ := lab.FOVs[0].Plane("CD45") // what the server was given
	if want := put.Stats().Sum; got != want {
		t.Errorf("%v ions, want %v", got, want)
	}
}
