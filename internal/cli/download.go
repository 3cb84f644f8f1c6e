package cli

import (
	"context"
	"errors"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/openmibi/openmibi/mibitracker"
)

// download brings one file from the server's storage.
type download struct {
	g      *globals
	output string
}

// downloadReport is what `mibi download --json` prints.
type downloadReport struct {
	Path   string `json:"path"`
	Size   int64  `json:"size"`   // in bytes
	SHA256 string `json:"sha256"` // of the content
}

func newDownload(g *globals) *cobra.Command {
	o := download{g: g}
	cmd := &cobra.Command{
		Use:   "download PATH",
		Short: "Download a file from the server's storage",
		Long: "Download a file from the server's storage. PATH is one in storage, such as\n" +
			"RUN_PATH/FOLDER/summed_image.tiff, where mibi run view and mibi image view tell\n" +
			"the run's path and the image's folder.\n\n" +
			"The file appears under its name when it is whole, and replaces what was there.\n" +
			"A download that was interrupted goes on where it ended.",
		Example: "  mibi download 20190308_2169-92a8e5d5/20190308_2169.xml\n" +
			"  mibi download 20190308_2169-92a8e5d5/Point1/RowNumber0/Depth_Profile0/summed_image.tiff -o point1.tiff --bwlimit 2M",
		Args: exactArgs("PATH"),
		RunE: func(cmd *cobra.Command, args []string) error { return o.run(cmd.Context(), args[0]) },
	}
	cmd.Flags().StringVarP(&o.output, "output", "o", ".", "the `file` to write, or a folder for it; - for standard output")
	addBandwidthFlag(cmd, g)
	return cmd
}

func (o *download) run(ctx context.Context, path string) error {
	switch {
	case o.output == "":
		return usage(errors.New("-o names no file"))
	case o.output == "-" && o.g.json:
		return usage(errors.New("-o - and --json both want standard output"))
	}
	client, _, err := o.g.client(ctx)
	if err != nil {
		return err
	}
	if o.output == "-" {
		return o.stream(ctx, client, path)
	}
	progress := o.g.progress(path[strings.LastIndexByte(path, '/')+1:])
	done, err := client.Files.Download(ctx, path, o.output, mibitracker.WithProgress(progress.update))
	progress.end()
	var name *mibitracker.NameError
	if errors.As(err, &name) {
		return usage(err)
	}
	if err != nil {
		return err
	}
	if o.g.json {
		return o.g.printJSON(downloadReport{Path: done.Path, Size: done.Size, SHA256: done.SHA256})
	}
	if done.Resumed > 0 {
		o.g.note("Went on after the %d bytes that an earlier download had left.", done.Resumed)
	}
	o.g.note("Wrote %s (%d bytes).", done.Path, done.Size)
	return nil
}

// stream writes the file to standard output. What breaks off for good is an
// error, so that a pipeline can tell.
func (o *download) stream(ctx context.Context, client *mibitracker.Client, path string) error {
	s, err := client.Files.Open(ctx, path)
	if err != nil {
		return err
	}
	defer func() { _ = s.Close() }()
	_, err = io.Copy(o.g.streams.Out, s)
	return err
}
