package mibitiff_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/openmibi/openmibi/mibi"
	"github.com/openmibi/openmibi/mibitiff"
)

func exampleMetadata() mibi.Metadata {
	return mibi.Metadata{
		Run: mibi.Text("20191016_run"), FOVID: mibi.Text("FOV1"), FOVName: mibi.Text("tonsil"), Folder: mibi.Text("FOV1"),
		Coordinates: mibi.Pair(-241, 14968), Size: mibi.Float(400), Dwell: mibi.Float(4), Scans: mibi.Int(1),
		MassGain: mibi.Float(0.2), MassOffset: mibi.Float(0), TimeResolution: mibi.Float(0.5),
		Date: time.Date(2019, 10, 16, 14, 48, 12, 0, time.UTC),
	}
}

// Page after page: the channels in page order, one of them with a display range
// of its own, then SED and optical image.
func ExampleWriter() {
	counts, err := mibitiff.NewPlane(2, 2, []uint16{0, 1, 2, 3})
	if err != nil {
		fmt.Println(err)
		return
	}
	sed, err := mibitiff.NewPlane(2, 1, []int16{-7, 7})
	if err != nil {
		fmt.Println(err)
		return
	}
	slide := mibitiff.RGB{Width: 1000, Height: 1200, Pix: make([]uint8, 3*1000*1200)}

	var file bytes.Buffer
	w, err := mibitiff.NewWriter(&file, exampleMetadata())
	if err != nil {
		fmt.Println(err)
		return
	}
	err = errors.Join(
		w.WriteChannel(mibi.Channel{Mass: 147, Target: "CD45"}, counts),
		w.WriteChannel(mibi.Channel{Mass: 89, Target: "dsDNA"}, counts, mibitiff.WithRange(mibitiff.Range{Min: 0, Max: 2})),
		w.WriteSED(sed),
		w.WriteOptical(slide),
		w.Close())
	if err != nil {
		fmt.Println(err)
		return
	}
	image, err := mibitiff.Open(bytes.NewReader(file.Bytes()), int64(file.Len()))
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, page := range image.Pages() {
		fmt.Println(page.Type, page.Name, page.DType, page.Width, page.Height)
	}
	// Output:
	// SIMS CD45 (147) uint16 2 2
	// SIMS dsDNA (89) uint16 2 2
	// SED SED int16 2 1
	// Optical Optical uint8 1000 1200
	// Label Label uint8 600 600
}

// Planes that are read when they are needed: no more of them lie in memory than
// processors work.
func ExampleWriteFrom() {
	channels := []mibi.Channel{{Mass: 89, Target: "dsDNA"}, {Mass: 147, Target: "CD45"}}
	source := func(_ context.Context, i int) (mibitiff.Plane, error) {
		// As if from a file of its own.
		return mibitiff.NewPlane(2, 1, []uint16{uint16(i), 300})
	}
	if err := mibitiff.WriteFrom(context.Background(), io.Discard, exampleMetadata(), channels, source); err != nil {
		fmt.Println(err)
	}
	reals := func(context.Context, int) (mibitiff.Plane, error) { return mibitiff.NewPlane(2, 1, []float32{1, 0.5}) }
	err := mibitiff.WriteFrom(context.Background(), io.Discard, exampleMetadata(), channels[:1], reals, mibitiff.WithDType(mibitiff.Uint16))
	fmt.Println(errors.Is(err, mibitiff.ErrLossy))
	// Output: true
}

// Each channel as a file of its own.
func ExampleWriteFolder() {
	dir, err := os.MkdirTemp("", "example")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = os.RemoveAll(dir) }()
	channels := []mibi.Channel{{Mass: 89, Target: "dsDNA"}, {Mass: 147, Target: "HLA-DR/DP"}}
	plane, err := mibitiff.NewPlane(2, 1, []uint16{7, 300})
	if err != nil {
		fmt.Println(err)
		return
	}
	err = mibitiff.WriteFolder(context.Background(), dir, exampleMetadata(), channels, mibitiff.Planes([]mibitiff.Plane{plane, plane}))
	if err != nil {
		fmt.Println(err)
		return
	}
	files, err := filepath.Glob(filepath.Join(dir, "*"+mibitiff.FolderExtension))
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, f := range files {
		fmt.Println(filepath.Base(f))
	}
	// Output:
	// HLA-DR-DP%-s.tiff
	// dsDNA.tiff
}
