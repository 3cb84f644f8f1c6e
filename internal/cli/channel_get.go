package cli

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/openmibi/openmibi/mibi"
	"github.com/openmibi/openmibi/mibitiff"
	"github.com/openmibi/openmibi/mibitracker"
)

// channelGet fetches one channel's picture.
type channelGet struct {
	g       *globals
	output  string
	preview previewFlags
}

func newChannelGet(g *globals) *cobra.Command {
	o := channelGet{g: g}
	cmd := &cobra.Command{
		Use:   "get {IMAGE_ID | RUN FOV} NAME",
		Short: "Fetch one channel of an image as a picture, or look at it",
		Long: "Fetch one channel of an image, as the server has it: a grayscale PNG with the\n" +
			"values as they are, or a TIFF where a PNG cannot hold them. NAME matches exactly.\n" +
			"The image is given by its id, or by its run and FOV.\n\n" +
			"Without -o the file is NAME.png or NAME.tiff in the current folder; a name that no\n" +
			"file system takes as it is is written so that it can be read back. The file appears\n" +
			"when it is whole, and replaces what was there.\n\n" +
			"--preview draws it small in the terminal. It writes a file then only with -o.",
		Example: "  mibi channel get 429 CD45\n" +
			"  mibi channel get 20190308_2169_2170 Point4 CD45\n" +
			"  mibi channel get 429 CD45 --preview\n" +
			"  mibi channel get 429 'HLA class 1 A, B, and C' -o hla.png\n" +
			"  mibi channel get 429 CD45 -o - | python3 -c 'import sys; from skimage import io; print(io.imread(sys.stdin.buffer).sum())'",
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) == 2 || len(args) == 3 {
				return nil
			}
			return usage(fmt.Errorf("%s takes IMAGE_ID NAME, or RUN FOV NAME, not %s", cmd.CommandPath(), counted(len(args), "argument")))
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := noEmptyFlags(cmd); err != nil {
				return err
			}
			if err := o.preview.check(cmd); err != nil {
				return err
			}
			return o.run(cmd.Context(), args[:len(args)-1], args[len(args)-1])
		},
	}
	cmd.ValidArgsFunction = completeChannelGet(g)
	cmd.Flags().StringVarP(&o.output, "output", "o", "", "the `file` to write, or a folder for it; - for standard output (default NAME with its extension)")
	o.preview.register(cmd, g, "draw the channel small in the terminal")
	return cmd
}

// run gets a channel of an image: of an id, or of a run and an FOV.
func (o *channelGet) run(ctx context.Context, image []string, name string) error {
	switch {
	case name == "":
		return usage(errors.New("NAME is empty: give a channel's name"))
	case o.output == "-" && o.g.json:
		return usage(errors.New("-o - and --json both want standard output"))
	case o.output == "-" && o.preview.show:
		return usage(errors.New("-o - and --preview both want standard output"))
	}
	return withImageOf(ctx, o.g, image, func(ctx context.Context, client *mibitracker.Client, id int64) error {
		if o.preview.show && o.output == "" {
			return o.look(ctx, client, id, name)
		}
		err := o.fetch(ctx, client, id, name)
		// What broke off where it cannot be continued is fetched from its beginning,
		// unless that was handed out.
		for again := 0; again < mibitracker.DefaultRetries && o.output != "-" && ctx.Err() == nil && errors.Is(err, mibitracker.ErrNoRanges); again++ {
			o.g.logger().WarnContext(ctx, "a channel is fetched once more", "channel", name, "because", err)
			err = o.fetch(ctx, client, id, name)
		}
		return err
	})
}

func (o *channelGet) fetch(ctx context.Context, client *mibitracker.Client, id int64, name string) error {
	stream, err := client.Images.ChannelPlane(ctx, id, name)
	if err != nil {
		return missedChannel(ctx, client, id, name, err)
	}
	defer func() { _ = stream.Close() }()
	if o.output == "-" {
		_, err := io.Copy(o.g.streams.Out, stream)
		return err
	}
	return o.save(ctx, stream, id, name)
}

// look draws the channel and writes no file.
func (o *channelGet) look(ctx context.Context, client *mibitracker.Client, id int64, name string) error {
	plane, err := client.Images.Channel(ctx, id, name)
	if err != nil {
		return missedChannel(ctx, client, id, name, err)
	}
	return o.preview.draw(ctx, plane, name)
}

// lookAt draws what was written.
func (o *channelGet) lookAt(ctx context.Context, path, name string) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }() // it was only read
	info, err := file.Stat()
	if err != nil {
		return err
	}
	plane, err := mibitiff.ReadPicture(ctx, file, info.Size())
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return o.preview.draw(ctx, plane, name)
}

// save writes the stream to its file.
func (o *channelGet) save(ctx context.Context, stream *mibitracker.Stream, id int64, name string) error {
	in := bufio.NewReader(stream)
	start, err := in.Peek(8)
	if err != nil && len(start) == 0 && err != io.EOF {
		return err
	}
	extension := pictureExtension(start)
	target := o.output
	if target == "" {
		target = "."
	}
	if info, err := os.Stat(target); err == nil && info.IsDir() {
		if extension == "" {
			return &mibitracker.UnexpectedAnswerError{
				Reason: fmt.Sprintf("channel %q of image %d came as neither a PNG nor a TIFF: -o FILE writes it as it came", name, id),
			}
		}
		target = filepath.Join(target, mibi.FileNames([]string{name})[0]+extension)
	} else if err == nil && !info.Mode().IsRegular() {
		return usage(fmt.Errorf("-o %s is not a file; -o - writes to standard output", target))
	} else if given := strings.ToLower(filepath.Ext(target)); extension == ".tiff" && given == ".png" || extension == ".png" && (given == ".tif" || given == ".tiff") {
		o.g.warn(fmt.Sprintf("channel %q came as %s, and %s is named otherwise", name, strings.ToUpper(extension[1:]), target))
	}
	progress := o.g.progress(name)
	done, err := writeWhole(target, in, func(n int64) { progress.update(n, stream.Size) })
	progress.end()
	if err != nil {
		return err
	}
	if o.g.json {
		return o.g.printJSON(done)
	}
	o.g.note("Wrote %s (%d bytes).", done.Path, done.Size)
	if o.preview.show {
		return o.lookAt(ctx, done.Path, name)
	}
	return nil
}

// pictureExtension tells a PNG and a TIFF by their first bytes.
func pictureExtension(start []byte) string {
	switch {
	case bytes.HasPrefix(start, []byte("\x89PNG\r\n\x1a\n")):
		return ".png"
	case bytes.HasPrefix(start, []byte("II*\x00")), bytes.HasPrefix(start, []byte("MM\x00*")),
		bytes.HasPrefix(start, []byte("II+\x00")), bytes.HasPrefix(start, []byte("MM\x00+")):
		return ".tiff"
	}
	return ""
}

// missedChannel says what else there is where a channel is not.
func missedChannel(ctx context.Context, client *mibitracker.Client, id int64, name string, err error) error {
	var unexpected *mibitracker.UnexpectedAnswerError
	if !errors.As(err, &unexpected) || !errors.Is(err, mibitracker.ErrNotFound) {
		return err
	}
	if len(unexpected.Found) == 0 {
		image, gone := client.Images.Get(ctx, id)
		if gone != nil {
			return gone // it is the image that is not there
		}
		return &mibitracker.UnexpectedAnswerError{
			Reason: fmt.Sprintf("image %d has no channels; its status: %s", id, statusText(image.Status)), NotOne: true,
		}
	}
	return &mibitracker.UnexpectedAnswerError{
		Reason: fmt.Sprintf("image %d has no channel %q%s; mibi image channels %d lists all %d",
			id, name, proposal(name, unexpected.Found, strconv.Quote), id, len(unexpected.Found)),
		NotOne: true,
	}
}
