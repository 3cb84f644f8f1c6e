package mibitiff_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/openmibi/openmibi/mibi"
	"github.com/openmibi/openmibi/mibitiff"
)

// exampleImage makes an image of two channels of 2×2 pixels.
func exampleImage() (*mibitiff.Image, error) {
	meta := mibi.Metadata{FOVID: mibi.Text("FOV1"), Size: mibi.Float(400)}
	channels := []mibi.Channel{{Mass: 89, Target: "dsDNA"}, {Mass: 147, Target: "CD45"}}
	dna, err := mibitiff.NewPlane(2, 2, []uint16{0, 1, 2, 3})
	if err != nil {
		return nil, err
	}
	cd45, err := mibitiff.NewPlane(2, 2, []uint16{9, 0, 0, 300})
	if err != nil {
		return nil, err
	}
	return mibitiff.NewImage(meta, channels, []mibitiff.Plane{dna, cd45})
}

// Find channels by target, by mass, or by position.
func ExampleImage() {
	im, err := exampleImage()
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, label := range []string{"CD45", "CD45 (147)", "147", "cd45"} {
		i, err := im.Index(label)
		if errors.Is(err, mibitiff.ErrNoChannel) {
			fmt.Println(err)
			continue
		}
		fmt.Println(i, im.Targets()[i], im.Planes()[i].Uint16s())
	}
	size, err := im.PixelSize()
	fmt.Println(size, "µm", err)
	// Output:
	// 1 CD45 [9 0 0 300]
	// 1 CD45 [9 0 0 300]
	// 1 CD45 [9 0 0 300]
	// no such channel: "cd45"; did you mean "CD45 (147)"? The image has "dsDNA (89)", "CD45 (147)"
	// 200 µm <nil>
}

// Cut an image down to some of its channels, rename one, note what was done.
func ExampleImage_Slice() {
	im, err := exampleImage()
	if err != nil {
		fmt.Println(err)
		return
	}
	lymphocytes, err := im.Slice("CD45")
	if err != nil {
		fmt.Println(err)
		return
	}
	if err := lymphocytes.Rename(map[string]string{"CD45": "CD45RO"}); err != nil {
		fmt.Println(err)
	}
	if err := lymphocytes.AddAttributes(mibi.UserValue{Key: "threshold", Value: mibi.Int(5)}); err != nil {
		fmt.Println(err)
	}
	fmt.Println(lymphocytes.RemoveAttributes("fov_id"))
	fmt.Println(lymphocytes)
	fmt.Println(im.Channels())
	// Output:
	// removing "fov_id": the format specifies this attribute
	// 2×2 uint16, channels "CD45RO (147)", size: 400.0, fov_id: "FOV1", folder: "FOV1", threshold: 5
	// [dsDNA (89) CD45 (147)]
}

// Make an image larger, then smaller, keeping its type of samples.
func ExampleImage_Resize() {
	im, err := exampleImage()
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, edge := range []int{4, 1} {
		resized, err := im.Resize(context.Background(), edge, edge, mibitiff.KeepType())
		if err != nil {
			fmt.Println(err)
			return
		}
		dna, err := resized.Plane("dsDNA")
		fmt.Println(dna.Uint16s(), err)
	}
	_, err = im.Resize(context.Background(), 3, 4)
	fmt.Println(err)
	// Output:
	// [0 0 0 0 0 0 1 1 1 1 2 2 2 2 2 3] <nil>
	// [1] <nil>
	// resizing to 3×4 pixels (width×height): the image has 2×2: the aspect ratio would change
}

// Export the channels as pictures.
func ExampleImage_ExportPNGs() {
	im, err := exampleImage()
	if err != nil {
		fmt.Println(err)
		return
	}
	dir, err := os.MkdirTemp("", "")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = os.RemoveAll(dir) }()
	paths, err := im.ExportPNGs(context.Background(), dir)
	for _, path := range paths {
		fmt.Println(filepath.Base(path))
	}
	fmt.Println(err)
	// Output:
	// dsDNA.png
	// CD45.png
	// <nil>
}

// Read two channels of a file at once.
func ExampleFile_Image() {
	f, err := mibitiff.OpenFile("testdata/python-uint16.tiff")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer f.Close()
	two, err := f.Image(context.Background(), "CD45", "2")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(two.Width(), two.Height(), two.DType(), two.Channels())
	// Output: 16 16 uint16 [CD45 (197) Aµ (2)]
}

// Read an image, take a channel out, make it smaller, and write it as a MIBItiff
// and for viewers. What the format asks for and nobody gave is named.
func ExampleWriteImage() {
	ctx := context.Background()
	f, err := mibitiff.OpenFile("testdata/python-uint16.tiff")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer f.Close()
	im, err := f.Image(ctx)
	if err != nil {
		fmt.Println(err)
		return
	}
	if err := im.Remove("CD45"); err != nil {
		fmt.Println(err)
		return
	}
	small, err := im.Resize(ctx, 8, 8, mibitiff.KeepType())
	if err != nil {
		fmt.Println(err)
		return
	}
	var file, forViewers bytes.Buffer
	if err := mibitiff.WriteImage(ctx, &file, small); err != nil {
		fmt.Println(err)
		return
	}
	if err := mibitiff.WriteOME(ctx, &forViewers, small.Metadata(), small.Channels(), mibitiff.Planes(small.Planes())); err != nil {
		fmt.Println(err)
		return
	}
	back, err := mibitiff.Open(bytes.NewReader(file.Bytes()), int64(file.Len()))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(len(im.Channels()), "channels in memory,", len(back.Channels()), "written")

	bare, err := exampleImage()
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(mibitiff.WriteImage(ctx, &file, bare))
	// Output:
	// 5 channels in memory, 5 written
	// required metadata is missing: run, coordinates, fov_name, dwell, scans, mass_offset, mass_gain, time_resolution, date
}
