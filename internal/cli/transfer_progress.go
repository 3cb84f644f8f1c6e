package cli

import (
	"fmt"
	"sync"
	"time"

	"github.com/openmibi/openmibi/transfer"
)

// transferProgress shows on standard error how far the transfer of many FOVs
// is: a bar on a terminal, a line every few seconds elsewhere, JSON lines with
// --json, and nothing with --quiet. Failures are told as they happen; the
// command lists them at its end, for they may be far up by then.
type transferProgress struct {
	g     *globals
	verb  string
	kind  progressKind
	every time.Duration

	mu     sync.Mutex
	tally  tally
	meter  meter
	moved  map[string]time.Time // when a file's bytes were last told, with --json
	waited string               // what was last said to be waited for

	stop    chan struct{}
	stopped sync.WaitGroup
	once    sync.Once
}

// transferProgress begins to show a transfer of so many FOVs and bytes; verb is
// what happens to them, such as "Pulling". Both are of the whole plan, with what
// is there already; fovs is 0 and bytes -1 where nobody can know. Who calls it
// calls end, too.
func (g *globals) transferProgress(verb string, fovs int, bytes int64) *transferProgress {
	return newTransferProgress(g, g.progressKind(), verb, fovs, bytes)
}

func newTransferProgress(g *globals, kind progressKind, verb string, fovs int, bytes int64) *transferProgress {
	p := &transferProgress{
		g: g, verb: verb, kind: kind, every: kind.every(),
		tally: newTally(fovs, bytes), moved: map[string]time.Time{}, stop: make(chan struct{}),
	}
	if kind == silent {
		return p
	}
	p.meter.mark(time.Now(), 0)
	p.stopped.Go(p.tick)
	return p
}

// event takes what happened to a file, from any goroutine.
func (p *transferProgress) event(e transfer.Event) {
	if p.kind == silent {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.tally.take(e)
	if p.kind == jsonKind {
		p.eventJSON(e)
		return
	}
	switch {
	case e.Kind == transfer.Failed:
		_, _ = fmt.Fprintln(aside{p.g}, printable("failed: "+(&transfer.Failure{FOV: e.FOV, ImageID: e.ImageID, Path: e.Path, Err: e.Err}).Error()))
	case e.Kind == transfer.Waiting && e.Path == "" && e.Err != nil && e.Err.Error() != p.waited:
		p.waited = e.Err.Error()
		_, _ = fmt.Fprintln(aside{p.g}, printable("waiting: "+p.waited))
	case e.Kind == transfer.Resumed && p.waited != "":
		_, _ = fmt.Fprintln(aside{p.g}, printable("going on, this is over: "+p.waited))
		p.waited = ""
	}
}

// tick shows how far it is, again and again until the end. Nothing else draws:
// events may come far more often than anybody can read.
func (p *transferProgress) tick() {
	ticker := time.NewTicker(p.every)
	defer ticker.Stop()
	for {
		select {
		case <-p.stop:
			return
		case now := <-ticker.C:
			p.show(now)
		}
	}
}

func (p *transferProgress) show(now time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.meter.mark(now, p.tally.fresh)
	switch p.kind {
	case barKind:
		width := columnsOf(p.g.streams.Err)
		p.g.line.draw(p.g.streams.Err, p.tally.bar(p.verb, p.meter.rate(), width-1), width)
	case linesKind:
		_, _ = fmt.Fprintln(aside{p.g}, p.tally.line(p.verb, p.meter.rate()))
	case jsonKind:
		p.totalsJSON()
	}
}

// end stops showing, and clears the bar. With --json the totals come once more.
func (p *transferProgress) end() {
	p.once.Do(func() {
		close(p.stop)
		p.stopped.Wait()
		if p.kind == silent {
			return
		}
		p.mu.Lock()
		defer p.mu.Unlock()
		if p.kind == jsonKind {
			p.meter.mark(time.Now(), p.tally.fresh)
			p.totalsJSON()
		}
		p.g.line.clear(p.g.streams.Err)
	})
}
