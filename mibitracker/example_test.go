package mibitracker_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/openmibi/openmibi/mibitracker"
)

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
	_, err = client.Images.Get(ctx, 999)
	fmt.Println("image 999 is there:", !errors.Is(err, mibitracker.ErrNotFound))
	// Output:
	// 26 20190308_tonsil
	// image 999 is there: false
}
