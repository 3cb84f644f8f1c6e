package cli

import (
	"context"
	"net/url"
	"slices"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/openmibi/openmibi/mibitracker"
)

// completeRun proposes the labels of runs, newest first.
func completeRun(g *globals) cobra.CompletionFunc {
	// Runs come with all their images, which cost time to send and to read.
	const page = 25
	type run struct {
		Label string `json:"label"`
		Name  string `json:"name"`
		Date  string `json:"run_date"`
	}
	return g.complete(func(ctx context.Context, client *mibitracker.Client, p *proposals) error {
		for offset := 0; ; offset += page {
			var runs mibitracker.Page[run]
			query := url.Values{"limit": {strconv.Itoa(page)}, "offset": {strconv.Itoa(offset)}}
			if err := client.JSON(ctx, mibitracker.Request{Route: "/runs/", Query: query}, &runs); err != nil {
				return err
			}
			for _, r := range runs.Results {
				if !p.add(r.Label, r.Name, r.Date) {
					return nil
				}
			}
			if runs.Next == "" || len(runs.Results) == 0 {
				return nil
			}
		}
	})
}

// completeFOV proposes the FOVs of the run that the line names.
func completeFOV(g *globals) cobra.CompletionFunc {
	return g.complete(func(ctx context.Context, client *mibitracker.Client, p *proposals) error {
		images, err := p.runImages(ctx, client)
		given := p.flags("fov")
		for i := range images {
			number := fov(&images[i])
			if !slices.Contains(given, number) && !p.add(number, images[i].Point, statusText(images[i].Status)) {
				break
			}
		}
		return err
	})
}

// completeChannel proposes the names of channels: of the image that the line
// names, or of the run, and there of its FOVs that are named, or of all.
func completeChannel(g *globals) cobra.CompletionFunc {
	return g.complete(func(ctx context.Context, client *mibitracker.Client, p *proposals) error {
		given := p.flags("channel")
		if id, ok := parseID(p.argument("IMAGE_ID")); ok {
			names, err := client.Images.Channels(ctx, id)
			p.addNames(names, given)
			return err
		}
		images, err := p.runImages(ctx, client)
		fovs := p.flags("fov")
		for i := range images {
			if len(fovs) == 0 || slices.Contains(fovs, fov(&images[i])) {
				p.addNames(images[i].PNGs, given)
			}
		}
		return err
	})
}

func (p *proposals) addNames(names, but []string) {
	for _, name := range names {
		if !slices.Contains(but, name) && !p.add(name) {
			return
		}
	}
}

// runImages are the images of the run that the line names.
func (p *proposals) runImages(ctx context.Context, client *mibitracker.Client) ([]mibitracker.Image, error) {
	text := p.flag("run")
	if text == "" {
		text = p.argument("RUN", "OLD_LABEL")
	}
	if text == "" {
		return nil, nil
	}
	return imagesOf(ctx, client, text)
}

// imagesOf are the images of a run.
func imagesOf(ctx context.Context, client *mibitracker.Client, text string) ([]mibitracker.Image, error) {
	run, err := client.Runs.Find(ctx, text)
	if err == nil && run.ImageSet == nil { // a list may give less
		run, err = client.Runs.Get(ctx, run.ID)
	}
	if err != nil || run.ImageSet == nil {
		return nil, err
	}
	return run.ImageSet.Images, nil
}
