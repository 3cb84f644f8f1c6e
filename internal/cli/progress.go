package cli

import (
	"encoding/json"
	"fmt"
	"io"
	"time"
)

// progress shows on standard error how far a transfer is: a line that changes
// on a terminal, a line every few seconds elsewhere, JSON lines with --json,
// and nothing with --quiet.
type progress struct {
	out      io.Writer
	name     string
	terminal bool
	json     bool
	every    time.Duration

	start, last time.Time
	first       int64 // what was there at the start
	shown       int   // columns of the line on the terminal
}

// progressLine is a JSON line of progress.
type progressLine struct {
	Name  string `json:"name"`
	Done  int64  `json:"done"`  // in bytes
	Total int64  `json:"total"` // in bytes; -1 where it is unknown
}

func (g *globals) progress(name string) *progress {
	_, tty := terminal(g.streams.Err)
	p := &progress{out: g.streams.Err, name: printable(name), terminal: tty && !g.json, json: g.json, every: 5 * time.Second}
	if p.terminal {
		p.every = 200 * time.Millisecond
	}
	if g.quiet {
		p.out = io.Discard
	}
	return p
}

// update is called as bytes arrive, as often as they do.
func (p *progress) update(done, total int64) {
	now := time.Now()
	if p.start.IsZero() || done < p.first { // it begins, or starts over
		p.start, p.last, p.first = now, now, done
	}
	if now.Sub(p.last) < p.every {
		return
	}
	p.last = now
	if p.json {
		if line, err := json.Marshal(progressLine{p.name, done, total}); err == nil {
			_, _ = fmt.Fprintf(p.out, "%s\n", line)
		}
		return
	}
	rate := float64(done-p.first) / now.Sub(p.start).Seconds()
	text := fmt.Sprintf("%s: %s, %s/s", p.name, size(done), size(int64(rate)))
	if total > 0 {
		text = fmt.Sprintf("%s: %d %% of %s, %s/s", p.name, done*100/total, size(total), size(int64(rate)))
		if rate > 0 {
			left := time.Duration(float64(total-done) / rate * float64(time.Second))
			text += fmt.Sprintf(", %v left", left.Round(time.Second))
		}
	}
	if !p.terminal {
		_, _ = fmt.Fprintln(p.out, text)
		return
	}
	_, _ = fmt.Fprintf(p.out, "\r%-*s", p.shown, text)
	p.shown = max(p.shown, len([]rune(text)))
}

// end clears the line on a terminal.
func (p *progress) end() {
	if p.shown > 0 {
		_, _ = fmt.Fprintf(p.out, "\r%*s\r", p.shown, "")
	}
}

// size is a number of bytes as people read it.
func size(bytes int64) string {
	units := []string{"kB", "MB", "GB", "TB"}
	if bytes < 1000 {
		return fmt.Sprintf("%d B", bytes)
	}
	n, unit := float64(bytes)/1000, 0
	for n >= 1000 && unit < len(units)-1 {
		n, unit = n/1000, unit+1
	}
	return fmt.Sprintf("%.1f %s", n, units[unit])
}
