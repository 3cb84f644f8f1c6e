package transfer

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/openmibi/openmibi/mibitiff"
	"github.com/openmibi/openmibi/mibitracker"
)

// byRanges reads the channels that are wanted, and not here, out of an image's
// TIFF on the server. Of those that the TIFF has not, and that the server lists,
// it fetches the pictures. Storage without ranges is ErrNoRanges, of what was
// not here before then.
func (p *puller) byRanges(ctx context.Context, f *PullFOV) error {
	remote, err := p.client.Files.OpenAt(ctx, f.image.where)
	if err != nil {
		return err
	}
	kept := &keptReader{remote: remote, slots: p.ranging}
	defer func() { _ = kept.close() }()
	// How much to read ahead is the remote file's to know.
	file, err := mibitiff.Open(kept, remote.Size(), mibitiff.WithReadAhead(1))
	if err != nil {
		return err
	}
	pages, err := p.channelPages(f, file)
	if err != nil {
		return err
	}
	if err := p.makeChannelFolder(f); err != nil {
		return err
	}
	version := f.image.version(remote.ETag())
	todo := map[int]channelPage{}
	var order []int
	for _, page := range pages {
		if done, err := p.wasWhole(ctx, f, page.path, madeOf(version)); err != nil {
			return err
		} else if !done {
			todo[page.index] = page
			order = append(order, page.index)
		}
	}
	if len(order) > 0 {
		kept.open(rangesPath(p.dir, f.ImageID))
	}
	told := false
	var moved int64
	err = file.CopyPages(ctx, order, func(i int, page io.WriterTo) error {
		c := todo[i]
		err := p.writeChannel(f, c.channel, c.path, version, ByZlib, func(w io.Writer) error {
			n, err := page.WriteTo(w)
			moved += n
			return err
		})
		switch {
		case err == nil:
			p.tell(Event{Kind: Moved, FOV: f.FOV, ImageID: f.ImageID, Path: f.Path, Moved: moved, Total: -1})
			return nil
		case ctx.Err() != nil, errors.Is(err, mibitracker.ErrNoRanges), errors.Is(err, mibitracker.ErrChanged), endsAll(err):
			return err
		}
		told = true
		p.failed(f, "", fmt.Errorf("channel %s: %w", quoteName(c.channel), err))
		return nil
	})
	p.moved(moved)
	syncFolder(f.Path)
	if err != nil {
		return err
	}
	// Also where a page is broken: it may be what was kept of it.
	kept.forget()
	if err := p.byPictures(ctx, f, missingFrom(f.Channels, pages)); err != nil {
		return err
	}
	if told {
		return errTold
	}
	return nil
}

// missingFrom are the channels that are no pages.
func missingFrom(channels []string, pages []channelPage) []string {
	return slices.DeleteFunc(slices.Clone(channels), func(channel string) bool {
		return slices.ContainsFunc(pages, func(c channelPage) bool { return c.channel == channel })
	})
}

// version is what a file's version is called: by the hash of its content where
// the storage's tag is one.
func (i *pullImage) version(etag string) string {
	if tag := strings.ToLower(strings.Trim(etag, `"`)); isSHA256(tag) {
		return tag
	}
	if i.sha256 != "" {
		return i.sha256
	}
	return etag
}
