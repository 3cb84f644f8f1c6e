package transfer

import (
	"context"
	"fmt"
	"slices"

	"github.com/openmibi/openmibi/mibitracker"
)

// pushTarget is an image of a run, as far as a push needs to know it.
type pushTarget struct {
	id          int64
	number      string
	folder      string
	fov         string // how it is called: the number, or the folder where that is not its own
	available   bool
	failed      bool
	sha256      string // empty where the server does not say
	size        int64  // -1 where the server does not say
	channels    int
	uploadedToo []string // names of channels that were uploaded beside the TIFF's
}

// pushTargets are the images of a run.
type pushTargets struct {
	run     *mibitracker.Run
	by      map[string][]*pushTarget // by folder
	folders []string                 // sorted
}

// listTargets lists the images of a run.
func listTargets(ctx context.Context, c *mibitracker.Client, run *mibitracker.Run) (*pushTargets, error) {
	all := &pushTargets{run: run, by: map[string][]*pushTarget{}}
	numbers := map[string]int{}
	for image, err := range imagesOf(ctx, c, run) {
		if err != nil {
			return nil, err
		}
		t := newTarget(image)
		all.by[t.folder] = append(all.by[t.folder], t)
		numbers[t.number]++
	}
	for folder, targets := range all.by {
		all.folders = append(all.folders, folder)
		for _, t := range targets {
			if numbers[t.number] > 1 {
				t.fov = t.folder
			}
		}
	}
	slices.Sort(all.folders)
	return all, nil
}

func newTarget(image *mibitracker.Image) *pushTarget {
	number := numberOf(image)
	return &pushTarget{
		id: image.ID, number: number, folder: image.Folder, fov: number, size: tiffSize(image), sha256: tiffSHA256(image),
		available: image.Available(), failed: image.Failed(),
		channels: len(image.SIMSChannels), uploadedToo: slices.Clone(image.ExtraChannels),
	}
}

// match finds the image that a MIBItiff is of, as servers do: the TIFF's run is
// the run's label or name, its folder exactly the image's (contract: "Uploading
// a MIBItiff"). Its errors wrap ErrMismatch.
func (r *pushTargets) match(t *localTIFF) (*pushTarget, error) {
	switch found := r.by[t.folder]; {
	case t.run == "":
		return nil, fmt.Errorf("%w: its description names no run", ErrMismatch)
	case t.run != r.run.Label && t.run != r.run.Name:
		return nil, fmt.Errorf("%w: it is of run %q", ErrMismatch, t.run)
	case len(found) == 0:
		return nil, fmt.Errorf("%w: it is of folder %q, which the run does not have%s", ErrMismatch, t.folder, r.nearest(t.folder))
	case len(found) > 1:
		return nil, fmt.Errorf("%w: the run has %d images of its folder %q, among them %d and %d",
			ErrMismatch, len(found), t.folder, found[0].id, found[1].id)
	default:
		return found[0], found[0].takes(t)
	}
}

// takes refuses a file with a channel of a name that the image has from
// elsewhere: a server could not tell the two apart.
func (t *pushTarget) takes(local *localTIFF) error {
	for _, name := range t.uploadedToo {
		if slices.Contains(local.channels, name) {
			return fmt.Errorf("%w: it has a channel %q, and so has image %d among the channels that were uploaded to it: rename one of the two",
				ErrMismatch, name, t.id)
		}
	}
	return nil
}

// nearest proposes the folder of the run that begins most alike, in any case of
// letters.
func (r *pushTargets) nearest(folder string) string {
	if len(r.folders) == 0 {
		return ": it has no images"
	}
	i, _ := slices.BinarySearch(r.folders, folder)
	best, length := "", 0
	for _, near := range r.folders[max(i-1, 0):min(i+1, len(r.folders))] {
		if n := alike(near, folder); n > length {
			best, length = near, n
		}
	}
	if best == "" {
		return ""
	}
	return fmt.Sprintf("; nearest: %q", best)
}

// alike is how many bytes two texts begin with that are the same.
func alike(a, b string) (n int) {
	for n < min(len(a), len(b)) && a[n] == b[n] {
		n++
	}
	return n
}

// has tells whether the server serves a file's content already. It is known
// only where the server gives a hash.
func (t *pushTarget) has(sha256 string) bool {
	return t.sha256 != "" && !t.failed && t.sha256 == sha256
}

// mayHave tells whether it takes a file's hash to know if the server has it.
func (t *pushTarget) mayHave(size int64) bool {
	return t.sha256 != "" && !t.failed && (t.size < 0 || t.size == size)
}
