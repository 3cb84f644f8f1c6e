package transfer

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"time"

	"github.com/openmibi/openmibi/mibitiff"
)

// localTIFF is a MIBItiff on disk, as it was when it was looked at.
type localTIFF struct {
	path    string
	size    int64
	modTime time.Time
	// run and folder are what its description says (contract: "Uploading a
	// MIBItiff").
	run, folder string
	channels    []string
}

// errNotTIFF is a file that does not begin as a TIFF does.
var errNotTIFF = errors.New("it is no TIFF at all: it is empty, was not copied to its end, or has the wrong name")

// ErrFileChanged is wrapped by the error for a file that changed while it was
// pushed.
var ErrFileChanged = errors.New("the file changed while it was read")

// readLocal looks at a MIBItiff as far as it takes to know that it is whole:
// its index, that all of its strips lie in the file, and that the last page
// decodes, which what was copied half or only allocated does not. It reads no
// other samples. Errors: those of mibitiff.Open and of reading; errNotTIFF.
func readLocal(ctx context.Context, path string) (_ *localTIFF, err error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, withoutPath(err)
	}
	if !info.Mode().IsRegular() {
		return nil, errors.New("it is not a regular file")
	}
	disk, err := os.Open(path)
	if err != nil {
		return nil, withoutPath(err)
	}
	defer func() { err = errors.Join(err, disk.Close()) }()
	if !beginsAsTIFF(disk) {
		return nil, errNotTIFF
	}
	file, err := mibitiff.Open(disk, info.Size())
	if err != nil {
		return nil, err
	}
	if err := oneSize(file.Pages()); err != nil {
		return nil, err
	}
	if err := lastPageDecodes(ctx, file); err != nil {
		return nil, err
	}
	meta := file.Metadata()
	t := &localTIFF{path: path, size: info.Size(), modTime: info.ModTime(), run: meta.Run.String(), folder: meta.Folder.String()}
	for _, channel := range file.Channels() {
		t.channels = append(t.channels, channel.Label())
	}
	return t, nil
}

// beginsAsTIFF tells whether a file begins with the mark of a TIFF or BigTIFF.
func beginsAsTIFF(r io.ReaderAt) bool {
	var mark [4]byte
	if _, err := r.ReadAt(mark[:], 0); err != nil {
		return false
	}
	switch string(mark[:]) {
	case "II*\x00", "MM\x00*", "II+\x00", "MM\x00+":
		return true
	}
	return false
}

// oneSize refuses channels of different sizes: an image has one.
func oneSize(pages []mibitiff.Page) error {
	var first *mibitiff.Page
	for i := range pages {
		p := &pages[i]
		switch {
		case p.Type != mibitiff.SIMS:
		case first == nil:
			first = p
		case p.Width != first.Width || p.Height != first.Height:
			return fmt.Errorf("channel %s has %d×%d pixels, channel %s has %d×%d",
				p.Channel, p.Width, p.Height, first.Channel, first.Width, first.Height)
		}
	}
	return nil
}

// lastPageDecodes decodes the last page that is of a kind that can be.
func lastPageDecodes(ctx context.Context, file *mibitiff.File) (err error) {
	for i := len(file.Pages()) - 1; i >= 0; i-- {
		err = file.Pieces(ctx, i, func(int64, []byte) error { return nil })
		if !errors.Is(err, errors.ErrUnsupported) {
			return err
		}
	}
	return err
}

// pagesDecode decodes every page, with the checksum that a zlib stream carries.
// What cannot be decoded here is passed over.
func pagesDecode(ctx context.Context, file *mibitiff.File) error {
	for i := range file.Pages() {
		err := file.Pieces(ctx, i, func(int64, []byte) error { return nil })
		if err != nil && !errors.Is(err, errors.ErrUnsupported) {
			return err
		}
	}
	return nil
}

// unchanged tells whether a file is still the one that was looked at, as far as
// its size and its time say.
func unchanged(was, is fs.FileInfo) bool {
	return was.Size() == is.Size() && was.ModTime().Equal(is.ModTime())
}

// is tells whether a file is still the one that was looked at, likewise.
func (t *localTIFF) is(now fs.FileInfo) bool {
	return t.size == now.Size() && t.modTime.Equal(now.ModTime())
}

// hashLocal gives the SHA-256 of a file's content in hexadecimal, and tells moved
// how many bytes are read. A file that is not the one that was looked at any more
// is ErrFileChanged.
func hashLocal(ctx context.Context, t *localTIFF, moved func(int64)) (string, error) {
	r, err := openSending(ctx, t)
	if err != nil {
		return "", err
	}
	r.moved = every(eventBytes, t.size, moved)
	_, err = io.CopyBuffer(struct{ io.Writer }{io.Discard}, r, make([]byte, 256<<10))
	if err = errors.Join(err, r.Close()); err != nil {
		return "", err
	}
	sum, _ := r.sum()
	return sum, nil
}

// withoutPath takes the operation and the path from an error of package os,
// where the path is told anyway.
func withoutPath(err error) error {
	var at *fs.PathError
	if errors.As(err, &at) {
		return at.Err
	}
	return err
}
