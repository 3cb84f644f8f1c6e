package transfer

import (
	"cmp"
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/openmibi/openmibi/mibitracker"
)

// puller does the work of a plan.
type puller struct {
	client   *mibitracker.Client
	run      *mibitracker.Run
	options  PullOptions
	dir      string
	filter   *Filter
	hashes   hashes
	patience patience

	// adopt is told of files that are whole under an entry that is not as it
	// should be; nil for nobody. adopts says that there was one.
	adopt  func(*manifestFile) error
	adopts bool

	journal *journal
	slots   chan struct{} // see take
	splits  chan struct{} // TIFFs that are split at once
	decode  chan struct{} // pictures are decoded one at a time
	ranging chan struct{} // ranges are on their way

	telling
	mu     sync.Mutex // of what follows
	result *PullResult
	inRow  int // failures of the server since the last FOV that was pulled
}

// Run does what a plan says. It may be run again, by the same plan or a new one,
// after whatever ended it: what is whole stays and what is half goes on.
//
// What it did it says in any case. An FOV that fails is among the result's
// Failures, and does not end it. The error is a *StoppedError where going on was
// of no use, ErrFolderInUse where another pull works in the folder, the
// context's, or that of the plan's folder.
func (p *PullPlan) Run(ctx context.Context) (_ *PullResult, err error) {
	w := p.pull
	w.result = newPullResult(p)
	w.to, w.inRow = w.options.Events, 0
	w.slots, w.decode = make(chan struct{}, w.options.Jobs), make(chan struct{}, 1)
	w.splits = make(chan struct{}, min(runtime.GOMAXPROCS(0), finishers))
	w.ranging = make(chan struct{}, mostRanges)
	release, err := claim(p.Dir)
	if err != nil {
		return w.result, stopped(err, 0)
	}
	defer release()
	if err := w.begin(ctx, p); err != nil {
		return w.result, stopped(err, 0)
	}
	// What is whole is noted also where the context has ended.
	defer func() {
		// Where the disk is full the journal stays instead of a manifest.
		if noted := w.journal.close(); err == nil || !diskFull(noted) {
			err = errors.Join(err, stopped(noted, 0))
		}
		w.journal = nil // what it knows stands in the folder
	}()
	return w.result, w.work(ctx, p)
}

// begin looks again, now that nobody else changes the folder, and opens the
// journal.
func (p *puller) begin(ctx context.Context, plan *PullPlan) error {
	known, err := loadManifest(plan.Dir, p.client.BaseURL(), p.run)
	if err != nil {
		return err
	}
	if err := plan.look(ctx, known); err != nil {
		return errors.Join(err, known.close())
	}
	if err := removeParts(plan.Dir); err != nil {
		return errors.Join(err, known.close())
	}
	_, err = os.Stat(filepath.Join(plan.Dir, manifestName))
	first := errors.Is(err, fs.ErrNotExist)
	if p.journal, err = openJournal(known); err != nil {
		return errors.Join(err, known.close())
	}
	if first {
		p.journal.begin()
	}
	p.adopt = func(f *manifestFile) error { return p.journal.note(journalLine{File: f}) }
	defer func() { p.adopt = nil }()
	for n := range plan.rows.n {
		if !plan.rows.at(n).adopts {
			continue
		}
		if err := p.look(ctx, plan.fov(n), known); err != nil {
			return errors.Join(err, p.journal.close())
		}
	}
	return nil
}

// work pulls the FOVs that are not whole, several at once.
func (p *puller) work(ctx context.Context, plan *PullPlan) error {
	group, inner := errgroup.WithContext(ctx)
	group.SetLimit(p.options.Jobs + finishers)
	for n := range plan.rows.n {
		f := plan.fov(n)
		if f.State == PullWhole {
			p.here(f)
			p.settle(f)
			continue
		}
		if inner.Err() != nil {
			break
		}
		if p.take(inner, f) != nil {
			break
		}
		group.Go(func() error {
			err := p.fov(inner, f)
			p.settle(f)
			if err == nil { // else nobody follows
				p.give(f)
			}
			return err
		})
	}
	err := group.Wait()
	p.result.finish()
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return stopped(err, p.result.Untried)
}

// fov pulls one FOV. Its error ends the whole pull.
func (p *puller) fov(ctx context.Context, f *PullFOV) error {
	if ctx.Err() != nil {
		return nil
	}
	total := f.Size
	p.tell(Event{Kind: Started, FOV: f.FOV, ImageID: f.ImageID, Path: f.Path, Moved: f.Here, Total: total})
	waiting := func(err error) {
		p.tell(Event{Kind: Waiting, FOV: f.FOV, ImageID: f.ImageID, Path: f.Path, Moved: -1, Total: total, Err: err})
	}
	err := p.patience.try(ctx, waiting, func() error {
		if err := p.take(ctx, f); err != nil {
			return err
		}
		if p.options.Layout == MIBItiff {
			return p.wholeTIFF(ctx, f)
		}
		return p.channels(ctx, f)
	})
	switch {
	case err == nil:
		p.done(f)
		return nil
	case ctx.Err() != nil:
		return nil // what ended it is told once
	}
	if !errors.Is(err, errTold) {
		p.failed(f, "", err)
	}
	if endsAll(err) || p.failsAlways(err) {
		return err
	}
	return nil
}

// here tells of an FOV that was whole before.
func (p *puller) here(f *PullFOV) {
	p.dropRanges(f)
	p.tell(Event{Kind: Skipped, FOV: f.FOV, ImageID: f.ImageID, Path: f.Path, Moved: f.Here, Total: f.Here})
	if p.options.Layout == MIBItiff {
		p.keep(f, p.journal.entry(f.image.file+tiffExtension), PullWhole, "")
		return
	}
	folder := p.channelFolder(f.image)
	names := fileNames(p.channelSet(f.image, p.journal.known))
	for _, channel := range f.Channels {
		p.keep(f, p.journal.entry(folder+"/"+names[channel]), PullWhole, "")
	}
}

// keep puts a file that is here among the FOV's.
func (p *puller) keep(f *PullFOV, entry *manifestFile, state, replaced PullState) {
	if entry == nil {
		return
	}
	path := filepath.Join(p.dir, filepath.FromSlash(entry.Path))
	if slices.ContainsFunc(f.kept, func(k PulledFile) bool { return k.Path == path }) {
		return // by an attempt before this one
	}
	f.kept = append(f.kept, PulledFile{
		FOV: f.FOV, ImageID: f.ImageID, Channel: entry.Channel, Path: path,
		Size: entry.Size, SHA256: entry.SHA256, State: state, Replaced: replaced, Verified: entry.By,
	})
}

// settle puts the FOV's files among the result's, once it is not worked on any
// more.
func (p *puller) settle(f *PullFOV) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.result.keep(f)
}

func (p *puller) done(f *PullFOV) {
	p.came(f)
	p.dropRanges(f) // also those of another way to the same
	f.State = PullPulled
	size := f.Size
	if size < 0 { // what its files have come to
		size = 0
		for i := range f.kept {
			size += f.kept[i].Size
		}
	}
	p.tell(Event{Kind: Done, FOV: f.FOV, ImageID: f.ImageID, Path: f.Path, Moved: size, Total: size})
}

// failed notes a failure: of a file, or where path is empty of the FOV.
func (p *puller) failed(f *PullFOV, path string, err error) {
	p.mu.Lock()
	known := slices.ContainsFunc(p.result.Failures, func(other Failure) bool {
		return other.ImageID == f.ImageID && other.Path == path && other.Err.Error() == err.Error()
	})
	if !known { // by an attempt before this one
		p.result.Failures = append(p.result.Failures, Failure{FOV: f.FOV, ImageID: f.ImageID, Path: path, Err: err})
	}
	p.mu.Unlock()
	p.tell(Event{Kind: Failed, FOV: f.FOV, ImageID: f.ImageID, Path: cmp.Or(path, f.Path), Moved: -1, Total: f.Size, Err: err})
}

// moved counts bytes of files that are whole.
func (p *puller) moved(n int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.result.Bytes += n
}
