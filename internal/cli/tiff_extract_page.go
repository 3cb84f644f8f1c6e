package cli

import (
	"context"
	"errors"
	"fmt"
	"image/png"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/openmibi/openmibi/mibi"
	"github.com/openmibi/openmibi/mibitiff"
)

// choose gives the pages that were asked for, in the file's order: all channels
// where nothing was. Nothing is written where one of them is not there.
func (o *tiffExtract) choose(file *mibitiff.File, name string) ([]mibitiff.Page, error) {
	pages := file.Pages()
	types, labels := []string{}, []string{}
	seen := map[mibitiff.PageType]bool{}
	for _, p := range pages {
		if p.Type == mibitiff.SIMS {
			labels = append(labels, p.Channel.Label())
		}
		if !seen[p.Type] {
			seen[p.Type] = true
			types = append(types, string(p.Type))
		}
	}
	chosen := map[int]bool{}
	var missed []error
	for _, wanted := range o.channels {
		page, err := file.Channel(wanted)
		if err != nil {
			missed = append(missed, fmt.Errorf("%s has no channel %q%s; mibi tiff info lists all %d",
				name, wanted, proposal(wanted, labels, strconv.Quote), len(labels)))
			continue
		}
		chosen[page.Index] = true
	}
	for _, wanted := range o.types {
		found := false
		for _, p := range pages {
			if strings.EqualFold(string(p.Type), wanted) {
				chosen[p.Index], found = true, true
			}
		}
		if !found {
			missed = append(missed, fmt.Errorf("%s has no page of type %q, but of %s", name, wanted, listed(types)))
		}
	}
	if err := errors.Join(missed...); err != nil {
		return nil, &notFoundError{err}
	}
	return slices.DeleteFunc(pages, func(p mibitiff.Page) bool {
		if len(o.channels)+len(o.types) == 0 {
			return p.Type != mibitiff.SIMS
		}
		return !chosen[p.Index]
	}), nil
}

// extractedNames are the names of the files of all pages, whichever of them are
// written. A channel's is that of [mibi.FileNames], any other's is its type's.
// Where that is taken, also on systems that do not tell upper case from lower,
// the page's place in the file stands behind it; a channel has no such name.
func extractedNames(pages []mibitiff.Page) []string {
	var labels []string
	for _, p := range pages {
		if p.Type == mibitiff.SIMS {
			labels = append(labels, p.Channel.Label())
		}
	}
	channels := mibi.FileNames(labels)
	// Whatever the case, as for most systems.
	folded := func(name string) string { return strings.ToLower(strings.ToUpper(name)) }
	taken := make(map[string]bool, len(pages))
	for _, name := range channels {
		taken[folded(name)] = true
	}
	names := make([]string, len(pages))
	for i, p := range pages {
		if p.Type == mibitiff.SIMS {
			names[i], channels = channels[0]+".tiff", channels[1:]
			continue
		}
		name := mibi.FileNames([]string{string(p.Type)})[0]
		if taken[folded(name)] {
			name += "%page" + strconv.Itoa(p.Index)
		}
		taken[folded(name)] = true
		if names[i] = name + ".tiff"; isColour(p) {
			names[i] = name + ".png"
		}
	}
	return names
}

// isColour says whether a page is a photograph.
func isColour(p mibitiff.Page) bool { return p.SamplesPerPixel == 3 }

// extractPage writes one page to its file: a photograph as PNG, any other as
// TIFF.
func extractPage(ctx context.Context, file *mibitiff.File, page mibitiff.Page, target string) (downloadReport, error) {
	var fill func(io.Writer) error
	if isColour(page) {
		picture, err := file.ReadRGB(ctx, page.Index)
		if err != nil {
			return downloadReport{}, err
		}
		fill = func(w io.Writer) error { return png.Encode(w, picture) }
	} else {
		plane, err := file.ReadPlane(ctx, page.Index)
		if err != nil {
			return downloadReport{}, err
		}
		fill = func(w io.Writer) error { return mibitiff.WritePicture(w, plane) }
	}
	return fillWhole(target, func(int64) {}, fill)
}
