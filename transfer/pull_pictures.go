package transfer

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"

	"github.com/openmibi/openmibi/mibitiff"
)

// maxPicture is how many bytes a picture's samples may take; one is decoded at a
// time. It is what 8192×8192 pixels of 16 bits take.
const maxPicture = 128 << 20

// byPictures fetches the pictures that the server makes of channels, and writes
// them as TIFFs: of channels that were uploaded, and of all where the storage
// serves no ranges. A picture keeps the values; its type may be a smaller one.
func (p *puller) byPictures(ctx context.Context, f *PullFOV, channels []string) error {
	if len(channels) == 0 {
		return nil
	}
	if err := p.makeChannelFolder(f); err != nil {
		return err
	}
	names := fileNames(p.channelSet(f.image, p.journal.known))
	folder, told := p.channelFolder(f.image), false
	for _, channel := range channels {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		path := folder + "/" + names[channel]
		if done, err := p.wasWhole(ctx, f, path, nil); err != nil {
			return err
		} else if done {
			continue
		}
		err := p.picture(ctx, f, channel, path)
		switch {
		case err == nil:
		case ctx.Err() != nil, endsAll(err):
			return err
		default:
			told = true
			p.failed(f, "", fmt.Errorf("channel %s: %w", quoteName(channel), err))
		}
	}
	if told {
		return errTold
	}
	return nil
}

// picture fetches one picture to a file of the state's folder, and writes it as
// a TIFF.
func (p *puller) picture(ctx context.Context, f *PullFOV, channel, path string) error {
	temp, size, err := p.fetchPicture(ctx, f, channel)
	if err != nil {
		return err
	}
	defer func() { _, _ = temp.Close(), os.Remove(temp.Name()) }()
	// An uploaded channel is of no version of the TIFF.
	version := ""
	if slices.Contains(f.image.sims, channel) {
		version = f.image.sha256
	}
	select {
	case p.decode <- struct{}{}:
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	defer func() { <-p.decode }()
	picture, err := mibitiff.OpenPicture(temp, size, mibitiff.WithMaxPageBytes(maxPicture))
	if err != nil {
		return err
	}
	plane, err := picture.Read(ctx)
	if err != nil {
		return err
	}
	if err := p.writeChannel(f, channel, path, version, ByPicture, func(w io.Writer) error { return mibitiff.WritePicture(w, plane) }); err != nil {
		return err
	}
	p.moved(size)
	return nil
}

// fetchPicture streams a picture to a file.
func (p *puller) fetchPicture(ctx context.Context, f *PullFOV, channel string) (_ *os.File, size int64, err error) {
	stream, err := p.client.Images.ChannelPlane(ctx, f.ImageID, channel)
	if err != nil {
		return nil, 0, err
	}
	defer func() { _ = stream.Close() }()
	name := filepath.Join(p.dir, stateFolder, "."+rand.Text()+partExtension)
	temp, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return nil, 0, err
	}
	// What is no picture of a channel may go on for ever.
	size, err = io.Copy(temp, io.LimitReader(stream, 2*maxPicture))
	if err == nil && size == 2*maxPicture {
		err = errors.New("its picture is too large")
	}
	if err != nil {
		return nil, 0, errors.Join(err, temp.Close(), os.Remove(name))
	}
	return temp, size, nil
}
