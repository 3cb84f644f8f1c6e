package transfer

import (
	"cmp"
	"context"
	"path"
	"slices"
	"strings"

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

// listImages lists the images of a run in the order of acquisition, each once.
func listImages(ctx context.Context, c *mibitracker.Client, run *mibitracker.Run) ([]*pullImage, error) {
	var all []*pullImage
	shared := sharedLists{}
	for image, err := range imagesOf(ctx, c, run) {
		if err != nil {
			return nil, err
		}
		all = append(all, newPullImage(image, run, shared))
	}
	slices.SortFunc(all, func(a, b *pullImage) int { return cmp.Compare(a.id, b.id) })
	nameImages(all)
	return all, nil
}

func newPullImage(image *mibitracker.Image, run *mibitracker.Run, shared sharedLists) *pullImage {
	i := &pullImage{
		id: image.ID, number: strings.Clone(numberOf(image)), folder: strings.Clone(image.Folder),
		size: tiffSize(image), sha256: strings.Clone(tiffSHA256(image)),
		reason: strings.Clone(image.ProcessingError), sims: shared.list(image.SIMSChannels), extra: shared.list(image.ExtraChannels),
	}
	if len(i.sims) == 0 && len(i.extra) == 0 {
		i.sims = shared.list(image.PNGs)
	}
	switch {
	case image.Available():
	case image.Failed():
		i.state = imageFailed
	case slices.Contains(image.Status, "U"):
		i.state = imageWaiting
	}
	if image.Run == nil || image.Run.Path == "" {
		image.Run = run
	}
	if where, err := image.TIFFPath(); err == nil {
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

// sharedLists holds each list of names once: images of a run have mostly the
// same.
type sharedLists map[string][]string

func (s sharedLists) list(names []string) []string {
	if len(names) == 0 {
		return nil
	}
	key := strings.Join(names, "\x00")
	if known, ok := s[key]; ok {
		return known
	}
	own := make([]string, len(names))
	for i, name := range names {
		own[i] = strings.Clone(name)
	}
	s[key] = own
	return own
}
