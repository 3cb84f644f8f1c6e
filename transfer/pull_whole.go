package transfer

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/openmibi/openmibi/mibitiff"
	"github.com/openmibi/openmibi/mibitracker"
)

// wholeTIFF pulls an FOV in the layout MIBItiff.
func (p *puller) wholeTIFF(ctx context.Context, f *PullFOV) error {
	held, err := p.hold(ctx, f)
	if err != nil {
		return err
	}
	name := f.image.file + tiffExtension
	target := filepath.Join(p.dir, name)
	if err := syncFile(heldPath(p.dir, f.ImageID)); err != nil {
		return err
	}
	if err := replaceFile(heldPath(p.dir, f.ImageID), target); err != nil {
		return err
	}
	info, err := os.Stat(target)
	if err != nil {
		return err
	}
	entry := &manifestFile{
		Path: name, FOV: f.FOV, ImageID: f.ImageID, Size: held.Size, SHA256: held.SHA256, By: held.By,
		Version: held.Version, ModTime: info.ModTime(),
	}
	if err := p.journal.note(journalLine{File: entry}); err != nil {
		return err
	}
	p.keep(f, entry, PullPulled, f.replaces())
	return nil
}

// replaces is the state of a file that another one takes the place of.
func (f *PullFOV) replaces() PullState {
	if f.State == PullChanged || f.State == PullEdited {
		return f.State
	}
	return ""
}

// hold brings an image's TIFF to the state's folder, whole and verified, unless
// it is there. It may not be on the disk yet.
func (p *puller) hold(ctx context.Context, f *PullFOV) (heldTIFF, error) {
	if held, ok, err := p.holds(ctx, f.image); ok || err != nil {
		return held, err
	}
	by := BySHA256
	verify := mibitracker.WithSHA256(f.image.sha256)
	if f.image.sha256 == "" {
		by = BySizeAndZlib
		verify = mibitracker.WithVerify(func(ctx context.Context, r io.ReaderAt, size int64) error {
			return checkTIFF(ctx, r, size, f.image.size)
		})
	}
	progress := mibitracker.WithProgress(func(done, total int64) {
		p.tell(Event{Kind: Moved, FOV: f.FOV, ImageID: f.ImageID, Path: f.Path, Moved: done, Total: total})
	})
	options := []mibitracker.DownloadOption{verify, progress, mibitracker.WithoutSync()}
	if f.image.size >= 0 {
		options = append(options, mibitracker.WithMaxSize(f.image.size))
	}
	done, err := p.client.Files.Download(ctx, f.image.where, heldPath(p.dir, f.ImageID), options...)
	if err != nil {
		return heldTIFF{}, withAdvice(err)
	}
	p.came(f)
	p.moved(done.Size - done.Resumed)
	f.Size = done.Size
	held := heldTIFF{ImageID: f.ImageID, Size: done.Size, SHA256: done.SHA256, Version: done.SHA256, By: by}
	return held, p.journal.note(journalLine{Held: &held})
}

// withAdvice says what a refused hash mostly means.
func withAdvice(err error) error {
	if errors.Is(err, mibitracker.ErrCorrupt) {
		return fmt.Errorf("%w: if it was replaced on the server meanwhile, run the same again", err)
	}
	return err
}

// holds tells whether an image's TIFF is in the state's folder, as the server
// has it.
func (p *puller) holds(ctx context.Context, image *pullImage) (heldTIFF, bool, error) {
	path := heldPath(p.dir, image.id)
	info, err := os.Lstat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return heldTIFF{}, false, nil
	}
	if err != nil {
		return heldTIFF{}, false, err
	}
	held, noted := p.journal.holding(image.id)
	if info.Mode().IsRegular() && (noted || image.sha256 != "") {
		// It is read here before it is trusted, which moves nothing.
		sum, err := hashFile(ctx, path)
		switch {
		case err != nil:
			return heldTIFF{}, false, err
		case image.sha256 != "" && sum == image.sha256:
			return heldTIFF{ImageID: image.id, Size: info.Size(), SHA256: sum, Version: sum, By: BySHA256}, true, nil
		case image.sha256 == "" && sum == held.SHA256 && (image.size < 0 || image.size == info.Size()):
			return held, true, nil
		}
	}
	return heldTIFF{}, false, os.RemoveAll(path)
}

// checkTIFF is what can be said of a TIFF of which nobody names a hash: that it
// is as long as the server says, where it says so, and that every page decodes,
// with the checksum that a zlib stream carries.
func checkTIFF(ctx context.Context, r io.ReaderAt, size, want int64) error {
	if want >= 0 && size != want {
		return fmt.Errorf("%w: it has %d bytes, and %d by the server's list", mibitracker.ErrCorrupt, size, want)
	}
	file, err := mibitiff.Open(r, size)
	if err != nil {
		return err
	}
	return pagesDecode(ctx, file)
}
