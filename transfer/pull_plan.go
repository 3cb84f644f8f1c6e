package transfer

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"math"
	"path/filepath"
	"slices"

	"github.com/openmibi/openmibi/mibitracker"
)

// PlanPull says what pulling a run into a folder takes: it lists the run's
// images, once, and looks at what is in the folder. It writes nothing, and reads
// of what is here only files whose size or time says that somebody changed
// them.
//
// Errors: a *UsageError, a *PatternError, an *UnknownNameError for an FOV that
// the run has not or a channel that no FOV has; ErrOtherRun and ErrManifest;
// those of the listing and of the file system.
func PlanPull(ctx context.Context, c *mibitracker.Client, run *mibitracker.Run, o PullOptions) (*PullPlan, error) {
	if err := runGiven(run); err != nil {
		return nil, err
	}
	o, err := o.complete()
	if err != nil {
		return nil, err
	}
	chosen, err := choose(ctx, c, run, o.Layout, selection{o.FOVs, o.Channels, o.Include, o.Exclude})
	if err != nil {
		return nil, err
	}
	p := &PullPlan{
		From: run, Dir: filepath.Join(o.Dir, runFolder(run.Label)), Layout: o.Layout, Failures: chosen.failures,
		images: chosen.all, lists: newSharedLists(),
	}
	p.pull = &puller{client: c, run: run, options: o, dir: p.Dir, filter: chosen.filter, hashes: newHashes(), patience: defaultPatience()}
	for _, image := range chosen.images {
		p.rows.add(planRow{image: image})
	}
	known, err := loadManifest(p.Dir, c.BaseURL(), run)
	if err != nil {
		return nil, err
	}
	return p, errors.Join(p.look(ctx, known), known.close())
}

// Len is how many FOVs are pulled or here already.
func (p *PullPlan) Len() int { return p.rows.n }

// FOVs are the FOVs that are pulled or here already, in the order of acquisition,
// as far as they are now. A plan holds what it needs of them, and makes these of
// it: a run may have any number.
func (p *PullPlan) FOVs() iter.Seq[PullFOV] {
	return func(yield func(PullFOV) bool) {
		for n := range p.rows.n {
			if !yield(*p.fov(n)) {
				return
			}
		}
	}
}

// Bytes says how many bytes a pull has to move, how many are here already, and
// whether the size of some FOV is not known before it is pulled.
func (p *PullPlan) Bytes() (move, here int64, unknown bool) {
	for f := range p.FOVs() {
		switch {
		case f.State == PullWhole:
			here += max(f.Here, 0)
		case f.Size < 0:
			unknown = true
		default:
			here += min(f.Here, f.Size)
			// What servers say may be more than can be counted.
			move += min(f.Size-min(f.Here, f.Size), math.MaxInt64/2-move)
		}
	}
	return move, here, unknown
}

// selection is what of a run is wanted.
type selection struct {
	fovs, channels   []string
	include, exclude []string
}

// chosenImages is what a selection has chosen of a run.
type chosenImages struct {
	all      *runImages // of the run
	images   []int32    // of them, those with data that are wanted
	failures []Failure  // for those without
	filter   *Filter
}

// choose lists a run and chooses. Names that nothing has are refused, before
// anything else is done.
func choose(ctx context.Context, c *mibitracker.Client, run *mibitracker.Run, layout Layout, s selection) (*chosenImages, error) {
	filter, err := NewFilter(s.include, s.exclude)
	if err != nil {
		return nil, err
	}
	all, err := listImages(ctx, c, run, s.fovs)
	if err != nil {
		return nil, err
	}
	wanted, err := fovsNamed(all, s.fovs)
	if err != nil {
		return nil, err
	}
	if err := channelsKnown(all, wanted, s.channels); err != nil {
		return nil, err
	}
	out := &chosenImages{all: all, filter: filter}
	for _, n := range wanted {
		image := all.image(int(n))
		if !image.wantedBy(filter, layout, s.channels) {
			continue
		}
		if err := image.unavailable(); err != nil {
			out.failures = append(out.failures, Failure{FOV: image.fov, ImageID: image.id, Err: err})
			continue
		}
		has := len(s.channels) == 0
		for _, channel := range s.channels {
			if !filter.Match(image.fov + "/" + channel) {
				continue
			}
			if image.has(channel) {
				has = true
				continue
			}
			out.failures = append(out.failures, Failure{FOV: image.fov, ImageID: image.id, Err: fmt.Errorf("%w %s", ErrNoChannel, quoteName(channel))})
		}
		if has {
			out.images = append(out.images, n)
		}
	}
	return out, nil
}

// wantedBy tells whether a filter leaves anything of an image.
func (i *pullImage) wantedBy(filter *Filter, layout Layout, channels []string) bool {
	if layout == MIBItiff || !i.lists() && len(channels) == 0 {
		return filter.Match(i.fov)
	}
	if len(channels) == 0 {
		channels = i.sims
	}
	return slices.ContainsFunc(channels, func(channel string) bool { return filter.Match(i.fov + "/" + channel) })
}

// unavailable says why an image cannot be pulled; nil where it can.
func (i *pullImage) unavailable() error {
	switch {
	case i.state == imageWaiting:
		return fmt.Errorf("%w: its TIFF was not uploaded or is being processed", ErrNoTIFF)
	case i.state == imageFailed:
		return &mibitracker.ProcessingError{Image: i.id, Reason: i.reason}
	case i.where == "":
		return &mibitracker.UnexpectedAnswerError{Reason: "the server does not say where its files lie"}
	}
	return nil
}

// fovsNamed gives the images of names, or all where there is no name. A name is
// an image's number, its folder, or what it is called here.
func fovsNamed(all *runImages, names []string) ([]int32, error) {
	var wanted []int32
	found := make([]bool, len(names))
	for n := range all.rows.n {
		if len(names) == 0 {
			wanted = append(wanted, int32(n))
			continue
		}
		i, is := all.image(n), false
		for at, name := range names {
			if i.number == name || i.folder == name || i.fov == name || i.file == name {
				found[at], is = true, true
			}
		}
		if is {
			wanted = append(wanted, int32(n))
		}
	}
	for at, name := range names {
		if !found[at] {
			known := make([]string, all.rows.n)
			for n := range known {
				known[n] = all.fov(all.rows.at(n))
			}
			return nil, &UnknownNameError{Kind: "FOV", Name: name, Run: all.run.Label, Known: known, CalledSo: all.operators[name]}
		}
	}
	return wanted, nil
}

// channelsKnown refuses a channel that none of the images has. Images without
// data may get it, and prove nothing.
func channelsKnown(all *runImages, images []int32, channels []string) error {
	for _, channel := range channels {
		var known []string
		seen := map[string]bool{}
		found, judged := false, false
		for _, n := range images {
			i := all.image(int(n))
			if i.state != imageAvailable {
				continue
			}
			judged = true
			if i.has(channel) {
				found = true
				break
			}
			for _, name := range slices.Concat(i.sims, i.extra) {
				if !seen[name] {
					seen[name] = true
					known = append(known, name)
				}
			}
		}
		if judged && !found {
			return &UnknownNameError{Kind: "channel", Name: channel, Run: all.run.Label, Known: known}
		}
	}
	return nil
}
