package cli

import (
	"bytes"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/openmibi/openmibi/transfer"
)

// play shows the pull of three FOVs of 100 MB each, at 10 MB/s: one was there,
// one was half there, and one fails when half of it has come.
func play(t *testing.T, kind progressKind, told func(p *transferProgress)) string {
	t.Helper()
	const mb = 1_000_000
	var out bytes.Buffer
	synctest.Test(t, func(t *testing.T) {
		p := newTransferProgress(&globals{streams: Streams{Err: &out}}, kind, "Pulling", 3, 300*mb)
		time.Sleep(50 * time.Millisecond) // nothing comes at the moment at which it is shown
		p.event(transfer.Event{Kind: transfer.Skipped, FOV: "Point1", ImageID: 7, Path: "r/Point1.tiff", Moved: 100 * mb, Total: 100 * mb})
		for i, from := range []int64{50, 0} {
			e := transfer.Event{Kind: transfer.Started, FOV: "Point" + string(rune('2'+i)), ImageID: int64(8 + i), Path: "r/Point" + string(rune('2'+i)) + ".tiff", Moved: from * mb, Total: 100 * mb}
			p.event(e)
			e.Kind = transfer.Moved
			for e.Moved < (from+50)*mb {
				time.Sleep(time.Second / 2)
				e.Moved += 5 * mb
				p.event(e)
			}
			if e.Kind = transfer.Done; i == 1 {
				e.Kind, e.Err = transfer.Failed, errors.New("the connection broke\x1b[31m")
			}
			p.event(e)
		}
		if told != nil {
			told(p)
		}
		p.end()
		p.end() // does nothing
	})
	return out.String()
}

func TestTransferProgressLines(t *testing.T) {
	t.Parallel()
	got := play(t, linesKind, func(p *transferProgress) {
		for range 2 { // the second one is the same
			p.event(transfer.Event{Kind: transfer.Waiting, Err: errors.New("the login has ended: run mibi login")})
		}
		p.event(transfer.Event{Kind: transfer.Resumed, Err: errors.New("the login has ended: run mibi login")})
		p.event(transfer.Event{Kind: transfer.Waiting, FOV: "Point2", Path: "r/Point2.tiff"})
		time.Sleep(5 * time.Second)
	})
	want := `Pulling: 1/3 FOVs, 65 % of 300.0 MB, 9.0 MB/s, 12s left
Pulling: 2/3 FOVs, 81 % of 300.0 MB, 9.5 MB/s, 6s left
failed: r/Point3.tiff: the connection broke\x1b[31m
waiting: the login has ended: run mibi login
going on, this is over: the login has ended: run mibi login
Pulling: 2/3 FOVs, 1 failed, 1 waiting, 100 % of 250.0 MB, 5.5 MB/s
`
	if got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}

func TestTransferProgressJSON(t *testing.T) {
	t.Parallel()
	got := play(t, jsonKind, nil)
	var events []string
	last := ""
	for line := range strings.Lines(got) {
		var e struct{ Event string }
		if err := json.Unmarshal([]byte(line), &e); err != nil || strings.ContainsAny(line, "\x1b") {
			t.Fatalf("%q: %v", line, err)
		}
		events, last = append(events, e.Event), line
	}
	// Two files for 5 s each, with a few lines a second at most.
	if n := len(events); n < 20 || n > 40 {
		t.Errorf("%d lines:\n%s", n, got)
	}
	for event, n := range map[string]int{"skipped": 1, "started": 2, "done": 1, "failed": 1} {
		if m := len(events) - len(slices.DeleteFunc(slices.Clone(events), func(e string) bool { return e == event })); m != n {
			t.Errorf("%d times %s, want %d:\n%s", m, event, n, got)
		}
	}
	for _, want := range []string{
		`{"event":"skipped","fov":"Point1","image_id":7,"path":"r/Point1.tiff","moved":100000000,"total":100000000,"error":null}`,
		`{"event":"moved","fov":"Point2","image_id":8,"path":"r/Point2.tiff","moved":55000000,"total":100000000,"error":null}`,
		`{"event":"failed","fov":"Point3","image_id":9,"path":"r/Point3.tiff","moved":50000000,"total":100000000,"error":"the connection broke\u001b[31m"}`,
	} {
		if !strings.Contains(got, want+"\n") {
			t.Errorf("no line %s in\n%s", want, got)
		}
	}
	if want := `{"event":"totals","fovs":3,"done":1,"skipped":1,"failed":1,"moved":250000000,"total":250000000,"rate":9950248}` + "\n"; last != want {
		t.Errorf("ends with\n%swant\n%s", last, want)
	}
}

func TestTransferProgressBar(t *testing.T) {
	t.Parallel()
	got := play(t, barKind, func(p *transferProgress) {
		p.g.warn("a retry")
	})
	screen, above := "", []string{}
	for line := range strings.SplitAfterSeq(got, "\n") {
		draws := strings.Split(line, "\r")
		for _, draw := range draws {
			if len(draw) > 79 {
				t.Errorf("%d columns: %q", len(draw), draw)
			}
		}
		if screen = draws[len(draws)-1]; strings.HasSuffix(screen, "\n") {
			above = append(above, screen)
		}
	}
	// The messages stand alone on their lines, and nothing is left of the bar.
	if want := []string{"failed: r/Point3.tiff: the connection broke\\x1b[31m\n", "mibi: warning: a retry\n"}; !slices.Equal(above, want) {
		t.Errorf("lines %q, want %q", above, want)
	}
	if screen != "" {
		t.Errorf("%q is left", screen)
	}
	if want := "\rPulling 2/3 FOVs [================>   ] 80 % of 300.0 MB, 9.6 MB/s, 6s left"; !strings.Contains(got, want) {
		t.Errorf("no %q in %q", want, got)
	}
	if got := play(t, silent, nil); got != "" {
		t.Errorf("--quiet writes %q", got)
	}
}

// Events may come from many goroutines while the bar is drawn.
func TestTransferProgressConcurrent(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var out bytes.Buffer
		p := newTransferProgress(&globals{streams: Streams{Err: &out}}, barKind, "Pushing", 8, 8000)
		var all sync.WaitGroup
		for i := range 8 {
			all.Go(func() {
				e := transfer.Event{Kind: transfer.Started, Path: string(rune('a' + i)), Total: 1000}
				p.event(e)
				for e.Kind = transfer.Moved; e.Moved < 1000; e.Moved += 10 {
					time.Sleep(50 * time.Millisecond)
					p.event(e)
				}
				e.Kind = transfer.Done
				p.event(e)
			})
		}
		all.Wait()
		if got, want := p.tally.line("Pushing", 0), "Pushing: 8/8 FOVs, 100 % of 8.0 kB, 0 B/s"; got != want {
			t.Errorf("got %q, want %q", got, want)
		}
		p.end()
	})
}

func TestTallyStartsOver(t *testing.T) {
	t.Parallel()
	tally := newTally(0, -1)
	for _, moved := range []int64{40, 90, 10, 50} {
		tally.take(transfer.Event{Kind: transfer.Moved, Path: "a", Moved: moved, Total: -1})
	}
	if tally.moved != 50 || tally.fresh != 90 {
		t.Errorf("%d moved, %d fresh; want 50 and 90", tally.moved, tally.fresh)
	}
	tally.take(transfer.Event{Kind: transfer.Done, Path: "a", Moved: 50, Total: -1})
	if got, want := tally.bar("Watching", 10, 79), "Watching 1 done, 50 B, 10 B/s"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// Where a channel of an FOV fails the others go on.
func TestTallyPartlyFailed(t *testing.T) {
	t.Parallel()
	tally := newTally(2, 200)
	for _, e := range []transfer.Event{
		{Kind: transfer.Started, Path: "a", Total: 100},
		{Kind: transfer.Moved, Path: "a", Moved: 50, Total: 100},
		{Kind: transfer.Failed, Path: "a", Moved: -1, Total: 100},
	} {
		tally.take(e)
	}
	if got, want := tally.line("Pulling", 0), "Pulling: 0/2 FOVs, 1 failed, 33 % of 150 B, 0 B/s"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	tally.take(transfer.Event{Kind: transfer.Moved, Path: "a", Moved: 90, Total: -1})
	if got, want := tally.line("Pulling", 11), "Pulling: 0/2 FOVs, 1 failed, 45 % of 200 B, 11 B/s, 10s left"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// What is not known is guessed from the FOVs before.
func TestTallyUnknownBytes(t *testing.T) {
	t.Parallel()
	tally := newTally(4, -1)
	for _, e := range []transfer.Event{
		{Kind: transfer.Skipped, Path: "a", Moved: 7, Total: 7},
		{Kind: transfer.Started, Path: "b", Total: -1},
		{Kind: transfer.Moved, Path: "b", Moved: 60, Total: -1},
	} {
		tally.take(e)
	}
	if got, want := tally.line("Pulling", 10), "Pulling: 1/4 FOVs, 67 B, 10 B/s"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	tally.take(transfer.Event{Kind: transfer.Done, Path: "b", Moved: 100, Total: 100})
	tally.take(transfer.Event{Kind: transfer.Moved, Path: "c", Moved: 80, Total: -1})
	if got, want := tally.bar("Pulling", 10, 79), "Pulling 2/4 FOVs [==========>         ] 187 B, 10 B/s, 12s left"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestBarFits(t *testing.T) {
	t.Parallel()
	tally := newTally(20, 5_000_000_000)
	tally.take(transfer.Event{Kind: transfer.Failed, Path: "b", Total: 0})
	tally.take(transfer.Event{Kind: transfer.Moved, Path: "a", Moved: 1_234_567_890})
	for width, want := range map[int]string{
		6:   "24 %",
		25:  "0/20 FOVs, 1 failed, 24 %",
		20:  "0/20 FOVs, 24 %",
		39:  "0/20 FOVs, 1 failed, 24 %, 1m3s left",
		59:  "0/20 FOVs, 1 failed, 24 % of 5.0 GB, 60.0 MB/s, 1m3s left",
		79:  "Pulling 0/20 FOVs, 1 failed [==>      ] 24 % of 5.0 GB, 60.0 MB/s, 1m3s left",
		119: "Pulling 0/20 FOVs, 1 failed [=========>                              ] 24 % of 5.0 GB, 60.0 MB/s, 1m3s left",
		199: "Pulling 0/20 FOVs, 1 failed [=========>                              ] 24 % of 5.0 GB, 60.0 MB/s, 1m3s left",
	} {
		if got := tally.bar("Pulling", 60e6, width); got != want {
			t.Errorf("%d columns: %q, want %q", width, got, want)
		}
	}
	for width := 4; width < 250; width++ {
		if got := tally.bar("Pulling", 60e6, width); columns(got) > width {
			t.Errorf("%d columns: %q", width, got)
		}
	}
}

func TestLiveLine(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	var line liveLine
	line.clear(&out)                       // there is none
	line.draw(&out, "Punkt 点点点", 11)       // the last one does not fit
	line.draw(&out, "Punkt 点点点", 11)       // nothing changed
	line.draw(&out, "ab\u0301c", 11)       // shorter: the rest is erased
	_ = line.above(&out, []byte("said\n")) // and it comes again below
	line.clear(&out)
	_ = line.above(&out, []byte("more\n"))
	want := "\rPunkt 点点" + "\rab\u0301c       " + "\r   \rsaid\nab\u0301c" + "\r   \r" + "more\n"
	if out.String() != want {
		t.Errorf("got  %q\nwant %q", out.String(), want)
	}
}
