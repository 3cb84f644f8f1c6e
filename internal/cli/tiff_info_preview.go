package cli

import (
	"context"
	"fmt"

	"github.com/openmibi/openmibi/mibitiff"
)

// chosen are the channels to draw.
func (o *tiffInfo) chosen(file *mibitiff.File, name string) ([]mibitiff.Page, error) {
	if !o.preview.show {
		return nil, nil
	}
	pages, err := (&tiffExtract{channels: o.channels}).choose(file, name)
	if err != nil || len(o.channels) > 0 {
		return pages, err
	}
	if len(pages) == 0 {
		return nil, &notFoundError{fmt.Errorf("%s has no channel to draw", name)}
	}
	return pages[:1], nil
}

// drawAll draws pages one below the other.
func (o *tiffInfo) drawAll(ctx context.Context, file *mibitiff.File, name string, pages []mibitiff.Page) error {
	for _, page := range pages {
		if page.DType == 0 {
			return unread(name, page)
		}
		plane, err := file.ReadPlane(ctx, page.Index)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		if err := o.preview.draw(ctx, plane, page.Name); err != nil {
			return err
		}
	}
	return nil
}
