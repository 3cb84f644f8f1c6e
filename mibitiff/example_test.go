package mibitiff_test

import (
	"bytes"
	"context"
	"fmt"
	"time"

	"github.com/openmibi/openmibi/mibi"
	"github.com/openmibi/openmibi/mibitiff"
)

// Write an image of two channels, then read one of them.
func Example() {
	meta := mibi.Metadata{
		Run: mibi.Text("20191016_run"), FOVID: mibi.Text("FOV1"), FOVName: mibi.Text("tonsil"), Folder: mibi.Text("FOV1"),
		Coordinates: mibi.Pair(-241, -14968), Size: mibi.Float(400), Dwell: mibi.Float(4), Scans: mibi.Int(1),
		MassGain: mibi.Float(0.2), MassOffset: mibi.Float(0), TimeResolution: mibi.Float(0.5),
		Date: time.Date(2019, 10, 16, 14, 48, 12, 0, time.UTC),
	}
	dna, err := mibitiff.NewPlane(2, 2, []uint16{0, 1, 2, 3})
	if err != nil {
		fmt.Println(err)
		return
	}
	cd45, err := mibitiff.NewPlane(2, 2, []uint16{9, 0, 0, 0})
	if err != nil {
		fmt.Println(err)
		return
	}
	var file bytes.Buffer
	channels := []mibi.Channel{{Mass: 89, Target: "dsDNA"}, {Mass: 147, Target: "CD45"}}
	if err := mibitiff.Write(&file, meta, channels, []mibitiff.Plane{dna, cd45}); err != nil {
		fmt.Println(err)
		return
	}

	image, err := mibitiff.Open(bytes.NewReader(file.Bytes()), int64(file.Len()))
	if err != nil {
		fmt.Println(err)
		return
	}
	page, err := image.Channel("dsDNA")
	if err != nil {
		fmt.Println(err)
		return
	}
	plane, err := image.ReadPlane(context.Background(), page.Index)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(image.Channels())
	fmt.Println(page.Name, plane.DType(), plane.Uint16s(), plane.Stats().Sum)
	// Output:
	// [CD45 (147) dsDNA (89)]
	// dsDNA (89) uint16 [0 1 2 3] 6
}
