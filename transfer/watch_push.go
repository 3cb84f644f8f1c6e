package transfer

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

	"github.com/openmibi/openmibi/mibitiff"
	"github.com/openmibi/openmibi/mibitracker"
)

const (
	// sayAfter is how long a file may stay incomplete before it is said.
	sayAfter = time.Minute
	// lookAgain is the longest time between two looks into a file that stays
	// incomplete, or that was not the run's.
	lookAgain = 15 * time.Minute
	// onceTries is how often Once looks into a file, or sends it.
	onceTries = 3
)

// push sends those of the files that are whole and the run's, and notes what
// became of them. Its error ends the watch.
func (w *watcher) push(ctx context.Context, names []string) error {
	var paths []string
	for _, name := range names {
		c := w.open[name]
		var err error
		if !c.whole {
			err = w.whole(ctx, w.path(name), c.info)
		}
		switch {
		case ctx.Err() != nil:
			return context.Cause(ctx)
		case errors.Is(err, ErrFileChanged):
			delete(w.open, name) // it begins anew
		case errors.Is(err, ErrMismatch), errors.Is(err, mibitiff.ErrNotMIBItiff):
			w.leave(name, err)
		case err != nil:
			w.incomplete(name, err)
		default:
			c.whole = true
			paths = append(paths, w.path(name))
		}
	}
	if len(paths) == 0 {
		return nil
	}
	plan, err := PlanPush(ctx, w.client, w.run, paths, PushOptions{SkipMismatched: true, Jobs: w.Jobs, Events: w.pushEvent})
	if err != nil {
		return w.serverFailed(ctx, err)
	}
	if !errors.Is(w.server.told, ErrLoginEnded) {
		w.resume(&w.server)
	}
	plan.patience = w.patience
	w.dropTaken(plan)
	w.noteFailures(plan.Mismatches)
	plan.Mismatches = nil
	result, err := plan.Run(ctx)
	for i := range result.Files {
		w.noteFile(&result.Files[i])
	}
	w.noteFailures(result.Failures)
	var stopped *StoppedError
	if errors.As(err, &stopped) {
		err = stopped.Err // a watch goes on by itself
	}
	if err != nil {
		return w.serverFailed(ctx, err)
	}
	return nil
}

// whole is nil for a file that can be pushed: its index and all its strips
// decode, and it is of the run. What the run is is found out first: others need
// not be read.
func (w *watcher) whole(ctx context.Context, path string, info fs.FileInfo) (err error) {
	disk, err := os.Open(path)
	if err != nil {
		return withoutPath(err)
	}
	defer func() { err = errors.Join(err, disk.Close()) }()
	if !beginsAsTIFF(disk) {
		return errNotTIFF
	}
	file, err := mibitiff.Open(disk, info.Size())
	if err != nil {
		return err
	}
	meta := file.Metadata()
	if run := meta.Run.String(); run != "" && run != w.run.Label && run != w.run.Name {
		return fmt.Errorf("%w: it is of run %q", ErrMismatch, run)
	}
	if err := pagesDecode(ctx, file); err != nil {
		return err
	}
	if now, err := os.Stat(path); err != nil || !unchanged(info, now) {
		return ErrFileChanged
	}
	return nil
}

// incomplete waits for a file, the longer the older it is: its time and size
// may stay as they are while its content comes. It is told of after a while.
func (w *watcher) incomplete(name string, err error) {
	c, now := w.open[name], time.Now()
	age := now.Sub(c.since)
	c.tries++
	c.next = now.Add(min(max(age/4, w.Interval), lookAgain))
	c.err = fmt.Errorf("%w: %w", ErrNotWhole, err)
	if w.Once {
		c.next = now
		if c.final = c.tries >= onceTries; c.final {
			w.tell(Event{Kind: Failed, Path: w.path(name), Total: c.info.Size(), Err: c.err})
		}
		return
	}
	if age >= sayAfter && c.told == "" {
		c.told = c.err.Error()
		w.tell(Event{Kind: Waiting, Path: w.path(name), Total: c.info.Size(), Err: c.err})
	}
}

// leave leaves a file alone that is not the run's, and looks at it again later:
// the run may get the FOV.
func (w *watcher) leave(name string, err error) {
	c := w.open[name]
	c.left, c.err, c.next = true, err, time.Now().Add(lookAgain)
	if text := err.Error(); c.told != text {
		c.told = text
		w.tell(Event{Kind: Skipped, Path: w.path(name), Total: c.info.Size(), Err: err})
	}
}

// dropTaken takes files out of a plan whose FOV another file in the folder was
// pushed to: nobody knows which of them counts. A file that the server does not
// have after all may be replaced so.
func (w *watcher) dropTaken(p *PushPlan) {
	of := map[int64]string{}
	for name, e := range w.state.mine.Files {
		if e.Gone == nil && e.failure() == nil {
			of[e.ImageID] = name
		}
	}
	kept := p.Files[:0]
	for _, f := range p.Files {
		if other, taken := of[f.ImageID]; taken && other != w.name(f.Path) && f.State != PushSkipped {
			p.Mismatches = append(p.Mismatches, Failure{FOV: f.FOV, ImageID: f.ImageID, Path: f.Path,
				Err: fmt.Errorf("%w: it is of the same FOV, %s, as %s, which was pushed", ErrMismatch, f.FOV, w.path(other))})
			continue
		}
		kept = append(kept, f)
	}
	p.Files = kept
}

// pushEvent passes on what a push tells of files on their way. How they end is
// told where it is noted.
func (w *watcher) pushEvent(e Event) {
	switch e.Kind {
	case Started, Moved:
		w.tell(e)
	case Done:
		e.Kind, e.Err = Waiting, ErrBeingProcessed
		w.tell(e)
	case Skipped, Failed, Waiting, Resumed:
	}
}

// noteFailures notes what was not pushed, and why.
func (w *watcher) noteFailures(failures []Failure) {
	for _, f := range failures {
		name := w.name(f.Path)
		switch c := w.open[name]; {
		case c == nil, errors.Is(f.Err, ErrFileChanged):
			delete(w.open, name)
		case errors.Is(f.Err, ErrMismatch), errors.Is(f.Err, mibitiff.ErrNotMIBItiff):
			w.leave(name, f.Err)
		case answered(f.Err):
			w.refused(name, f)
		default:
			w.incomplete(name, f.Err)
		}
	}
}

// answered tells errors that came from the server, or on the way to it.
func answered(err error) bool {
	var refused *mibitracker.APIError
	return errors.As(err, &refused) || passing(err)
}

// noteFile notes a file that the server has.
func (w *watcher) noteFile(f *PushFile) {
	name := w.name(f.Path)
	c := w.open[name]
	if c == nil {
		return
	}
	e := watchEntry{Size: c.info.Size(), Modified: c.info.ModTime(), SHA256: f.SHA256, Before: f.row.hash(), ImageID: f.ImageID, FOV: f.FOV}
	switch f.State {
	case PushSkipped:
		if e.State = watchAvailable; f.row.status&statusAvailable == 0 {
			e.State = watchPushed
		}
		w.done.Skipped++
		w.tell(Event{Kind: Skipped, FOV: f.FOV, ImageID: f.ImageID, Path: f.Path, Moved: f.Size, Total: f.Size})
	case PushPushed:
		e.State = watchPushed
		w.done.Pushed++
		w.done.Bytes += f.Size
	case PushPlanned, PushProcessing, PushAvailable, PushFailed:
		return
	}
	w.state.set(name, e)
	delete(w.open, name)
	delete(w.rivals, name)
}

// refused tries a file again later, unless the server would say the same again.
func (w *watcher) refused(name string, f Failure) {
	c := w.open[name]
	c.tries++
	c.err = f.Err
	c.next = time.Now().Add(w.pause(c.tries + 1))
	c.final = !passing(f.Err) || w.Once && c.tries >= onceTries
	if c.final || c.told == "" {
		c.told = f.Err.Error()
		w.tell(Event{Kind: Failed, FOV: f.FOV, ImageID: f.ImageID, Path: f.Path, Total: c.info.Size(), Err: f.Err})
	}
}
