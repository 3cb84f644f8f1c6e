package cli

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/openmibi/openmibi/internal/pixels"
	"github.com/openmibi/openmibi/mibitiff"
	"github.com/openmibi/openmibi/mibitracker"
)

// demoReport is what `mibi demo --json` ends with: the channels as the client
// read them from the server.
type demoReport struct {
	URL      string        `json:"url"`
	Run      string        `json:"run"` // its label
	ImageID  int64         `json:"image_id"`
	Channels []demoChannel `json:"channels"`
}

// demoChannel is one channel that came back.
type demoChannel struct {
	Target string  `json:"target"`
	Mass   int     `json:"mass"`
	Sum    float64 `json:"sum"`
	SHA256 string  `json:"sha256"` // of the little-endian samples in row order
}

// steps prints what was done, with the time that each step took.
type steps struct {
	out         io.Writer
	start, last time.Time
}

func (s *steps) done(format string, args ...any) {
	now := time.Now()
	if s.last.IsZero() {
		s.last = s.start
	}
	_, _ = fmt.Fprintf(s.out, "%8.3f s  %s\n", now.Sub(s.last).Seconds(), fmt.Sprintf(format, args...))
	s.last = now
}

// progress is where the steps go: standard output is the result's with --json.
func (o *demo) progress() io.Writer {
	switch {
	case o.g.quiet:
		return io.Discard
	case o.g.json:
		return o.g.streams.Err
	}
	return o.g.streams.Out
}

// quietLogger keeps the demo's own steps readable: only what is wrong is logged.
func quietLogger(g *globals) *slog.Logger {
	return g.loggerAt(slog.LevelWarn)
}

// walk does the main job against a server, as a client anywhere would.
func (o *demo) walk(ctx context.Context, s *steps, url, email, password, work string) (r demoReport, err error) {
	xml, tiff := o.xml, o.tiff
	if xml == "" {
		if xml, tiff, err = makeFOV(work); err != nil {
			return r, err
		}
		s.done("Made an FOV of 1024 x 1024 pixels and 40 channels")
	}
	local, err := mibitiff.OpenFile(tiff)
	if err != nil {
		return r, err // it names the file
	}
	defer func() { _ = local.Close() }()

	client, err := mibitracker.New(url, mibitracker.WithPassword(email, password))
	if err != nil {
		return r, err
	}
	if err := client.Login(ctx); err != nil {
		return r, err
	}
	s.done("Logged in as %s", email)

	run, err := createRun(ctx, client, xml)
	if err != nil {
		return r, err
	}
	s.done("Created run %s, FOVs: %d", run.Label, len(run.ImageSet.Images))

	source, err := mibitracker.FromFile(tiff)
	if err != nil {
		return r, err
	}
	if _, err := client.Uploads.MIBItiff(ctx, run.ID, source); err != nil {
		return r, fmt.Errorf("push %s: %w", tiff, err)
	}
	s.done("Pushed %s (%.1f MB)", filepath.Base(tiff), float64(source.Size)/1e6)

	id, err := imageOf(run, local)
	if err != nil {
		return r, fmt.Errorf("%s: %w", tiff, err)
	}
	image, err := client.Images.WaitAvailable(ctx, id, "")
	if err != nil {
		return r, err
	}
	s.done("Image %d is available, with %d channels", image.ID, len(image.SIMSChannels))

	served, err := client.Images.Open(ctx, id)
	if err != nil {
		return r, err
	}
	defer func() { _ = served.Close() }()
	r = demoReport{URL: url, Run: run.Label, ImageID: image.ID}
	if r.Channels, err = compare(ctx, client, image.ID, local, served.File); err != nil {
		return r, err
	}
	s.done("Read %d channels back by ranges, and as pictures, and compared them", len(r.Channels))
	return r, nil
}

// createRun creates the run of an XML, labelled by its name. A label that is
// taken, as in a folder of earlier demos, gets a suffix.
func createRun(ctx context.Context, client *mibitracker.Client, xml string) (*mibitracker.Run, error) {
	instruments, err := client.Instruments.List(ctx, mibitracker.ListOptions{Limit: 1, Ordering: "id"})
	if err != nil {
		return nil, err
	}
	if len(instruments.Results) == 0 {
		return nil, errors.New("the server has no instrument to make a run on")
	}
	source, err := mibitracker.FromFile(xml)
	if err != nil {
		return nil, err
	}
	run := mibitracker.NewRun{
		XML: source, Label: strings.TrimSuffix(filepath.Base(xml), filepath.Ext(xml)), Instrument: instruments.Results[0].ID,
	}
	created, err := client.Runs.Create(ctx, run)
	var refused *mibitracker.APIError
	if errors.As(err, &refused) && refused.Fields["label"] != nil {
		run.Label += "-" + strings.ToLower(shortID())
		created, err = client.Runs.Create(ctx, run)
	}
	if err != nil {
		return nil, fmt.Errorf("create the run of %s: %w", xml, err)
	}
	return created, nil
}

// imageOf finds the image of a run that a TIFF is for, by its folder.
func imageOf(run *mibitracker.Run, tiff *mibitiff.File) (int64, error) {
	meta := tiff.Metadata()
	folder := meta.Folder.String()
	for _, image := range run.ImageSet.Images {
		if image.Folder == folder {
			return image.ID, nil
		}
	}
	return 0, fmt.Errorf("the TIFF is of folder %q, which run %s does not have", folder, run.Label)
}

// compare reads every channel from the server, in both forms that it serves,
// and compares all samples with those of the local file.
func compare(ctx context.Context, client *mibitracker.Client, image int64, local, served *mibitiff.File) ([]demoChannel, error) {
	pages, remote := simsPages(local), simsPages(served)
	if len(pages) != len(remote) {
		return nil, fmt.Errorf("pushed %d channels, the server has %d", len(pages), len(remote))
	}
	out := make([]demoChannel, len(pages))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(2) // two planes of each kind in memory at once
	for i, page := range pages {
		group.Go(func() error {
			want, err := local.ReadPlane(ctx, page.Index)
			if err != nil {
				return fmt.Errorf("channel %s of the file: %w", page.Channel.Label(), err)
			}
			got, err := served.ReadPlane(ctx, remote[i].Index)
			if err != nil {
				return fmt.Errorf("channel %s of the server: %w", page.Channel.Label(), err)
			}
			if remote[i].Channel != page.Channel || !got.Equal(want) {
				return fmt.Errorf("channel %s came back changed", page.Channel.Label())
			}
			if err := comparePicture(ctx, client, image, page.Channel.Label(), want); err != nil {
				return err
			}
			sum := got.SHA256()
			out[i] = demoChannel{Target: page.Channel.Target, Mass: page.Channel.Mass, Sum: got.Stats().Sum, SHA256: hex.EncodeToString(sum[:])}
			return nil
		})
	}
	return out, group.Wait()
}

func simsPages(f *mibitiff.File) []mibitiff.Page {
	var out []mibitiff.Page
	for _, p := range f.Pages() {
		if p.Type == mibitiff.SIMS {
			out = append(out, p)
		}
	}
	return out
}

// comparePicture fetches what the server shows of a channel. Where that is a
// PNG its values are those of the plane; only its type may be smaller.
func comparePicture(ctx context.Context, client *mibitracker.Client, image int64, channel string, want mibitiff.Plane) error {
	stream, err := client.Images.ChannelPlane(ctx, image, channel)
	if err != nil {
		return err
	}
	defer func() { _ = stream.Close() }()
	if stream.ContentType != "image/png" {
		if want.IntegerRange() != 0 {
			return fmt.Errorf("channel %s fits a PNG, and came as %s", channel, stream.ContentType)
		}
		_, err := io.Copy(io.Discard, stream)
		return err
	}
	got, err := pixels.DecodePNG(stream, want.Len())
	if err != nil {
		return fmt.Errorf("the picture of channel %s: %w", channel, err)
	}
	if got.Width() != want.Width() || got.Height() != want.Height() {
		return fmt.Errorf("the picture of channel %s is %d x %d", channel, got.Width(), got.Height())
	}
	if same, err := got.Convert(want.DType()); err == nil && same.Equal(want) {
		return nil
	}
	for y := range want.Height() { // where do they differ, if not in the sign of a zero?
		for x := range want.Width() {
			if got.At(x, y) != want.At(x, y) {
				return fmt.Errorf("the picture of channel %s differs at column %d, row %d", channel, x, y)
			}
		}
	}
	return nil
}
