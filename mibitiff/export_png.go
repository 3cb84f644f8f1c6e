package mibitiff

import (
	"bufio"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"

	"github.com/openmibi/openmibi/mibi"
)

// PNGOption changes what [Image.ExportPNGs] writes.
type PNGOption func(*pngOptions)

type pngOptions struct {
	width, height int
}

// WithPNGSize resizes the image first, as [Image.Resize] does with [KeepType],
// to a width and a height in pixels.
func WithPNGSize(width, height int) PNGOption {
	return func(o *pngOptions) { o.width, o.height = width, height }
}

// ExportPNGs writes each channel as a grayscale PNG into a folder that exists,
// and returns the files' paths in the order of the channels. The files are
// named after the targets, or the masses of channels without one, by the rule
// of [mibi.FileNames]: "CD45.png". Files of these names are replaced.
//
// Samples keep their values. All files are of 8 bits where the whole image's
// samples lie from 0 to 255, and of 16 bits where they lie from 0 to 65535, as
// MIBItracker's Python tools ask for. (The library that those write with makes
// 8 bits of each channel that fits, whatever the others need.)
// Samples beyond, and all float samples, are refused with an error that wraps
// [ErrNotInteger]: a grayscale PNG cannot hold them. Errors of resizing are
// those of [Image.Resize].
//
// Files appear under their names when all of them are written and on the disk;
// an error before that, or the end of the context, leaves nothing behind.
func (im *Image) ExportPNGs(ctx context.Context, dir string, opts ...PNGOption) ([]string, error) {
	var options pngOptions
	for _, opt := range opts {
		opt(&options)
	}
	paths, err := im.exportPNGs(ctx, dir, options)
	if err != nil {
		return nil, fmt.Errorf("exporting PNGs to %s: %w", dir, err)
	}
	return paths, nil
}

func (im *Image) exportPNGs(ctx context.Context, dir string, options pngOptions) (_ []string, err error) {
	if im.DType() == Float32 || im.DType() == Float64 {
		return nil, fmt.Errorf("samples of %s; write a TIFF instead, or round them first: %w", im.DType(), ErrNotInteger)
	}
	if options != (pngOptions{}) {
		if im, err = im.Resize(ctx, options.width, options.height, KeepType()); err != nil {
			return nil, err
		}
	}
	dtype, err := im.pngType(ctx)
	if err != nil {
		return nil, err
	}
	run := ".mibi-" + rand.Text()
	temps, paths := make([]string, im.Len()), make([]string, im.Len())
	for i, name := range mibi.FileNames(im.Targets()) {
		temps[i], paths[i] = filepath.Join(dir, fmt.Sprintf("%s-%d.part", run, i)), filepath.Join(dir, name+".png")
	}
	defer func() {
		for _, temp := range temps {
			if removeErr := os.Remove(temp); removeErr != nil && !errors.Is(removeErr, os.ErrNotExist) {
				err = errors.Join(err, removeErr)
			}
		}
	}()
	err = inParallel(ctx, im.Len(), func(ctx context.Context, i int) error {
		return writePNG(temps[i], im.planes[i], dtype)
	})
	if err != nil {
		return nil, err
	}
	for i := range temps {
		if err := os.Rename(temps[i], paths[i]); err != nil {
			return nil, err
		}
	}
	return paths, nil
}

// pngType returns the type of PNGs that hold the whole image.
func (im *Image) pngType(ctx context.Context) (DType, error) {
	stats, err := im.stats(ctx)
	if err != nil {
		return 0, err
	}
	dtype := Uint8
	for i, s := range stats {
		if s.Min < 0 || s.Max > math.MaxUint16 {
			return 0, fmt.Errorf("the samples of channel %s go from %v to %v; rescale them first: %w", im.name(i), s.Min, s.Max, ErrNotInteger)
		}
		if s.Max > math.MaxUint8 {
			dtype = Uint16
		}
	}
	return dtype, nil
}

// writePNG writes a plane to a new file, down to the disk.
func writePNG(path string, plane Plane, dtype DType) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666) //nolint:gosec // the user's umask says who may read what is exported
	if err != nil {
		return err
	}
	out := bufio.NewWriter(f)
	err = plane.EncodePNGAs(out, dtype)
	if err == nil {
		err = out.Flush()
	}
	if err == nil {
		err = f.Sync()
	}
	return errors.Join(err, f.Close())
}
