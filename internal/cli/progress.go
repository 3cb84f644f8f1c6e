package cli

import (
	"encoding/json"
	"fmt"
	"os"
	"time"
)

// progressKind is how progress is shown on standard error.
type progressKind int

const (
	silent    progressKind = iota // with --quiet
	barKind                       // a line that changes, on a terminal
	linesKind                     // a line every few seconds, elsewhere
	jsonKind                      // JSON lines, with --json
)

func (g *globals) progressKind() progressKind {
	_, tty := terminal(g.streams.Err)
	switch {
	case g.quiet:
		return silent
	case g.json:
		return jsonKind
	case tty && os.Getenv("TERM") != "dumb":
		return barKind
	}
	return linesKind
}

// every is how often progress of a kind is shown.
func (k progressKind) every() time.Duration {
	switch k {
	case barKind:
		return 200 * time.Millisecond
	case jsonKind:
		return time.Second
	}
	return 5 * time.Second
}

// progress shows how far the transfer of one file is. That of many is a
// transferProgress.
type progress struct {
	g     *globals
	name  string
	kind  progressKind
	every time.Duration

	last  time.Time
	meter meter
}

// progressLine is a JSON line of progress.
type progressLine struct {
	Name  string `json:"name"`
	Done  int64  `json:"done"`  // in bytes
	Total int64  `json:"total"` // in bytes; -1 where it is unknown
}

func (g *globals) progress(name string) *progress {
	kind := g.progressKind()
	p := &progress{g: g, name: printable(name), kind: kind, every: kind.every()}
	if kind == jsonKind {
		p.every = 5 * time.Second
	}
	return p
}

// update is called as bytes arrive, as often as they do.
func (p *progress) update(done, total int64) {
	now := time.Now()
	if p.last.IsZero() { // it begins
		p.meter.mark(now, done)
		p.last = now
	}
	if now.Sub(p.last) < p.every {
		return
	}
	p.last = now
	p.meter.mark(now, done)
	switch p.kind {
	case jsonKind:
		if line, err := json.Marshal(progressLine{p.name, done, total}); err == nil {
			_, _ = fmt.Fprintf(aside{p.g}, "%s\n", line)
		}
	case linesKind:
		_, _ = fmt.Fprintln(aside{p.g}, p.text(done, total))
	case barKind:
		p.g.line.draw(p.g.streams.Err, p.text(done, total), columnsOf(p.g.streams.Err))
	}
}

func (p *progress) text(done, total int64) string {
	rate := p.meter.rate()
	if total <= 0 {
		return fmt.Sprintf("%s: %s, %s/s", p.name, size(done), size(int64(rate)))
	}
	text := fmt.Sprintf("%s: %d %% of %s, %s/s", p.name, done*100/total, size(total), size(int64(rate)))
	if left := timeLeft(total-done, rate); left != "" {
		text += ", " + left
	}
	return text
}

// end clears the line on a terminal.
func (p *progress) end() { p.g.line.clear(p.g.streams.Err) }
