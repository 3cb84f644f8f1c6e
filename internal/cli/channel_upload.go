package cli

import (
	"context"
	"encoding/json"
	"errors"
	"path"
	"strings"

	"github.com/spf13/cobra"

	"github.com/openmibi/openmibi/mibitracker"
)

// channelUpload uploads a picture as a channel.
type channelUpload struct {
	g    *globals
	name string
}

// uploadedChannel is what `mibi channel upload --json` prints.
type uploadedChannel struct {
	ImageID int64  `json:"image_id"`
	Channel string `json:"channel"`
	// Answer is what the server said: its JSON, or another text; null for nothing.
	Answer any `json:"answer"`
}

func newChannelUpload(g *globals) *cobra.Command {
	o := channelUpload{g: g}
	cmd := &cobra.Command{
		Use:   "upload IMAGE_ID FILE",
		Short: "Upload a picture as a channel of an image",
		Long: "Upload a grayscale PNG or TIFF as a channel of an image, such as a segmentation.\n" +
			"It has the image's rows and columns. The channel's name is the file's without\n" +
			"its extension; a channel of that name that was uploaded before is replaced.",
		Example: "  mibi channel upload 429 cell_boundaries.png\n" +
			"  mibi channel upload 429 out/seg.tiff --name 'nuclei/2.tiff'",
		Args: exactArgs("IMAGE_ID", "FILE"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := noEmptyFlags(cmd); err != nil {
				return err
			}
			return o.run(cmd.Context(), args[0], args[1])
		},
	}
	cmd.Flags().StringVar(&o.name, "name", "", "the channel's `name` with the file's extension, such as nuclei.png")
	addBandwidthFlag(cmd, g)
	return cmd
}

func (o *channelUpload) run(ctx context.Context, idText, file string) error {
	source, err := mibitracker.FromFile(file)
	if err != nil {
		return given(err)
	}
	if o.name != "" {
		source.Name = o.name
	}
	return withImage(ctx, o.g, idText, func(ctx context.Context, client *mibitracker.Client, id int64) error {
		done, err := client.Uploads.Channel(ctx, id, source)
		var kind *mibitracker.FileTypeError
		if errors.As(err, &kind) {
			return usage(err)
		}
		if err != nil {
			return err
		}
		return o.report(done, id, source.Name)
	})
}

// report prints the server's answer, in which not every backend says what it
// made.
func (o *channelUpload) report(done *mibitracker.ChannelUpload, id int64, name string) error {
	out := uploadedChannel{ImageID: done.ImageID, Channel: done.Channel}
	if out.ImageID == 0 {
		out.ImageID = id
	}
	if out.Channel == "" {
		out.Channel = strings.TrimSuffix(name, path.Ext(name))
	}
	text := strings.TrimSpace(string(done.Answer))
	if json.Valid([]byte(text)) {
		out.Answer = json.RawMessage(text)
	} else if text != "" {
		out.Answer = text
	}
	return o.g.report(out, func(t *table) {
		t.field("Image", out.ImageID)
		t.field("Channel", out.Channel)
		if done.Channel == "" && text != "" {
			t.field("Answer", text)
		}
	})
}
