package transfer

import (
	"bytes"
	"context"
	"fmt"
	"slices"

	"github.com/openmibi/openmibi/mibitracker"
)

// pushTarget is an image of a run, as far as a push needs to know it.
type pushTarget struct {
	row         *imageRow
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
	all *runImages
	by  []int32 // images by their folders
}

// listTargets lists the images of a run.
func listTargets(ctx context.Context, c *mibitracker.Client, run *mibitracker.Run) (*pushTargets, error) {
	all, err := listImages(ctx, c, run, nil)
	if err != nil {
		return nil, err
	}
	r := &pushTargets{all: all, by: make([]int32, all.rows.n)}
	for n := range r.by {
		r.by[n] = int32(n)
	}
	slices.SortStableFunc(r.by, func(a, b int32) int { return bytes.Compare(r.folder(a), r.folder(b)) })
	return r, nil
}

// folder is that of an image; it is not to be changed.
func (r *pushTargets) folder(n int32) []byte { return r.all.texts.bytes(r.all.rows.at(int(n)).folder) }

// of gives the images of a folder.
func (r *pushTargets) of(folder string) []int32 {
	from, _ := slices.BinarySearchFunc(r.by, folder, func(n int32, folder string) int { return bytes.Compare(r.folder(n), []byte(folder)) })
	to := from
	for to < len(r.by) && string(r.folder(r.by[to])) == folder {
		to++
	}
	return r.by[from:to]
}

// target unpacks an image.
func (r *pushTargets) target(n int32) *pushTarget {
	row := r.all.rows.at(int(n))
	t := &pushTarget{
		row: row, id: row.id, number: r.all.number(row), folder: r.all.texts.of(row.folder), size: row.size, sha256: row.hash(),
		available: row.status&statusAvailable > 0, failed: row.status&statusFailed > 0,
		channels: len(r.all.lists.of(row.sims)), uploadedToo: r.all.lists.of(row.extra),
	}
	if t.fov = t.number; row.level > 0 || t.number == "" {
		t.fov = t.folder
	}
	return t
}

// match finds the image that a MIBItiff is of, as servers do: the TIFF's run is
// the run's label or name, its folder exactly the image's (contract: "Uploading
// a MIBItiff"). Its errors wrap ErrMismatch.
func (r *pushTargets) match(t *localTIFF) (*pushTarget, error) {
	run := r.all.run
	switch found := r.of(t.folder); {
	case t.run == "":
		return nil, fmt.Errorf("%w: its description names no run", ErrMismatch)
	case t.run != run.Label && t.run != run.Name:
		return nil, fmt.Errorf("%w: it is of run %q", ErrMismatch, t.run)
	case len(found) == 0:
		return nil, fmt.Errorf("%w: it is of folder %q, which the run does not have%s", ErrMismatch, t.folder, r.nearest(t.folder))
	case len(found) > 1:
		return nil, fmt.Errorf("%w: the run has %d images of its folder %q, among them %d and %d",
			ErrMismatch, len(found), t.folder, r.all.rows.at(int(found[0])).id, r.all.rows.at(int(found[1])).id)
	default:
		target := r.target(found[0])
		return target, target.takes(t)
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
	if len(r.by) == 0 {
		return ": it has no images"
	}
	i, _ := slices.BinarySearchFunc(r.by, folder, func(n int32, folder string) int { return bytes.Compare(r.folder(n), []byte(folder)) })
	best, length := "", 0
	for _, near := range r.by[max(i-1, 0):min(i+1, len(r.by))] {
		name := string(r.folder(near))
		if n := alike(name, folder); n > length {
			best, length = name, n
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
