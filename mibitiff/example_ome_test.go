package mibitiff_test

import (
	"bytes"
	"context"
	"fmt"

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
	var out bytes.Buffer
	if err := mibitiff.WriteOME(context.Background(), &out, file.Metadata(), file.Channels(), file.Source()); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(len(file.Channels()), "channels")
	// Output: 6 channels
}
