package transfer

import (
	"path"
	"slices"

	"github.com/openmibi/openmibi/mibitracker"
)

// pullImage is an image of a run, as far as a pull needs to know it.
type pullImage struct {
	id             int64
	number, folder string
	// fov is how it is called here, and file the name of its file or folder,
	// without an extension: both are unique in the run.
	fov, file string
	state     imageState
	reason    string // the server's, where it failed
	size      int64  // of the TIFF; -1 where the server does not say
	sha256    string // of the TIFF, in small letters; empty where the server does not say
	where     string // the TIFF's path in storage; empty where it is not known
	// sims are the channels of the TIFF, extra those that were uploaded. Images
	// of one panel share their lists.
	sims, extra []string
}

// imageState says whether an image has data.
type imageState int

const (
	imageAvailable imageState = iota
	imageWaiting              // it has no TIFF yet
	imageFailed               // the server could not process its TIFF
)

// image unpacks one image.
func (r *runImages) image(n int) *pullImage {
	row := r.rows.at(n)
	odd := r.oddOf(row)
	i := &pullImage{
		id: row.id, number: r.number(row), folder: r.texts.of(row.folder), fov: r.fov(row), file: r.file(row),
		size: row.size, sha256: row.hash(), reason: odd.reason, sims: r.lists.of(row.sims), extra: r.lists.of(row.extra),
	}
	if row.pngs > 0 {
		i.sims = r.lists.of(row.pngs)
	}
	switch {
	case row.status&statusAvailable > 0:
	case row.status&statusFailed > 0:
		i.state = imageFailed
	case row.status&statusWaiting > 0:
		i.state = imageWaiting
	}
	run := mibitracker.Run{Path: r.run.Path}
	if odd.runPath != "" {
		run.Path = odd.runPath
	}
	if where, err := (&mibitracker.Image{ID: i.id, Folder: i.folder, Run: &run}).TIFFPath(); err == nil {
		i.where = path.Clean(where)
	}
	return i
}

// has tells whether the image has a channel: of its TIFF, or uploaded. Where
// the server lists none of an image, it is believed to.
func (i *pullImage) has(channel string) bool {
	return !i.lists() || slices.Contains(i.sims, channel) || slices.Contains(i.extra, channel)
}

// lists tells whether the server lists the image's channels.
func (i *pullImage) lists() bool { return len(i.sims)+len(i.extra) > 0 }
