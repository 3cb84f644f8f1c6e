package cli

import (
	"fmt"
	"strings"

	"github.com/openmibi/openmibi/transfer"
)

// tally counts what events tell.
type tally struct {
	files, done, skipped, failed int
	perFOV                       map[string]int // files that are still to come
	fovs, fovsDone               int

	bytes, moved int64            // of all files; bytes is -1 where it is unknown
	fresh        int64            // that came while it ran: for the rate
	open         map[string]int64 // how much of each file under way is over
	waiting      map[string]bool  // files that wait for the server
}

func newTally(files int, bytes int64) tally {
	if files <= 0 || bytes < 0 {
		bytes = -1
	}
	return tally{files: max(files, 0), bytes: bytes, open: map[string]int64{}, waiting: map[string]bool{}}
}

func (t *tally) expect(files map[string]int) {
	t.perFOV, t.fovs = map[string]int{}, len(files)
	for fov, n := range files {
		t.perFOV[fov] = n
	}
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
		if known {
			t.fresh += max(0, e.Moved-before)
		} // or else it is what an earlier transfer left
		t.moved += e.Moved - before
		t.open[key] = e.Moved
	case transfer.Done, transfer.Skipped:
		all := max(e.Moved, e.Total, before)
		if e.Kind == transfer.Done {
			t.done++
			t.fresh += all - before
		} else {
			t.skipped++
		}
		t.moved += all - before
		delete(t.open, key)
		if n, ok := t.perFOV[e.FOV]; ok {
			t.perFOV[e.FOV] = n - 1
			if n == 1 {
				t.fovsDone++
			}
		}
	case transfer.Failed:
		t.failed++
		if t.bytes >= 0 && e.Total > 0 { // they will not come any more
			t.bytes = max(0, t.bytes-max(0, e.Total-max(before, e.Moved)))
		}
		delete(t.open, key)
	case transfer.Waiting:
		if e.Path != "" {
			t.waiting[key] = true
		}
	}
}

// count says how many FOVs or files are done.
func (t *tally) count() string {
	switch {
	case t.fovs > 0:
		return fmt.Sprintf("%d/%d FOVs", t.fovsDone, t.fovs)
	case t.files > 0:
		return fmt.Sprintf("%d/%d files", t.done+t.skipped, t.files)
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

// percent of the bytes; it is 100 only when all are over. -1 where it is unknown.
func (t *tally) percent() int {
	if t.bytes < 0 {
		return -1
	}
	if t.bytes == 0 {
		return 100
	}
	return int(min(100, max(0, float64(t.moved)/float64(t.bytes)*100)))
}

// left says how long the rest takes.
func (t *tally) left(rate float64) string {
	if t.bytes < 0 || t.moved >= t.bytes {
		return ""
	}
	return timeLeft(t.bytes-t.moved, rate)
}

// bytesText says how much is over, in full or shortly.
func (t *tally) bytesText(short bool) string {
	percent := t.percent()
	switch {
	case percent < 0:
		return size(t.moved)
	case short:
		return fmt.Sprintf("%d %%", percent)
	}
	return fmt.Sprintf("%d %% of %s", percent, size(t.bytes))
}

// line is all of it.
func (t *tally) line(verb string, rate float64) string {
	return verb + ": " + joined(t.count(), t.others(), t.bytesText(false), perSecond(rate), t.left(rate))
}

const (
	smallestBar, largestBar = 12, 42 // columns of the bar with its frame
	// usualTail is how many columns what stands behind the bar has, so that the
	// bar keeps its length while numbers grow and shrink.
	usualTail = len("99 % of 999.9 MB, 999.9 MB/s, 59m59s left")
)

// bar is the line for a terminal, at most so many columns wide: what matters
// least gives way first.
func (t *tally) bar(verb string, rate float64, width int) string {
	count, others, left := t.count(), t.others(), t.left(rate)
	head, tail := verb+" "+joined(count, others), joined(t.bytesText(false), nil, perSecond(rate), left)
	if room := min(width-columns(head)-max(columns(tail), usualTail)-2, largestBar); room >= smallestBar && t.bytes >= 0 {
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
