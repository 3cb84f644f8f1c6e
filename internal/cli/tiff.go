package cli

import (
	"context"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/openmibi/openmibi/mibitiff"
)

func newTIFF(g *globals) *cobra.Command {
	cmd := &cobra.Command{
		Use: "tiff", Short: "Look into MIBItiff files, here or at a URL, check and make them", Args: noArgs, RunE: showHelp,
		Long: "Look into MIBItiff files, check them against the format, and make them of single\n" +
			"channels. FILE is one here. URL is one on any server that serves ranges, such as a\n" +
			"signed link: only what is needed of it is fetched, and no login is sent to it.",
	}
	cmd.AddCommand(newTIFFInfo(g), newTIFFHash(g), newTIFFExtract(g), newTIFFJoin(g), newTIFFCheck(g))
	return cmd
}

// withTIFF opens a MIBItiff for do, which also gets the name that errors give
// it: a URL's without its signature.
func withTIFF(ctx context.Context, g *globals, where string, do func(file *mibitiff.File, name string) error) error {
	return withBytes(ctx, g, where, func(r io.ReaderAt, size int64, name string, opts ...mibitiff.Option) error {
		file, err := mibitiff.Open(r, size, opts...)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		return do(file, name)
	})
}
