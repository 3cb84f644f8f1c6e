package transfer

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"

	"github.com/openmibi/openmibi/mibitiff"
	"github.com/openmibi/openmibi/mibitracker"
)

// channels pulls an FOV in the layout Channels: all of its TIFF's by one stream
// that is split here, and single ones by the ranges that they take.
func (p *puller) channels(ctx context.Context, f *PullFOV) error {
	named := len(p.options.Channels) > 0
	if _, err := os.Lstat(heldPath(p.dir, f.ImageID)); err == nil && !named {
		return p.splitWhole(ctx, f)
	}
	if !named && !f.ranges {
		return p.splitWhole(ctx, f)
	}
	err := p.byRanges(ctx, f)
	if errors.Is(err, mibitracker.ErrNoRanges) {
		if named {
			return p.byPictures(ctx, f, f.Channels)
		}
		return p.splitWhole(ctx, f)
	}
	return err
}

// splitWhole brings an image's TIFF and writes its channels.
func (p *puller) splitWhole(ctx context.Context, f *PullFOV) error {
	held, err := p.hold(ctx, f)
	if err != nil {
		return err
	}
	select {
	case p.splits <- struct{}{}:
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	defer func() { <-p.splits }()
	path := heldPath(p.dir, f.ImageID)
	file, err := mibitiff.OpenFile(path)
	if err != nil {
		return err
	}
	pages, err := p.channelPages(f, file)
	complete := err == nil && p.wantsAll()
	if err == nil {
		err = p.writePages(ctx, f, file, pages, held.Version, held.By)
	}
	if err2 := file.Close(); err == nil {
		err = err2
	}
	if err != nil {
		return err
	}
	if complete {
		split := manifestSplit{ImageID: f.ImageID, Folder: p.channelFolder(f.image), Version: held.Version}
		if err := p.journal.note(journalLine{Split: &split}); err != nil {
			return err
		}
	}
	syncFolder(f.Path)
	if err := os.Remove(path); err != nil {
		return err
	}
	p.journal.known.forget(f.ImageID)
	return nil
}

// wantsAll tells whether all channels of the TIFFs are wanted.
func (p *puller) wantsAll() bool {
	return len(p.options.Channels)+len(p.options.Include)+len(p.options.Exclude) == 0
}

// channelPage is a channel's page in a TIFF, and the file that it becomes.
type channelPage struct {
	index   int
	channel string
	path    string // below the run's folder, with slashes
}

// channelPages gives the pages of the channels that are wanted of a TIFF. Which
// channels it has it says itself; a server's list may be older.
func (p *puller) channelPages(f *PullFOV, file *mibitiff.File) ([]channelPage, error) {
	var all []channelPage
	count := map[string]int{}
	for _, page := range file.Pages() {
		if page.Type == mibitiff.SIMS {
			all = append(all, channelPage{index: page.Index, channel: page.Channel.Label()})
			count[page.Channel.Label()]++
		}
	}
	set := slices.Clone(f.image.extra)
	for i := range all {
		if c := &all[i]; count[c.channel] > 1 {
			c.channel = file.Pages()[c.index].Channel.PageName()
		}
		set = append(set, all[i].channel)
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("%w: its TIFF has no channels", ErrNoChannel)
	}
	names, folder := fileNames(set), p.channelFolder(f.image)
	for i := range all {
		all[i].path = folder + "/" + names[all[i].channel]
	}
	return slices.DeleteFunc(all, func(c channelPage) bool {
		return len(p.options.Channels) > 0 && !slices.Contains(p.options.Channels, c.channel) || !p.filter.Match(f.FOV+"/"+c.channel)
	}), nil
}

// writePages writes pages to files of their own, but for those that are whole.
func (p *puller) writePages(ctx context.Context, f *PullFOV, file *mibitiff.File, pages []channelPage, version string, by Verification) error {
	if err := p.makeChannelFolder(f); err != nil {
		return err
	}
	told := false
	for _, page := range pages {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if done, err := p.wasWhole(ctx, f, page.path, madeOf(version)); err != nil {
			return err
		} else if done {
			continue
		}
		err := p.writePage(ctx, f, file, page, version, by)
		switch {
		case err == nil:
		case ctx.Err() != nil, endsAll(err):
			return err
		default: // this page is broken; others may well be sound
			told = true
			p.failed(f, "", fmt.Errorf("channel %s: %w", quoteName(page.channel), err))
		}
	}
	if told {
		return errTold
	}
	return nil
}

// madeOf tells files that were made of pages of a version of a TIFF. Where the
// server names no SHA-256, only the TIFF itself says which version it is: files
// of two of them do not lie in one folder.
func madeOf(version string) func(*manifestFile) bool {
	return func(f *manifestFile) bool { return f.By != ByPicture && f.Version == version && version != "" }
}

// wasWhole tells whether a channel's file is here as the server has it, and
// keeps it among the result. fits may find more to say of it; nil for nothing.
func (p *puller) wasWhole(ctx context.Context, f *PullFOV, path string, fits func(*manifestFile) bool) (bool, error) {
	p.journal.mu.Lock()
	defer p.journal.mu.Unlock()
	state, _, err := p.lookFile(ctx, path, f.image, "", p.journal.known)
	if err != nil || state != PullWhole {
		return false, err
	}
	entry := p.journal.known.at(path)
	if fits != nil && !fits(entry) {
		return false, nil
	}
	p.keep(f, entry, PullWhole, "")
	return true, nil
}

// writePage writes one page as a TIFF of its own. Its compressed bytes are
// copied as they are.
func (p *puller) writePage(ctx context.Context, f *PullFOV, file *mibitiff.File, page channelPage, version string, by Verification) error {
	return p.writeChannel(f, page.channel, page.path, version, by, func(w io.Writer) error {
		_, err := file.CopyPage(ctx, w, page.index)
		return err
	})
}

// writeChannel writes one channel's file, and notes it.
func (p *puller) writeChannel(f *PullFOV, channel, path, version string, by Verification, fill func(io.Writer) error) error {
	done, err := writeWhole(filepath.Join(p.dir, stateFolder), filepath.Join(p.dir, filepath.FromSlash(path)), fill)
	if err != nil {
		return err
	}
	entry := &manifestFile{
		Path: path, FOV: f.FOV, ImageID: f.ImageID, Channel: channel, Size: done.size, SHA256: done.sha256, By: by,
		Version: version, ModTime: done.modTime,
	}
	if err := p.journal.note(journalLine{File: entry}); err != nil {
		return err
	}
	p.keep(f, entry, PullPulled, f.replaces())
	return nil
}
