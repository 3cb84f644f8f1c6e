package mibitiff_test

import (
	"bytes"
	"context"
	"fmt"
	"time"

	"github.com/openmibi/openmibi/mibi"
	"github.com/openmibi/openmibi/mibitiff"
)

// An image that is not square is written as the format has it, which the
// field's Python reader refuses.
func ExampleCheck() {
	meta := mibi.Metadata{
		Run: mibi.Text("20191016_run"), FOVID: mibi.Text("FOV1"), FOVName: mibi.Text("tonsil"), Folder: mibi.Text("FOV1"),
		Coordinates: mibi.Pair(-241, -14968), Size: mibi.Float(400), Dwell: mibi.Float(4), Scans: mibi.Int(1),
		MassGain: mibi.Float(0.2), MassOffset: mibi.Float(0), TimeResolution: mibi.Float(0.5),
		Date: time.Date(2019, 10, 16, 14, 48, 12, 0, time.UTC),
	}
	plane, err := mibitiff.NewPlane(4, 2, make([]uint16, 8))
	if err != nil {
		fmt.Println(err)
		return
	}
	var file bytes.Buffer
	if err := mibitiff.Write(&file, meta, []mibi.Channel{{Mass: 89, Target: "dsDNA"}}, []mibitiff.Plane{plane}); err != nil {
		fmt.Println(err)
		return
	}
	report, err := mibitiff.Check(context.Background(), bytes.NewReader(file.Bytes()), int64(file.Len()))
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, group := range report.Groups() {
		fmt.Println(group.Severity, group.Pages, group.Code)
		fmt.Println(group.Text())
	}
	// Output:
	// error [0] resolution-unequal
	// tag 283 YResolution: X and Y resolution are not equal: 50 and 100, for a page that is not square, of 4×2 pixels; mibilib fails
}
