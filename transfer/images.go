package transfer

import (
	"context"
	"fmt"
	"iter"
	"strings"

	"github.com/openmibi/openmibi/mibitracker"
)

// listedAtOnce is how many images are asked for by one request.
const listedAtOnce = 500

// imagesOf lists the images of a run. Its error ends the list, and names the run.
// One that moves from one page to another while they are listed comes twice.
func imagesOf(ctx context.Context, c *mibitracker.Client, run *mibitracker.Run) iter.Seq2[*mibitracker.Image, error] {
	filter := mibitracker.ImageFilter{RunLabel: run.Label, ListOptions: mibitracker.ListOptions{Limit: listedAtOnce, Ordering: "id"}}
	return func(yield func(*mibitracker.Image, error) bool) {
		for image, err := range c.Images.All(ctx, filter) {
			if err != nil {
				yield(nil, fmt.Errorf("list the images of run %s: %w", run.Label, err))
				return
			}
			// A backend may know no such filter.
			if image.Run != nil && image.Run.ID != 0 && image.Run.ID != run.ID {
				continue
			}
			if !yield(&image, nil) {
				return
			}
		}
	}
}

// numberOf is an image's number; that of its folder where a backend gives none.
func numberOf(image *mibitracker.Image) string {
	if image.Number != "" {
		return image.Number
	}
	number, _, _ := strings.Cut(image.Folder, "/")
	return number
}

// tiffSize is how many bytes an image's TIFF has; -1 where the server does not
// say.
func tiffSize(image *mibitracker.Image) int64 {
	if image.TIFFSize == nil || *image.TIFFSize < 0 {
		return -1
	}
	return *image.TIFFSize
}

// tiffSHA256 is that of an image's TIFF, in small letters; empty where the server
// does not say.
func tiffSHA256(image *mibitracker.Image) string {
	if !isSHA256(image.TIFFSHA256) {
		return ""
	}
	return strings.ToLower(image.TIFFSHA256)
}
