package cli

import (
	"errors"
	"fmt"
	"time"

	"github.com/openmibi/openmibi/transfer"
)

// watchLines tells what a watch does: a line with the time for each event, or a
// JSON line. What people have to do something about is on standard error.
type watchLines struct {
	g       *globals
	relogin string
	once    bool                 // what is not whole at the end has failed
	broken  func(error)          // ends the watch
	moved   map[string]time.Time // when a file's bytes were last told, with --json
}

// watchEvent is a JSON line of `mibi watch --json`.
type watchEvent struct {
	Time string `json:"time"`
	eventLine
}

// watchEnd is the last JSON line of `mibi watch --json`.
type watchEnd struct {
	Time      string        `json:"time"`
	Event     string        `json:"event"` // "end"
	Run       string        `json:"run"`
	Pushed    int           `json:"pushed"`
	Bytes     int64         `json:"bytes"` // of the files that were pushed
	Available int           `json:"available"`
	Skipped   int           `json:"skipped"`
	Failures  []pushFailure `json:"failures"`
	Left      []leftFile    `json:"left"`
}

// event takes what happened; Watch calls it from one goroutine at a time.
func (l *watchLines) event(e transfer.Event) {
	if l.g.json {
		l.eventJSON(e)
		return
	}
	what := e.Path
	if e.FOV != "" {
		what = fmt.Sprintf("%s (%s)", e.FOV, e.Path)
	}
	switch e.Kind {
	case transfer.Started:
		if !l.g.quiet {
			l.line("pushing %s, %s", what, size(e.Total))
		}
	case transfer.Done:
		l.line("available %s", what)
	case transfer.Skipped:
		if e.Err != nil {
			l.aside("left %s: %v", what, e.Err)
		} else {
			l.line("there already %s", what)
		}
	case transfer.Failed:
		l.aside("failed %s: %v", what, e.Err)
	case transfer.Waiting:
		switch {
		case errors.Is(e.Err, transfer.ErrBeingProcessed):
			l.line("pushed %s, the server processes it", what)
		case errors.Is(e.Err, transfer.ErrLoginEnded):
			l.aside("waiting: %v\n  To go on, %s. Nothing is lost meanwhile.", e.Err, l.relogin)
		case e.Path == "":
			l.aside("waiting: %v", e.Err)
		default:
			l.aside("waiting for %s: %v", what, e.Err)
		}
	case transfer.Resumed:
		l.aside("going on, this is over: %v", e.Err)
	case transfer.Moved:
	}
}

// clock is the time of a line.
func clock() string { return time.Now().Format(time.DateTime) }

// line is one of the result.
func (l *watchLines) line(format string, args ...any) {
	if _, err := fmt.Fprintln(l.g.results(), clock(), printable(fmt.Sprintf(format, args...))); err != nil {
		l.broken(err)
	}
}

// aside is one that somebody has to know of.
func (l *watchLines) aside(format string, args ...any) {
	_, _ = fmt.Fprintln(aside{l.g}, clock(), printableLines(fmt.Sprintf(format, args...)))
}

// movedEvery is how often a file's bytes are told.
const movedEvery = 5 * time.Second

func (l *watchLines) eventJSON(e transfer.Event) {
	at := time.Now()
	if e.Kind != transfer.Moved {
		delete(l.moved, e.Path)
	} else if at.Sub(l.moved[e.Path]) < movedEvery {
		return
	} else {
		l.moved[e.Path] = at
	}
	out := watchEvent{Time: at.UTC().Format(time.RFC3339), eventLine: eventLine{
		Event: e.Kind, FOV: e.FOV, ImageID: e.ImageID, Path: e.Path, Moved: e.Moved, Total: e.Total,
	}}
	if e.Err != nil {
		out.Error = textOrNull(e.Err.Error())
	}
	if err := l.g.printJSON(out); err != nil {
		l.broken(err)
	}
	if errors.Is(e.Err, transfer.ErrLoginEnded) && e.Kind == transfer.Waiting {
		l.aside("waiting: %v\n  To go on, %s. Nothing is lost meanwhile.", e.Err, l.relogin)
	}
}

// notWhole names a file that is still waited for when a watch ends, the first
// few of them.
func (l *watchLines) notWhole(f transfer.Failure, n int) {
	if n <= maxLeft {
		l.g.note("Waited for: %s: %v", f.Path, f.Err)
	}
}

// end tells what was done.
func (l *watchLines) end(r *transfer.WatchResult) error {
	if !l.g.json {
		incomplete := 0
		for _, f := range r.Failures {
			if !l.once && errors.Is(f.Err, transfer.ErrNotWhole) {
				incomplete++
				l.notWhole(f, incomplete)
			}
		}
		text := fmt.Sprintf("Pushed %s (%s)", counted(r.Pushed, "file"), size(r.Bytes))
		for _, part := range []struct {
			n    int
			what string
		}{{r.Available, "processed by now"}, {r.Skipped, "there already"}, {len(r.Failures) - incomplete, "failed"}, {incomplete, "not whole yet"}, {len(r.Left), "left where they are"}} {
			if part.n > 0 {
				text += fmt.Sprintf(", %d %s", part.n, part.what)
			}
		}
		l.g.note("%s.", text)
		return nil
	}
	out := watchEnd{
		Time: time.Now().UTC().Format(time.RFC3339), Event: "end", Run: r.Run, Pushed: r.Pushed, Bytes: r.Bytes,
		Available: r.Available, Skipped: r.Skipped, Failures: []pushFailure{}, Left: []leftFile{},
	}
	for _, f := range r.Failures {
		failure := pushFailure{Path: f.Path, FOV: f.FOV, Error: f.Err.Error()}
		if f.ImageID != 0 {
			failure.ImageID = &f.ImageID
		}
		out.Failures = append(out.Failures, failure)
	}
	for _, f := range r.Left {
		out.Left = append(out.Left, leftFile{f.Path, f.Err.Error()})
	}
	return l.g.printJSON(out)
}
