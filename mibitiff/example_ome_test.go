package mibitiff_test

import (
	"bytes"
	"context"
	"fmt"

	"github.com/openmibi/openmibi/mibi"
	"github.com/openmibi/openmibi/mibitiff"
)

// Write the channels of a MIBItiff as OME-TIFF, each read when its turn comes.
func ExampleWriteOME() {
	file, err := mibitiff.OpenFile("testdata/python-uint16.tiff")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer file.Close()
	var pages []mibitiff.Page
	var channels []mibi.Channel
	for _, page := range file.Pages() {
		if page.Type == mibitiff.SIMS {
			pages, channels = append(pages, page), append(channels, page.Channel)
		}
	}
	source := func(ctx context.Context, i int) (mibitiff.Plane, error) {
		return file.ReadPlane(ctx, pages[i].Index)
	}
	var out bytes.Buffer
	if err := mibitiff.WriteOME(context.Background(), &out, file.Metadata(), channels, source); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(len(channels), "channels")
	// Output: 6 channels
}
