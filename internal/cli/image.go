package cli

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/openmibi/openmibi/mibitracker"
)

func newImage(g *globals) *cobra.Command {
	cmd := &cobra.Command{
		Use: "image", Short: "Find, show and change images (FOVs)", Args: noArgs, RunE: showHelp,
		Long: "Find, show and change images: the FOVs of runs.\n\n" +
			"ID is an image's number on the server; mibi image id finds it by run and FOV.",
	}
	cmd.AddCommand(newImageList(g), newImageView(g), newImageID(g), newImageConjugates(g), newImageChannels(g), newImageSetFields(g),
		newImageTable(g), newImageApply(g))
	return cmd
}

// status is an image's status: its code in the API, what it is called here, and
// other words that a person may give for it.
type status struct {
	code, text string
	words      []string
}

func statuses() []status {
	return []status{
		{"A", "available", nil},
		{"U", "no TIFF yet", []string{"unavailable"}},
		{"E", "processing error", []string{"error"}},
		{"M", "check mass calibration", []string{"mass"}},
		{"S", "check scan alignment", []string{"scan"}},
	}
}

// statusText spells codes out. A code that is not known stays as it is.
func statusText(codes []string) string {
	texts := slices.Clone(codes)
	for i, code := range codes {
		for _, s := range statuses() {
			if s.code == code {
				texts[i] = s.text
			}
		}
	}
	return strings.Join(texts, ", ")
}

// statusCode reads a status in any of its forms. A letter that is not known
// may be one of the server's.
func statusCode(text string) (string, error) {
	var known []string
	for _, s := range statuses() {
		if strings.EqualFold(text, s.code) || strings.EqualFold(text, s.text) ||
			slices.ContainsFunc(s.words, func(w string) bool { return strings.EqualFold(text, w) }) {
			return s.code, nil
		}
		known = append(known, fmt.Sprintf("%s (%s)", s.code, s.text))
	}
	if len(text) == 1 && strings.ToUpper(text) >= "A" && strings.ToUpper(text) <= "Z" {
		return strings.ToUpper(text), nil
	}
	return "", usage(fmt.Errorf("--status %q is none of %s", text, strings.Join(known, ", ")))
}

// imageListing prints images, wherever they come from.
func imageListing(g *globals, limit uint) listing[mibitracker.Image] {
	return listing[mibitracker.Image]{
		g: g, limit: limit,
		heads: []string{"ID", "RUN", "FOV", "POINT", "STATUS", "TISSUE", "CHANNELS"},
		cells: func(i *mibitracker.Image) []any {
			return []any{i.ID, runLabel(i), fov(i), i.Point, statusText(i.Status), tissueName(i), channelCount(i)}
		},
	}
}

// fov is the image's number, which older backends may leave to its folder.
func fov(i *mibitracker.Image) string {
	if i.Number != "" {
		return i.Number
	}
	number, _, _ := strings.Cut(i.Folder, "/")
	return number
}

func runLabel(i *mibitracker.Image) string {
	if i.Run == nil {
		return ""
	}
	return nameOrID(i.Run.Label, i.Run.ID)
}

// tissueName is the tissue of an image, or else that of its section.
func tissueName(i *mibitracker.Image) string {
	tissue := i.Tissue
	if tissue == nil && i.Section != nil {
		tissue = i.Section.Tissue
	}
	if tissue == nil {
		return i.FormattedTissue
	}
	return tissueText(tissue)
}

// tissueText is "ORGAN SUBSITE [DIAGNOSIS]" without what is empty of it.
func tissueText(tissue *mibitracker.Tissue) string {
	switch {
	case tissue == nil:
		return ""
	case tissue.Organ == "":
		return nameOrID(tissue.Name, tissue.ID)
	}
	name := tissue.Organ
	if tissue.Subsite != "" {
		name += " " + tissue.Subsite
	}
	if tissue.Diagnosis != "" {
		name += " [" + tissue.Diagnosis + "]"
	}
	return name
}

// channelCount is how many channels can be viewed.
func channelCount(i *mibitracker.Image) int {
	return max(len(i.SIMSChannels)+len(i.ExtraChannels), len(i.PNGs))
}
