package mibitrackertest_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/openmibi/openmibi/mibitracker"
	"github.com/openmibi/openmibi/mibitracker/mibitrackertest"
)

// Where there is no test; in one, [mibitrackertest.Start] is all of this.
func Example() {
	ctx := context.Background()
	dir, err := os.MkdirTemp("", "lab-")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = os.RemoveAll(dir) }()
	lab, err := mibitrackertest.NewLab(ctx, dir)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = lab.Close() }()

	names, err := lab.Client.Images.Channels(ctx, lab.FOVs[0].Image.ID)
	fmt.Println(len(names), "channels,", err)
	_, err = lab.Client.Images.Get(ctx, 9999)
	fmt.Println("image 9999 is there:", !errors.Is(err, mibitracker.ErrNotFound))
	// Output:
	// 6 channels, <nil>
	// image 9999 is there: false
}

// The calls that people make most follow. The README shows them as they stand
// here.

// with runs calls against a lab, in a folder for their files.
func with(calls func(ctx context.Context, lab *mibitrackertest.Lab, dir string) error) {
	ctx := context.Background()
	dir, err := os.MkdirTemp("", "lab-")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = os.RemoveAll(dir) }()
	lab, err := mibitrackertest.NewLab(ctx, filepath.Join(dir, "data"))
	if err != nil {
		fmt.Println(err)
		return
	}
	if err := errors.Join(calls(ctx, lab, dir), lab.Close()); err != nil {
		fmt.Println(err)
	}
}

func Example_open() {
	with(func(ctx context.Context, lab *mibitrackertest.Lab, _ string) error {
		url, email, password := lab.URL, lab.Email, lab.Password

		client, err := mibitracker.Dial(ctx, url, mibitracker.WithPassword(email, password))
		if err != nil {
			return err
		}
		defer client.CloseIdleConnections()

		runs, err := client.Runs.List(ctx, mibitracker.RunFilter{})
		if err != nil {
			return err
		}
		fmt.Println(runs.Count, "run")
		return nil
	})
	// Output: 1 run
}

func Example_list() {
	with(func(ctx context.Context, lab *mibitrackertest.Lab, _ string) error {
		client := lab.Client

		run, err := client.Runs.ByLabel(ctx, "20240613_lab")
		if err != nil {
			return err
		}
		for _, image := range run.ImageSet.Images {
			fmt.Println(image.Number, image.Point, image.Status)
		}
		return nil
	})
	// Output:
	// Point1 Tonsil_R1C1 [A]
	// Point2 Tonsil_R1C2 [A]
	// Point3 Tonsil_R1C3 [U]
}

func Example_read() {
	with(func(ctx context.Context, lab *mibitrackertest.Lab, _ string) error {
		client := lab.Client

		image, err := client.Images.ByRunAndFOV(ctx, "20240613_lab", "Point1")
		if err != nil {
			return err
		}
		tiff, err := client.Images.Open(ctx, image.ID) // its index, not its pixels
		if err != nil {
			return err
		}
		defer tiff.Close()
		page, err := tiff.Channel("CD45")
		if err != nil {
			return err
		}
		plane, err := tiff.ReadPlane(ctx, page.Index) // one channel's bytes move
		if err != nil {
			return err
		}
		fmt.Println(page.Name, plane.Width(), plane.Height(), plane.Stats().Sum)
		return nil
	})
	// Output: CD45 (141) 32 32 568
}

func Example_push() {
	with(func(ctx context.Context, lab *mibitrackertest.Lab, dir string) error {
		client, run, image := lab.Client, lab.Run, lab.Pending.Image
		file := filepath.Join(dir, "fov.tiff")
		if err := os.WriteFile(file, lab.Pending.TIFF, 0o600); err != nil {
			return err
		}

		tiff, err := mibitracker.FromFile(file)
		if err != nil {
			return err
		}
		if _, err := client.Uploads.MIBItiff(ctx, run.ID, tiff); err != nil {
			return err
		}
		image, err = client.Images.WaitAvailable(ctx, image.ID, "")
		if err != nil {
			return err // a *mibitracker.ProcessingError says what is wrong with the file
		}
		fmt.Println(image.Number, image.Status, len(image.SIMSChannels), "channels")
		return nil
	})
	// Output: Point3 [A] 5 channels
}

func Example_download() {
	with(func(ctx context.Context, lab *mibitrackertest.Lab, folder string) error {
		client, image := lab.Client, lab.FOVs[0].Image

		path, err := image.TIFFPath()
		if err != nil {
			return err
		}
		file, err := client.Files.Download(ctx, path, folder)
		if err != nil {
			return err
		}
		fmt.Println(filepath.Base(file.Path), "is whole:", file.SHA256 == lab.FOVs[0].SHA256)
		return nil
	})
	// Output: summed_image.tiff is whole: true
}

func Example_copy() {
	with(func(ctx context.Context, lab *mibitrackertest.Lab, _ string) error {
		client := lab.Client

		runs, err := client.Runs.Copy(ctx, "20240613_lab", "20240613_lab-again", nil)
		if err != nil {
			return err
		}
		images, err := client.Runs.CopyImages(ctx, runs.Old.Label, runs.New.Label, nil)
		if err != nil {
			return err // a *mibitracker.CopyImagesError says what was done before
		}
		fmt.Println(runs.New.Label, "has", len(images), "images")
		return nil
	})
	// Output: 20240613_lab-again has 3 images
}
