package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/openmibi/openmibi/mibi"
	"github.com/openmibi/openmibi/mibitiff"
)

// tiffInfo tells what a MIBItiff holds.
type tiffInfo struct {
	g        *globals
	stats    bool
	preview  previewFlags
	channels []string // to draw
}

// infoReport is what `mibi tiff info --json` prints.
type infoReport struct {
	Metadata infoMetadata `json:"metadata"`
	Date     *string      `json:"date"` // of tag 306: a local time without a zone
	Pages    []infoPage   `json:"pages"`
}

// infoPage is a page of it, in the file's order.
type infoPage struct {
	Type   string  `json:"type"`
	Mass   *int    `json:"mass"` // in Da; as the target of SIMS pages alone
	Target *string `json:"target"`
	Width  int     `json:"width"` // in pixels
	Height int     `json:"height"`
	DType  *string `json:"dtype"` // null where it cannot be read
	*infoStats
}

// infoStats are of all values of a page but those that are no numbers.
type infoStats struct {
	Sum     number `json:"sum"`
	Max     number `json:"max"`
	NonZero int    `json:"nonzero"`
	NaN     int    `json:"nan,omitempty"`
}

// infoMetadata is metadata as the JSON of the file has it.
type infoMetadata mibi.Metadata

// MarshalJSON keeps the order of the file.
func (m infoMetadata) MarshalJSON() ([]byte, error) {
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	separator := byte('{')
	for key, value := range mibi.Metadata(m).All() {
		out.WriteByte(separator)
		separator = ','
		if err := enc.Encode(key); err != nil {
			return nil, err
		}
		out.WriteByte(':')
		if err := enc.Encode(value); err != nil {
			return nil, err
		}
	}
	out.WriteByte('}')
	return out.Bytes(), nil
}

func newTIFFInfo(g *globals) *cobra.Command {
	o := tiffInfo{g: g}
	cmd := &cobra.Command{
		Use:   "info FILE|URL",
		Short: "Show a MIBItiff's metadata and pages",
		Long: "Show what a MIBItiff says about its image, and its pages. Nothing is decoded for\n" +
			"it, unless --stats asks for the sum, the maximum and the number of non-zero values\n" +
			"of each page. --preview draws a channel small in the terminal: the first one, or\n" +
			"those that --channel names.",
		Example: "  mibi tiff info fov1.tiff\n" +
			"  mibi tiff info fov1.tiff --preview --channel CD45\n" +
			"  mibi tiff info fov1.tiff --stats --jq '.pages[] | [.target, .sum] | @tsv'",
		Args: exactArgs("FILE|URL"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := o.check(cmd); err != nil {
				return err
			}
			return o.run(cmd.Context(), args[0])
		},
	}
	cmd.Flags().BoolVar(&o.stats, "stats", false, "decode all pages for sum, maximum and non-zero values")
	o.preview.register(cmd, g, "draw a channel small in the terminal")
	cmd.Flags().StringArrayVar(&o.channels, "channel", nil, "the `name` or mass of a channel to draw, as often as needed (default the first one)")
	return cmd
}

func (o *tiffInfo) check(cmd *cobra.Command) error {
	switch {
	case slices.Contains(o.channels, ""):
		return usage(errors.New("--channel is empty"))
	case len(o.channels) > 0 && !o.preview.show:
		return usage(errors.New("--channel is of a --preview"))
	}
	return o.preview.check(cmd)
}

func (o *tiffInfo) run(ctx context.Context, where string) error {
	return withTIFF(ctx, o.g, where, func(file *mibitiff.File, name string) error {
		meta := file.Metadata()
		report := infoReport{Metadata: infoMetadata(meta), Pages: []infoPage{}}
		if !meta.Date.IsZero() {
			date := meta.Date.Format("2006-01-02T15:04:05")
			report.Date = &date
		}
		pages := file.Pages()
		for _, p := range pages {
			n := nameOfPage(p)
			page := infoPage{Type: string(p.Type), Mass: n.Mass, Target: n.Target, Width: p.Width, Height: p.Height}
			if p.DType != 0 {
				dtype := p.DType.String()
				page.DType = &dtype
			}
			report.Pages = append(report.Pages, page)
		}
		if o.stats {
			if err := o.addStats(ctx, file, name, pages, report.Pages); err != nil {
				return err
			}
		}
		if o.g.json {
			return o.g.printJSON(report)
		}
		// What is not there is told before anything is shown.
		drawn, err := o.chosen(file, name)
		if err != nil {
			return err
		}
		if err := o.print(report); err != nil {
			return err
		}
		return o.drawAll(ctx, file, name, drawn)
	})
}

func (o *tiffInfo) addStats(ctx context.Context, file *mibitiff.File, name string, pages []mibitiff.Page, to []infoPage) error {
	var readable []mibitiff.Page
	for _, p := range pages {
		if p.DType == 0 {
			o.g.warn(unread(name, p).Error())
			continue
		}
		if p.SamplesPerPixel != 1 {
			continue // a photograph
		}
		readable = append(readable, p)
	}
	failed := eachPlane(ctx, file, readable, func(i int, plane mibitiff.Plane) error {
		s := plane.Stats()
		to[readable[i].Index].infoStats = &infoStats{Sum: number(s.Sum), Max: number(s.Max), NonZero: s.NonZero, NaN: s.NaN}
		return nil
	})
	if err := errors.Join(failed...); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

// print shows the metadata that is given, and then the pages.
func (o *tiffInfo) print(report infoReport) error {
	t := newTable(o.g.streams.Out)
	for key, value := range mibi.Metadata(report.Metadata).All() {
		if !value.IsZero() {
			t.field(strings.TrimPrefix(key, "mibi."), value.String())
		}
	}
	if report.Date != nil {
		t.field("date", *report.Date)
	}
	if t.width > 0 {
		t.row("")
	}
	if err := t.print(); err != nil {
		return err
	}
	t = newTable(o.g.streams.Out)
	heads := []string{"PAGE", "TYPE", "MASS", "TARGET", "WIDTH", "HEIGHT", "DTYPE"}
	if o.stats {
		heads = append(heads, "SUM", "MAX", "NONZERO")
	}
	t.head(heads...)
	for i, p := range report.Pages {
		cells := []any{i, p.Type, p.Mass, p.Target, p.Width, p.Height, p.DType}
		switch {
		case o.stats && p.infoStats != nil:
			cells = append(cells, float64(p.Sum), float64(p.Max), p.NonZero)
		case o.stats:
			cells = append(cells, nil, nil, nil)
		}
		t.row(cells...)
	}
	return t.print()
}
