package e2e

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"testing"

	"github.com/openmibi/openmibi/internal/pixels"
	"github.com/openmibi/openmibi/internal/synth"
	"github.com/openmibi/openmibi/mibitracker"
)

// faultLab is a site with what the rounds of faults copy and read, and a client
// that reaches it without any fault.
type faultLab struct {
	site   *site
	direct *mibitracker.Client

	// A small run of two FOVs, of which all is known that can be copied.
	small  *fov
	run    *mibitracker.Run
	images []mibitracker.Image
	sed    []byte

	// A file that is large enough to break in the middle.
	large     *fov
	largeID   int64
	largePath string
}

func newFaultLab(t *testing.T) *faultLab {
	t.Helper()
	ctx := t.Context()
	lab := &faultLab{
		site: newSite(t), small: newFOV(t),
		large: makeFOV(t, 5, synth.Options{Size: 768, Channels: 10, Run: "large"}),
	}
	lab.direct = lab.site.client(t, alice)
	c := lab.direct
	lab.run = lab.small.createRun(ctx, t, c)
	var tissue struct {
		ID int64 `json:"id"`
	}
	err := c.JSON(ctx, mibitracker.Request{Method: "POST", Route: "/tissues/", Body: mibitracker.JSONBody(map[string]any{"organ": "Spleen"})}, &tissue)
	if err != nil {
		t.Fatal(err)
	}
	lab.sed = pictureOf(t, 200, 7)
	for i, image := range lab.run.ImageSet.Images {
		sed := mibitracker.FromBytes("sed.png", lab.sed)
		_, err := c.Images.UpdateWithSED(ctx, image.ID, sed, map[string]any{"tissue": tissue.ID, "fov_size": 400 + i})
		if err != nil {
			t.Fatal(err)
		}
		full, err := c.Images.Get(ctx, image.ID)
		if err != nil {
			t.Fatal(err)
		}
		lab.images = append(lab.images, *full)
	}
	_, large := lab.large.shared(ctx, t, c)
	lab.largeID = large.ID
	if lab.largePath, err = large.TIFFPath(); err != nil {
		t.Fatal(err)
	}
	if len(lab.large.tiff) < 200<<10 || len(lab.images) != 2 {
		t.Fatalf("%d bytes, %d images", len(lab.large.tiff), len(lab.images))
	}
	return lab
}

// pictureOf is a grayscale PNG that does not compress well.
func pictureOf(t *testing.T, size int, seed uint32) []byte {
	t.Helper()
	samples := make([]uint16, size*size)
	for i := range samples {
		seed = seed*1664525 + 1013904223
		samples[i] = uint16(seed >> 16)
	}
	plane, err := pixels.Of(size, size, samples)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := plane.EncodePNG(&out); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// content is a whole file of the lab's storage.
func (lab *faultLab) content(ctx context.Context, path string) ([]byte, error) {
	stream, err := lab.direct.Files.Open(ctx, path)
	if err != nil {
		return nil, err
	}
	raw, err := io.ReadAll(stream)
	return raw, errors.Join(err, stream.Close())
}

// runsOf are all runs of a label, by a client that no fault befalls.
func (lab *faultLab) runsOf(ctx context.Context, f mibitracker.RunFilter) ([]mibitracker.Run, error) {
	var runs []mibitracker.Run
	for run, err := range lab.direct.Runs.All(ctx, f) {
		if err != nil {
			return nil, err
		}
		runs = append(runs, run)
	}
	return runs, nil
}

// atRest looks at a lab after its rounds: labels has the runs that must be
// there, each once, beside the lab's own.
func (lab *faultLab) atRest(ctx context.Context, labels map[string]bool) error {
	runs, err := lab.runsOf(ctx, mibitracker.RunFilter{Name: lab.run.Name})
	if err != nil {
		return err
	}
	var wrong []error
	seen := map[string]bool{lab.run.Label: true}
	for _, run := range runs {
		switch {
		case run.ID == lab.run.ID:
			continue
		case seen[run.Label]:
			wrong = append(wrong, fmt.Errorf("run %s stands twice", run.Label))
		case !labels[run.Label]:
			wrong = append(wrong, fmt.Errorf("nobody asked for run %s", run.Label))
		}
		seen[run.Label] = true
		images, err := lab.direct.Runs.Images(ctx, run.Label)
		if err != nil {
			return err
		}
		if len(images) != len(lab.images) {
			wrong = append(wrong, fmt.Errorf("run %s has %d images", run.Label, len(images)))
		}
		for _, image := range images {
			if image.Failed() {
				wrong = append(wrong, fmt.Errorf("run %s, %s: %s", run.Label, image.Folder, image.ProcessingError))
			}
		}
	}
	if len(seen) != len(labels)+1 {
		wrong = append(wrong, fmt.Errorf("%d runs, want %d", len(seen), len(labels)+1))
	}
	return errors.Join(wrong...)
}
