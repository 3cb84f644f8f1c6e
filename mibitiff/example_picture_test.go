package mibitiff_test

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/color"
	"image/png"

	"github.com/openmibi/openmibi/mibitiff"
)

// The picture of one channel, as a server gives it or a segmentation wrote it.
func ExampleReadPicture() {
	mask := image.NewGray16(image.Rect(0, 0, 2, 1))
	mask.SetGray16(1, 0, color.Gray16{Y: 300})
	var file bytes.Buffer
	if err := png.Encode(&file, mask); err != nil {
		fmt.Println(err)
		return
	}
	plane, err := mibitiff.ReadPicture(context.Background(), bytes.NewReader(file.Bytes()), int64(file.Len()))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(plane.DType(), plane.Uint16s())
	// Output: uint16 [0 300]
}
