package mibitiff

import (
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/openmibi/openmibi/internal/tiff"
	"github.com/openmibi/openmibi/mibi"
)

// PageType says what a page shows.
type PageType string

// The types of pages of the format. A page of another type keeps what its
// description says.
const (
	SIMS    PageType = "SIMS"    // ion counts of one channel
	SED     PageType = "SED"     // secondary electron detector
	Optical PageType = "Optical" // optical image of the slide
	Label   PageType = "Label"   // the slide's label, cut from the optical image
)

// Page is one page of an image's index.
type Page struct {
	// Index counts the file's pages from 0; [File.ReadPlane] takes it.
	Index int
	// Type says what the page shows.
	Type PageType
	// Channel is the channel of a SIMS page, zero for others.
	Channel mibi.Channel
	// Name is tag 285, PageName: "CD45 (147)".
	Name string
	// Width and Height are the page's size in pixels.
	Width, Height int
	// SamplesPerPixel is 1 for planes, 3 for the RGB of optical images.
	SamplesPerPixel int
	// DType is the type of the samples, 0 where they cannot be read: then
	// [File.ReadBytes] says why.
	DType DType
}

// Bytes returns how many bytes the page's samples take, 0 where they cannot be
// read.
func (p Page) Bytes() int64 {
	return int64(p.Width) * int64(p.Height) * int64(p.SamplesPerPixel) * int64(p.DType.Size())
}

// File is an open MIBItiff. Its methods may be used by several goroutines at
// once.
type File struct {
	tiff   *tiff.File
	meta   mibi.Metadata
	pages  []Page
	closer io.Closer

	maxImageBytes int64
}

// Open reads the index of a MIBItiff of size bytes: the tags of all pages, none
// of their samples. A page costs one read where its tags lie together. It
// refuses files whose strips lie outside the file, and files that name a
// channel twice.
//
// Errors: one that wraps [ErrNotMIBItiff]; a [*FormatError], which wraps
// [ErrTruncated] for a file that is cut off; an [*UnsupportedError]; or what r
// returns.
func Open(r io.ReaderAt, size int64, opts ...Option) (*File, error) {
	options := readOptions{maxImageBytes: defaultMaxImageBytes}
	options.Keep = []uint16{tiff.ImageDescription, tiff.XResolution, tiff.YResolution, tiff.PageName,
		tiff.XPosition, tiff.YPosition, tiff.ResolutionUnit, tiff.Software, tiff.DateTime}
	for _, opt := range opts {
		opt(&options)
	}
	t, err := tiff.Open(r, size, options.Options)
	if errors.Is(err, tiff.ErrNotTIFF) {
		return nil, fmt.Errorf("%w: %w", ErrNotMIBItiff, err)
	}
	if err != nil {
		return nil, fmt.Errorf("opening a MIBItiff: %w", err)
	}
	software, ok := t.Pages[0].Text(tiff.Software)
	switch {
	case !ok:
		return nil, fmt.Errorf("%w: a TIFF whose first page does not say which software wrote it (tag 305)", ErrNotMIBItiff)
	case !strings.HasPrefix(software, softwarePrefix):
		return nil, fmt.Errorf("%w: a TIFF written by %s (tag 305), not by %s", ErrNotMIBItiff, shown(software), softwarePrefix)
	}
	f := &File{tiff: t, maxImageBytes: options.maxImageBytes}
	if err := f.index(); err != nil {
		return nil, fmt.Errorf("reading the index of a MIBItiff: %w", err)
	}
	return f, nil
}

// OpenFile opens the MIBItiff at path. [File.Close] closes it.
func OpenFile(path string, opts ...Option) (*File, error) {
	disk, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	info, err := disk.Stat()
	if err != nil {
		return nil, errors.Join(err, disk.Close())
	}
	f, err := Open(disk, info.Size(), opts...)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("%s: %w", path, err), disk.Close())
	}
	f.closer = disk
	return f, nil
}

// Close closes what [OpenFile] opened. After [Open] it does nothing.
func (f *File) Close() error {
	if f.closer == nil {
		return nil
	}
	return f.closer.Close()
}

// Metadata returns what the file says about its image, taken from the first
// SIMS page, with what older files leave out filled in (see
// [mibi.Metadata.Upgrade]) and coordinates, size and date from the tags where
// the description lacks them.
func (f *File) Metadata() mibi.Metadata {
	meta := f.meta
	meta.User = slices.Clone(meta.User)
	return meta
}

// Pages returns the index: every page in the file's order.
func (f *File) Pages() []Page { return slices.Clone(f.pages) }

// Channels returns the channels of the SIMS pages in the file's order.
func (f *File) Channels() []mibi.Channel {
	var channels []mibi.Channel
	for _, p := range f.pages {
		if p.Type == SIMS {
			channels = append(channels, p.Channel)
		}
	}
	return channels
}

// Channel returns the SIMS page of a channel that is named as people do: by its
// target, its target and mass as a page is named ("CD45 (147)"), or its mass as
// text. A target goes before a mass. The error wraps [ErrNoChannel] and names
// the channels that there are, those like the label first.
func (f *File) Channel(label string) (Page, error) {
	i, err := f.names().index(label)
	return f.channelPage(i), err
}

// ChannelByMass returns the SIMS page of a mass in Da. The error wraps
// [ErrNoChannel].
func (f *File) ChannelByMass(mass int) (Page, error) {
	i, err := f.names().indexByMass(mass)
	return f.channelPage(i), err
}

// names returns the names that the file's channels have.
func (f *File) names() channelNames { return channelNames{channels: f.Channels()} }

// channelPage returns the page of channel i, none for -1.
func (f *File) channelPage(i int) (page Page) {
	for _, p := range f.pages {
		if p.Type == SIMS {
			if i == 0 {
				return p
			}
			i--
		}
	}
	return page
}
