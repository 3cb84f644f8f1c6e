package mibitracker_test

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/png"

	"github.com/openmibi/openmibi/mibitracker"
)

// A copy of a run, in which images that were cropped to half their width will
// lie.
func ExampleRunsService_Copy() {
	client, done := connect()
	defer done()
	ctx := context.Background()

	pair, err := client.Runs.Copy(ctx, "20190308_tonsil", "20190308_tonsil_cropped", map[string]any{"fov_size": "200"})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(pair.Old.Label, "is copied to", pair.New.Label)

	images, err := client.Runs.CopyImages(ctx, pair.Old.Label, pair.New.Label, map[string]any{"fov_size": 200, "frame": 512})
	if err != nil {
		fmt.Println(err)
		return
	}
	for old, new := range images {
		fmt.Printf("image %d has tissue %d and %g µm\n", old, new.Tissue.ID, *new.FOVSize)
	}
	// Output:
	// 20190308_tonsil is copied to 20190308_tonsil_cropped
	// image 244 has tissue 1 and 200 µm
}

// The pixels of one channel, without the rest of the image.
func ExampleImagesService_Channel() {
	client, done := connect()
	defer done()
	ctx := context.Background()

	image, err := client.Images.ByRunAndFOV(ctx, "20190308_tonsil", "Point1")
	if err != nil {
		fmt.Println(err)
		return
	}
	plane, err := client.Images.Channel(ctx, image.ID, "CD3")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(plane.Width(), "×", plane.Height(), plane.DType(), "with", plane.Stats().Sum, "counts")
	// Output: 4 × 4 uint16 with 300 counts
}

// What a segmentation found, as a channel beside the measured ones.
func ExampleUploadsService_Channel() {
	client, done := connect()
	defer done()

	cells := image.NewGray(image.Rect(0, 0, 4, 4))
	var file bytes.Buffer
	if err := png.Encode(&file, cells); err != nil {
		fmt.Println(err)
		return
	}
	up, err := client.Uploads.Channel(context.Background(), 244, mibitracker.FromBytes("cell_boundaries.png", file.Bytes()))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("image 244 has channel", up.Channel)
	// Output: image 244 has channel cell_boundaries
}

// A set of images of one project.
func ExampleImageSetsService_Create() {
	client, done := connect()
	defer done()

	set, err := client.ImageSets.Create(context.Background(), mibitracker.NewImageSet{
		Name: "germinal centres", Images: []int64{244, 245}, Project: 1,
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(set.ID, set.Name, len(set.Images))
	// Output: 301 germinal centres 2
}
