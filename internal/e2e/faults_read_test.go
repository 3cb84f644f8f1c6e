package e2e

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/openmibi/openmibi/internal/pixels"
	"github.com/openmibi/openmibi/mibitracker"
)

// stream reads a file to its end.
func (r *faultRound) stream(ctx context.Context) error {
	r.call(ctx, "Files.Open", func(ctx context.Context) (failure, wrong error) {
		stream, err := r.client.Files.Open(ctx, r.lab.largePath)
		if err != nil {
			return err, nil
		}
		got, err := io.ReadAll(stream)
		switch {
		case err == nil:
			wrong = sameFile(got, r.lab.large.tiff)
		case len(got) > len(r.lab.large.tiff) || !bytes.Equal(got, r.lab.large.tiff[:len(got)]):
			wrong = errors.New("what came before the error is not the file's beginning")
		}
		return err, errors.Join(wrong, stream.Close())
	})
	return nil
}

func sameFile(got, want []byte) error {
	if !bytes.Equal(got, want) {
		return fmt.Errorf("%d bytes of %d came for the whole file", len(got), len(want))
	}
	return nil
}

// planes reads two channels of the remote file by ranges.
func (r *faultRound) planes(ctx context.Context) error {
	r.call(ctx, "Images.Open", func(ctx context.Context) (failure, wrong error) {
		image, err := r.client.Images.Open(ctx, r.lab.largeID)
		if err != nil {
			return err, nil
		}
		defer func() { _ = image.Close() }()
		pages := image.Pages()
		if len(pages) != r.lab.large.channels {
			return nil, fmt.Errorf("%d pages", len(pages))
		}
		for _, n := range []uint64{r.seed, r.seed / 7} {
			page := pages[n%uint64(len(pages))]
			plane, err := image.ReadPlane(ctx, page.Index)
			if err != nil {
				return err, nil
			}
			if !plane.Equal(r.lab.large.planes[page.Channel]) {
				return nil, fmt.Errorf("channel %s is not as it was", page.Channel)
			}
		}
		return nil, nil
	})
	return nil
}

// pictures reads one channel as the server's picture of it.
func (r *faultRound) pictures(ctx context.Context) error {
	image, err := r.imageOf(ctx)
	if err != nil {
		return err
	}
	r.call(ctx, "Images.Channel", func(ctx context.Context) (failure, wrong error) {
		name := image.SIMSChannels[r.seed%uint64(len(image.SIMSChannels))]
		plane, err := r.client.Images.Channel(ctx, image.ID, name)
		if err != nil {
			return err, nil
		}
		for channel, want := range r.lab.small.planes {
			if channel.Label() == name {
				return nil, samePlane(plane, want)
			}
		}
		return nil, fmt.Errorf("nobody has channel %q", name)
	})
	return nil
}

// samePlane compares values: a picture may be of another type than the plane.
func samePlane(got, want pixels.Plane) error {
	if got.Width() != want.Width() || got.Height() != want.Height() {
		return fmt.Errorf("%d x %d pixels", got.Width(), got.Height())
	}
	for y := range want.Height() {
		for x := range want.Width() {
			if got.At(x, y) != want.At(x, y) {
				return fmt.Errorf("the pixel at %d, %d is %v, not %v", x, y, got.At(x, y), want.At(x, y))
			}
		}
	}
	return nil
}

// lists walks pages: every image once, in spite of what happens between them.
func (r *faultRound) lists(ctx context.Context) error {
	r.call(ctx, "Images.All", func(ctx context.Context) (failure, wrong error) {
		seen := map[int64]int{}
		filter := mibitracker.ImageFilter{RunLabel: r.label, ListOptions: mibitracker.ListOptions{Limit: 1}}
		for image, err := range r.client.Images.All(ctx, filter) {
			if err != nil {
				return err, nil
			}
			seen[image.ID]++
		}
		if len(seen) != len(r.lab.images) {
			return nil, fmt.Errorf("the list has %v", seen)
		}
		for id, n := range seen {
			if n != 1 {
				return nil, fmt.Errorf("the list has image %d %d times", id, n)
			}
		}
		return nil, nil
	})
	return nil
}
