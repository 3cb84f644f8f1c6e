package cli

import (
	"fmt"
	"strings"

	"github.com/openmibi/openmibi/transfer"
)

// tally counts what events tell.
type tally struct {
	fovs, done, skipped, failed int

	bytes, moved int64            // of all files; bytes is -1 where it is unknown
	fresh        int64            // that came while it ran: for the rate
	whole        int64            // of the files that are done, and were not skipped
	open         map[string]int64 // how much of each file under way is over
	lost         map[string]int64 // what will not come of those that failed
	waiting      map[string]bool  // files that wait for the server
}

func newTally(fovs int, bytes int64) tally {
	if fovs <= 0 || bytes < 0 {
		bytes = -1
	}
	return tally{fovs: max(fovs, 0), bytes: bytes, open: map[string]int64{}, lost: map[string]int64{}, waiting: map[string]bool{}}
}

func (t *tally) take(e transfer.Event) {
	key := e.Path
	if key == "" {
		key = fmt.Sprint(e.ImageID, e.FOV)
	}
	before, known := t.open[key]
	delete(t.waiting, key)
	switch e.Kind {
	case transfer.Started, transfer.Moved:
		t.find(key)
		if known {
			t.fresh += max(0, e.Moved-before)
		} // or else it is what an earlier transfer left
		t.moved += e.Moved - before
		t.open[key] = e.Moved
	case transfer.Done:
		t.find(key)
		all := max(e.Moved, e.Total, before)
		t.done++
		t.fresh += all - before
		t.whole += all
		t.moved += all - before
		delete(t.open, key)
	case transfer.Skipped:
		t.skipped++
		t.moved += max(e.Moved, e.Total, before) - before
		delete(t.open, key)
	case transfer.Failed:
		t.failed++
		t.find(key)
		if t.bytes >= 0 && e.Total > 0 {
			t.lost[key] = min(t.bytes, max(0, e.Total-max(before, e.Moved)))
			t.bytes -= t.lost[key]
		}
	case transfer.Waiting:
		if e.Path != "" {
			t.waiting[key] = true
		}
	}
}

// find takes back that the rest of a file will not come: it was a part of it
// that failed.
func (t *tally) find(key string) {
	t.bytes += t.lost[key]
	delete(t.lost, key)
}

// count says how many FOVs are done.
func (t *tally) count() string {
	if t.fovs > 0 {
		return fmt.Sprintf("%d/%d FOVs", t.done+t.skipped, t.fovs)
	}
	return fmt.Sprintf("%d done", t.done+t.skipped)
}

// others says what is neither done nor under way.
func (t *tally) others() (texts []string) {
	if t.failed > 0 {
		texts = append(texts, fmt.Sprintf("%d failed", t.failed))
	}
	if n := len(t.waiting); n > 0 {
		texts = append(texts, fmt.Sprintf("%d waiting", n))
	}
	return texts
}

// percent of the bytes, or of the FOVs where their bytes are not known; -1 where
// neither is. It is 100 only when all are over.
func (t *tally) percent() int {
	over, all := t.moved, t.bytes
	if all < 0 {
		over, all = int64(t.done+t.skipped), int64(t.fovs)
		if all == 0 {
			return -1
		}
	}
	if all == 0 {
		return 100
	}
	return int(min(100, max(0, float64(over)/float64(all)*100)))
}

// left says how long the rest takes. FOVs of unknown size are taken to be as
// large as those before them.
func (t *tally) left(rate float64) string {
	rest := t.bytes - t.moved
	if t.bytes < 0 {
		if t.fovs == 0 || t.done == 0 {
			return ""
		}
		rest = t.whole / int64(t.done) * int64(t.fovs-t.done-t.skipped)
		for _, moved := range t.open {
			rest -= moved
		}
	}
	if rest <= 0 {
		return ""
	}
	return timeLeft(rest, rate)
}

// bytesText says how much is over, in full or shortly.
func (t *tally) bytesText(short bool) string {
	switch {
	case t.bytes < 0:
		return size(t.moved)
	case short:
		return fmt.Sprintf("%d %%", t.percent())
	}
	return fmt.Sprintf("%d %% of %s", t.percent(), size(t.bytes))
}

// line is all of it.
func (t *tally) line(verb string, rate float64) string {
	return verb + ": " + joined(t.count(), t.others(), t.bytesText(false), perSecond(rate), t.left(rate))
}

const (
	smallestBar, largestBar = 8, 42 // columns of the bar with its frame
	// usualTail is how many columns what stands behind the bar has, so that the
	// bar keeps its length while numbers grow and shrink.
	usualTail = len("99 % of 999.9 MB, 99.9 MB/s, 9m59s left")
)

// bar is the line for a terminal, at most so many columns wide: what matters
// least gives way first.
func (t *tally) bar(verb string, rate float64, width int) string {
	count, others, left := t.count(), t.others(), t.left(rate)
	head, tail := verb+" "+joined(count, others), joined(t.bytesText(false), nil, perSecond(rate), left)
	if room := min(width-columns(head)-max(columns(tail), usualTail)-2, largestBar); room >= smallestBar && t.percent() >= 0 {
		return head + " " + drawBar(t.percent(), room) + " " + tail
	}
	for _, text := range []string{
		verb + " " + joined(count, others, t.bytesText(false), perSecond(rate), left),
		joined(count, others, t.bytesText(false), perSecond(rate), left),
		joined(count, others, t.bytesText(true), perSecond(rate), left),
		joined(count, others, t.bytesText(true), left),
		joined(count, others, t.bytesText(true)),
		joined(count, nil, t.bytesText(true)),
	} {
		if columns(text) <= width {
			return text
		}
	}
	return t.bytesText(true)
}

func drawBar(percent, width int) string {
	inner := width - 2
	full := inner * percent / 100
	bar := strings.Repeat("=", full)
	if full < inner {
		bar += ">"
	}
	return fmt.Sprintf("[%-*s]", inner, bar)
}

func perSecond(rate float64) string { return size(int64(rate)) + "/s" }

func joined(first string, others []string, rest ...string) string {
	texts := append([]string{first}, others...)
	for _, text := range rest {
		if text != "" {
			texts = append(texts, text)
		}
	}
	return strings.Join(texts, ", ")
}
