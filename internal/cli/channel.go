package cli

import (
	"github.com/spf13/cobra"
)

func newChannel(g *globals) *cobra.Command {
	cmd := &cobra.Command{
		Use: "channel", Short: "Get and upload single channels of images", Args: noArgs, RunE: showHelp,
		Long: "Get and upload single channels of images, as grayscale pictures.\n\n" +
			"IMAGE_ID is an image's number on the server; mibi image id finds it by run and\n" +
			"FOV, and mibi channel get takes those as well. mibi image channels lists an\n" +
			"image's channels.",
	}
	cmd.AddCommand(newChannelGet(g), newChannelUpload(g))
	return cmd
}
