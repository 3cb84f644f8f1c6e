package transfer

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"slices"

	"golang.org/x/sync/errgroup"

	"github.com/openmibi/openmibi/mibitiff"
	"github.com/openmibi/openmibi/mibitracker"
)

// noHash is said of what cannot be compared.
const noHash = "the server gives no hash to compare with"

// PlanPush finds out what is to be pushed to a run: it walks the folders among
// the paths, looks at each MIBItiff's index and last page, finds the image that
// it is of in one listing of the run, and reads the content of those files that
// the server may have already, to compare their SHA-256. Nothing is sent.
//
// Files that do not fit the run are the plan's Mismatches, and no error here.
// The error is a *UsageError, a *PatternError, that of the listing, or the
// context's.
func PlanPush(ctx context.Context, c *mibitracker.Client, run *mibitracker.Run, paths []string, o PushOptions) (*PushPlan, error) {
	if err := runGiven(run); err != nil {
		return nil, err
	}
	if len(paths) == 0 {
		return nil, &UsageError{"a push takes files or folders"}
	}
	if err := o.Validate(); err != nil {
		return nil, err
	}
	o.Jobs = jobsOf(o.Jobs, usualJobs)
	filter, err := NewFilter(o.Include, o.Exclude)
	if err != nil {
		return nil, err
	}
	files, left, wrong, err := findTIFFs(ctx, paths, filter.Match)
	if err != nil {
		return nil, err
	}
	targets, err := listTargets(ctx, c, run)
	if err != nil {
		return nil, err
	}
	to := *run
	to.ImageSet = nil // the largest of all, and listed above
	p := &PushPlan{To: &to, Mismatches: wrong, Left: left, client: c, options: o, patience: defaultPatience()}
	looked := make([]PushFile, len(files))
	look := looking{targets: targets, force: o.Force, telling: telling{to: o.Planning}}
	group, groupCtx := errgroup.WithContext(ctx)
	group.SetLimit(o.Jobs)
	for i := range files {
		group.Go(func() error {
			looked[i] = look.at(groupCtx, files[i].path)
			return groupCtx.Err()
		})
	}
	if err := group.Wait(); err != nil {
		return nil, fmt.Errorf("look at the files to push: %w", context.Cause(ctx))
	}
	p.sort(files, looked)
	return p, nil
}

// looking looks at files for a plan.
type looking struct {
	targets *pushTargets
	force   bool
	telling telling
}

// at finds out what a file is and where it goes. What is wrong with it is its
// Err.
func (l *looking) at(ctx context.Context, path string) PushFile {
	f := PushFile{Path: path, State: PushPlanned}
	l.telling.event(Started, &f, 0, nil)
	local, err := readLocal(ctx, path)
	var target *pushTarget
	if err == nil {
		f.Size, f.modTime, f.Channels = local.size, local.modTime, len(local.channels)
		target, err = l.targets.match(local)
	}
	if err == nil {
		f.row, f.FOV, f.ImageID = target.row, target.fov, target.id
		if !l.force && target.mayHave(f.Size) {
			f.SHA256, err = hashLocal(ctx, local, func(at int64) { l.telling.event(Moved, &f, at, nil) })
		}
	}
	if f.Err = err; err != nil {
		l.telling.event(Failed, &f, 0, f.Err)
		return f
	}
	l.telling.event(Done, &f, f.Size, nil)
	f.decide(target, l.force)
	return f
}

// decide says whether the file is to be pushed, and what it replaces.
func (f *PushFile) decide(t *pushTarget, force bool) {
	switch {
	case force:
	case t.sha256 != "":
		if t.has(f.SHA256) {
			f.State = PushSkipped
		}
	case t.available && (t.size < 0 || t.size == f.Size):
		f.State, f.Unverified = PushSkipped, noHash
	}
	if f.State == PushPlanned && (t.available || t.sha256 != "") {
		f.Replaces, f.ReplacesChannels = true, t.channels
		if t.sha256 == "" {
			f.Unverified = noHash
		}
	}
}

// sort divides the files into those that fit, those that do not, and those that
// are left where they are.
func (p *PushPlan) sort(files []found, looked []PushFile) {
	of := map[int64][]int32{} // by the image's id
	for i := range looked {
		switch f := &looked[i]; {
		case f.Err == nil:
			of[f.ImageID] = append(of[f.ImageID], int32(i))
		case errors.Is(f.Err, mibitiff.ErrNotMIBItiff) && !files[i].named:
			p.Left = append(p.Left, Failure{Path: f.Path, Err: f.Err})
		default:
			p.Mismatches = append(p.Mismatches, Failure{FOV: f.FOV, ImageID: f.ImageID, Path: f.Path, Err: f.Err})
		}
	}
	wrong := make([]error, len(looked))
	for i := range looked {
		f := &looked[i]
		if same := of[f.ImageID]; f.Err == nil && len(same) > 1 {
			wrong[i] = notAlone(looked, same, i)
		}
	}
	p.Files = looked[:0]
	for i := range looked {
		switch f := &looked[i]; {
		case f.Err != nil:
		case errors.Is(wrong[i], errAgain):
		case wrong[i] != nil:
			p.Mismatches = append(p.Mismatches, Failure{FOV: f.FOV, ImageID: f.ImageID, Path: f.Path, Err: wrong[i]})
		default:
			p.Files = append(p.Files, *f)
		}
	}
	clear(looked[len(p.Files):])
	slices.SortStableFunc(p.Files, func(a, b PushFile) int { return cmp.Compare(a.ImageID, b.ImageID) })
}

// errAgain is of a file that comes a second time, under another name.
var errAgain = errors.New("it comes twice")

// notAlone says what is wrong with file i, which is not the only one of its image.
func notAlone(looked []PushFile, same []int32, i int) error {
	mine, err := os.Stat(looked[i].Path)
	for _, j := range same {
		other, otherErr := os.Stat(looked[j].Path)
		if err != nil || otherErr != nil || !os.SameFile(mine, other) {
			return fmt.Errorf("%w: it is of the same FOV, %s, as %s", ErrMismatch, looked[i].FOV, looked[j].Path)
		}
	}
	if i != int(same[0]) {
		return errAgain
	}
	return nil
}

// local is the file as it was looked at.
func (f *PushFile) local() *localTIFF {
	return &localTIFF{path: f.Path, size: f.Size, modTime: f.modTime}
}
