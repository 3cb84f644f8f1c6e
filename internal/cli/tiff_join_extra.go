package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/openmibi/openmibi/mibitiff"
)

// addPictures reads the pages besides the channels that flags ask for.
func (o *tiffJoin) addPictures(ctx context.Context) error {
	if o.sed != "" {
		plane, err := readExtra(o.sed, mibitiff.SED, func(file *mibitiff.File, page int) (mibitiff.Plane, error) {
			return file.ReadPlane(ctx, page)
		}, func(r io.ReaderAt, size int64) (mibitiff.Plane, error) {
			return mibitiff.ReadPicture(ctx, r, size)
		})
		if err != nil {
			return err
		}
		o.sedPlane = &plane
	}
	if o.optical != "" {
		rgb, err := readExtra(o.optical, mibitiff.Optical, func(file *mibitiff.File, page int) (mibitiff.RGB, error) {
			return file.ReadRGB(ctx, page)
		}, func(r io.ReaderAt, size int64) (mibitiff.RGB, error) {
			return mibitiff.ReadRGBPicture(ctx, r, size)
		})
		if err != nil {
			return err
		}
		o.opticalRGB = &rgb
	}
	return nil
}

// readExtra reads the page of a kind of a MIBItiff, or else a plain picture.
func readExtra[T any](path string, kind mibitiff.PageType, page func(*mibitiff.File, int) (T, error), plain func(io.ReaderAt, int64) (T, error)) (picture T, err error) {
	disk, err := os.Open(path)
	if err != nil {
		return picture, given(err)
	}
	defer func() { _ = disk.Close() }()
	info, err := disk.Stat()
	if err != nil {
		return picture, err
	}
	file, err := mibitiff.Open(disk, info.Size())
	switch {
	case errors.Is(err, mibitiff.ErrNotMIBItiff):
		picture, err = plain(disk, info.Size())
	case err == nil:
		err = fmt.Errorf("the MIBItiff has no %s page", kind)
		for _, p := range file.Pages() {
			if p.Type == kind {
				picture, err = page(file, p.Index)
				break
			}
		}
	}
	if err != nil {
		err = fmt.Errorf("%s: %w", path, err)
	}
	return picture, err
}
