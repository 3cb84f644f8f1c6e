package transfer

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/openmibi/openmibi/mibitracker"
)

// watcher is a watch at work. One goroutine has it; those that send files tell
// of them by the plan's events, one at a time.
type watcher struct {
	WatchOptions

	client   *mibitracker.Client
	run      *mibitracker.Run
	filter   *Filter
	state    *watchState
	patience patience

	open       map[string]*candidate // files that are not in the state as they are
	unreadable map[string]string     // what cannot be looked into, and was told
	rivals     map[string]rival      // of files that are waited for
	folder     trouble
	server     trouble
	notes      trouble     // the state cannot be written
	asked      time.Time   // when to ask next what was processed
	turn       int         // where to begin then
	done       WatchResult // its counters
}

// trouble is something that is waited for.
type trouble struct {
	told  error // nil while there is none
	tries int
	next  time.Time // when to try again
}

// candidate is a file that is to be pushed, or that is not the run's.
type candidate struct {
	info  fs.FileInfo
	since time.Time // when it was first seen like this
	next  time.Time // when to look again
	tries int
	told  string // what was last said of it
	err   error  // why it is not pushed yet
	whole bool   // every strip of it was decoded
	left  bool   // it is not the run's
	final bool   // the server refused it
}

// longestWait is the longest time between two attempts at what may be over at
// any moment.
const longestWait = time.Minute

// watch looks at the folder until the context ends.
func (w *watcher) watch(ctx context.Context) error {
	for {
		err := w.look(ctx)
		if saved := w.save(); err == nil {
			err = saved
		}
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if err != nil || w.Once && w.finished() {
			return err
		}
		timer := time.NewTimer(w.Interval)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
		}
	}
}

// look looks at the folder once, and does what there is to do.
func (w *watcher) look(ctx context.Context) error {
	if err := w.keepLogin(ctx); err != nil {
		return err
	}
	files, err := w.scan(ctx)
	if err != nil || files == nil {
		return err
	}
	ready := w.settled(files, time.Now())
	for batch := range slices.Chunk(ready, batchSize) {
		if !w.serverMayAnswer() {
			break
		}
		if err := w.push(ctx, batch); err != nil {
			return err
		}
		if err := w.save(); err != nil {
			return err
		}
	}
	if !w.serverMayAnswer() {
		return nil
	}
	return w.follow(ctx)
}

// batchSize is how many files are matched by one listing, and how many may be
// sent before the state is written.
const batchSize = 16

// scan finds the files in the folder. Without an error it gives nil while the
// folder is away.
func (w *watcher) scan(ctx context.Context) (map[string]fs.FileInfo, error) {
	files := map[string]fs.FileInfo{}
	_, wrong, err := walkTIFFs(ctx, w.Dir, w.filter.Match, func(path string) {
		if info, err := os.Stat(path); err == nil {
			files[w.name(path)] = info
		}
	})
	if err != nil {
		return nil, err
	}
	if away, err := w.away(wrong); away || err != nil {
		return nil, err
	}
	w.tellUnreadable(wrong)
	now := time.Now()
	vanished := w.state.seen(files, now)
	for name := range w.open {
		if _, here := files[name]; !here {
			delete(w.open, name)
			vanished = true
		}
	}
	for _, c := range w.open {
		if c.left && vanished {
			c.next = now // it may have been in this one's way
		}
	}
	return files, nil
}

// away says whether the folder is away, which is told once. When it is back,
// its lock is taken again.
func (w *watcher) away(wrong []Failure) (bool, error) {
	info, err := os.Stat(w.Dir)
	for _, f := range wrong {
		if err == nil && f.Path == w.Dir {
			err = f.Err
		}
	}
	if err == nil && !info.IsDir() {
		err = errors.New("it is no folder any more")
	}
	if err == nil && w.folder.told != nil {
		if err = w.state.relock(); errors.Is(err, ErrWatched) {
			return true, err
		}
	}
	if err == nil {
		w.resume(&w.folder)
		return false, nil
	}
	err = fmt.Errorf("%w: %w", ErrFolderAway, withoutPath(err))
	if w.Once {
		return true, err
	}
	w.wait(&w.folder, err)
	return true, nil
}

// tellUnreadable tells once of each folder that cannot be looked into.
func (w *watcher) tellUnreadable(wrong []Failure) {
	now := map[string]string{}
	for _, f := range wrong {
		now[f.Path] = f.Err.Error()
		if w.unreadable[f.Path] != now[f.Path] {
			w.tell(Event{Kind: Waiting, Path: f.Path, Total: -1, Err: f.Err})
		}
	}
	w.unreadable = now
}

// settled gives the files that have not changed since the last look, and that
// are due to be looked into.
func (w *watcher) settled(files map[string]fs.FileInfo, now time.Time) []string {
	var ready []string
	for name, info := range files {
		if e := w.state.mine.Files[name]; e != nil && e.is(info) {
			delete(w.open, name)
			continue
		}
		c := w.open[name]
		if c == nil || !unchanged(c.info, info) {
			w.open[name] = &candidate{info: info, since: now}
			continue
		}
		if !now.Before(c.next) && !c.final {
			ready = append(ready, name)
		}
	}
	slices.Sort(ready)
	return ready
}

// finished says whether nothing is left to wait for.
func (w *watcher) finished() bool {
	for _, c := range w.open {
		if !c.left && !c.final {
			return false
		}
	}
	for _, e := range w.state.mine.Files {
		if e.State == watchPushed && e.Gone == nil {
			return false
		}
	}
	return true
}

// result is what was done, and how things stand.
func (w *watcher) result() *WatchResult {
	r := w.done
	r.Run = w.run.Label
	for name, c := range w.open {
		f := Failure{Path: w.path(name), Err: c.err}
		switch {
		case c.left:
			r.Left = append(r.Left, f)
		case c.err != nil:
			r.Failures = append(r.Failures, f)
		}
	}
	for name, e := range w.state.mine.Files {
		if err := e.failure(); err != nil && e.Gone == nil {
			r.Failures = append(r.Failures, Failure{FOV: e.FOV, ImageID: e.ImageID, Path: w.path(name), Err: err})
		}
	}
	for _, list := range [][]Failure{r.Failures, r.Left} {
		slices.SortFunc(list, func(a, b Failure) int { return strings.Compare(a.Path, b.Path) })
	}
	return &r
}
