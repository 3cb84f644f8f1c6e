package mibitiff_test

import (
	"bytes"
	"context"
	"fmt"

	"github.com/openmibi/openmibi/mibitiff"
)

// A plane as a TIFF of its own, and back.
func ExampleWritePicture() {
	plane, err := mibitiff.NewPlane(2, 1, []float32{0.5, 300})
	if err != nil {
		fmt.Println(err)
		return
	}
	var file bytes.Buffer
	if err := mibitiff.WritePicture(&file, plane); err != nil {
		fmt.Println(err)
		return
	}
	back, err := mibitiff.ReadPicture(context.Background(), bytes.NewReader(file.Bytes()), int64(file.Len()))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(back.DType(), back.Float32s())
	// Output: float32 [0.5 300]
}
