package mibitiff_test

import (
	"bytes"
	"context"
	"fmt"
	"io"

	"github.com/openmibi/openmibi/mibitiff"
)

// Read an image, change it, write it.
func ExampleOpenFile() {
	ctx := context.Background()
	rename := func(path string, out io.Writer) error {
		file, err := mibitiff.OpenFile(path)
		if err != nil {
			return err
		}
		defer file.Close()
		image, err := file.Image(ctx) // all channels, or those that are named
		if err != nil {
			return err
		}
		if err := image.Rename(map[string]string{"CD45": "CD45RO"}); err != nil {
			return err
		}
		if err := mibitiff.WriteImage(ctx, out, image); err != nil {
			return err
		}
		return nil
	}
	var out bytes.Buffer
	if err := rename("testdata/python-uint16.tiff", &out); err != nil {
		fmt.Println(err)
		return
	}
	renamed, err := mibitiff.Open(bytes.NewReader(out.Bytes()), int64(out.Len()))
	if err != nil {
		fmt.Println(err)
		return
	}
	page, err := renamed.ChannelByMass(197)
	fmt.Println(page.Channel, err)
	// Output: CD45RO (197) <nil>
}
