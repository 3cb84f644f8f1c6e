package e2e

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/openmibi/openmibi/internal/pixels"
	"github.com/openmibi/openmibi/internal/synth"
	"github.com/openmibi/openmibi/mibi"
	"github.com/openmibi/openmibi/mibitiff"
	"github.com/openmibi/openmibi/mibitracker"
)

// fov is a made FOV, the first of two in the XML of its run.
type fov struct {
	run, folder string
	xml, tiff   []byte
	sha256      string
	channels    int
	planes      map[mibi.Channel]pixels.Plane
}

func newFOV(t *testing.T) *fov {
	t.Helper()
	images, err := synth.Run(3, 2, synth.Small())
	if err != nil {
		t.Fatal(err)
	}
	return newFOVOf(t, images)
}

// newFOVOf is the first of a run's FOVs.
func newFOVOf(t *testing.T, images []*synth.Image) *fov {
	t.Helper()
	image := images[0]
	content, err := image.TIFF()
	if err != nil {
		t.Fatal(err)
	}
	xml, err := synth.RunXML(images)
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(content)
	f := &fov{
		run: image.Metadata.Run.String(), folder: image.Metadata.Folder.String(), xml: xml, tiff: content,
		sha256: hex.EncodeToString(sum[:]), channels: len(image.Channels), planes: make(map[mibi.Channel]pixels.Plane),
	}
	for i, c := range image.Channels {
		f.planes[c] = image.Planes[i]
	}
	return f
}

func (f *fov) source() mibitracker.Source { return mibitracker.FromBytes("fov.tiff", f.tiff) }

// write writes the FOV's files and returns the paths of XML and TIFF.
func (f *fov) write(t *testing.T, folder string) [2]string {
	t.Helper()
	paths := [2]string{filepath.Join(folder, f.run+".xml"), filepath.Join(folder, "fov.tiff")}
	for i, content := range [][]byte{f.xml, f.tiff} {
		if err := os.WriteFile(paths[i], content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return paths
}

func (f *fov) createRun(ctx context.Context, t testing.TB, client *mibitracker.Client) *mibitracker.Run {
	t.Helper()
	instruments, err := client.Instruments.List(ctx, mibitracker.ListOptions{})
	if err != nil || len(instruments.Results) == 0 {
		t.Fatalf("instruments: %+v, %v", instruments, err)
	}
	run, err := client.Runs.Create(ctx, mibitracker.NewRun{
		XML: mibitracker.FromBytes(f.run+".xml", f.xml), Label: f.run, Instrument: instruments.Results[0].ID,
	})
	if err != nil {
		t.Fatal(err)
	}
	return run
}

func (f *fov) imageIn(t testing.TB, run *mibitracker.Run) int64 {
	t.Helper()
	for _, image := range run.ImageSet.Images {
		if image.Folder == f.folder {
			return image.ID
		}
	}
	t.Fatalf("run %s has no image of folder %s", run.Label, f.folder)
	return 0
}

// samePicture compares a channel's PNG with its plane, value by value.
func samePicture(png io.Reader, want mibitiff.Plane) error {
	got, err := pixels.DecodePNG(png, want.Len())
	if err != nil {
		return err
	}
	if got.Width() != want.Width() || got.Height() != want.Height() {
		return fmt.Errorf("%d x %d pixels", got.Width(), got.Height())
	}
	for y := range want.Height() {
		for x := range want.Width() {
			if got.At(x, y) != want.At(x, y) {
				return fmt.Errorf("column %d, row %d is %v, not %v", x, y, got.At(x, y), want.At(x, y))
			}
		}
	}
	return nil
}
