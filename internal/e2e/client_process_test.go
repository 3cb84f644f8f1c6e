package e2e

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/openmibi/openmibi/internal/synth"
	"github.com/openmibi/openmibi/internal/tiff"
	"github.com/openmibi/openmibi/mibitracker"
)

// The index of a file may be right and a strip of it broken: that shows only
// when its samples are read.
func TestClientCorruptStrip(t *testing.T) {
	t.Parallel()
	f := newFOV(t)
	s := newSite(t)
	ctx := t.Context()
	c := s.client(t, alice)
	index, err := tiff.Open(bytes.NewReader(f.tiff), int64(len(f.tiff)), tiff.Options{})
	if err != nil {
		t.Fatal(err)
	}
	const page = 2
	tag, _ := index.Pages[page].Tag(tiff.StripOffsets)
	size, _ := index.Pages[page].Tag(tiff.StripByteCounts)
	offset, ok := tag.Uint(0)
	count, ok2 := size.Uint(0)
	if !ok || !ok2 {
		t.Fatal("the strip is not found")
	}
	broken := *f
	broken.tiff = bytes.Clone(f.tiff)
	for i := range 8 {
		broken.tiff[int(offset)+int(count)/2+i] ^= 0xff
	}
	run := f.createRun(ctx, t, c)
	id := f.imageIn(t, run)
	fail := func() {
		t.Helper()
		if _, err := c.Uploads.MIBItiff(ctx, run.ID, broken.source()); err != nil {
			t.Fatal(err)
		}
		wait, cancel := context.WithTimeout(ctx, time.Minute)
		defer cancel()
		_, err := c.Images.WaitAvailable(wait, id, hash(broken.tiff))
		var failed *mibitracker.ProcessingError
		if !errors.As(err, &failed) || !errors.Is(err, mibitracker.ErrProcessing) || failed.Image != id ||
			!strings.Contains(failed.Reason, fmt.Sprintf("page %d", page)) {
			t.Fatalf("a broken strip of page %d: %v", page, err)
		}
		t.Log(err)
	}
	fail() // with nothing before it
	if got, err := c.Images.Get(ctx, id); err != nil || got.Available() || !got.Failed() || got.TIFFSize != nil || len(got.SIMSChannels) != 0 {
		t.Errorf("%+v, %v", got, err)
	}
	if _, err := c.Images.Open(ctx, id); !errors.Is(err, mibitracker.ErrNotFound) {
		t.Errorf("a refused TIFF is served: %v", err)
	}
	f.push(ctx, t, c, run) // the right file mends it
	fail()                 // and what is right outlives another broken one
	got, err := c.Images.Get(ctx, id)
	if err != nil || got.TIFFSHA256 != f.sha256 || !got.Failed() {
		t.Errorf("%+v, %v", got, err)
	}
	f.check(ctx, t, c, id)
	if got := f.push(ctx, t, c, run); got.Failed() || got.ProcessingError != "" {
		t.Errorf("mended, the image says %v %q", got.Status, got.ProcessingError)
	}
}

// Clients repeat a POST whose answer was lost: the second queues nothing.
func TestClientRepeatsTheLastStep(t *testing.T) {
	t.Parallel()
	f := newFOV(t)
	s := newSite(t)
	ctx := t.Context()
	c := s.client(t, alice)
	run := f.createRun(ctx, t, c)
	p := signPlace(t, c, run.ID)
	if resp := p.put(t, f.tiff); resp.StatusCode != 200 {
		t.Fatal(resp.Status)
	}
	answers := map[string]int{}
	ask := func() {
		t.Helper()
		resp, err := c.Do(ctx, mibitracker.Request{
			Method: "POST", Route: "/upload_mibitiff/", Body: mibitracker.JSONBody(map[string]any{"location": p.Location, "run_id": run.ID}),
		})
		if err != nil {
			t.Fatal(err)
		}
		answer, err := io.ReadAll(resp.Body)
		_ = resp.Body.Close()
		if err != nil {
			t.Fatal(err)
		}
		answers[string(answer)]++
	}
	ask()
	ask()
	f.processed(ctx, t, c, f.imageIn(t, run))
	held := s.holds(t)
	next := f.again(t, 31, synth.Small())
	next.push(ctx, t, c, run)
	ask() // long after: it must not bring the old version back
	if len(answers) != 1 {
		t.Errorf("the answers differ: %v", answers)
	}
	after := s.holds(t)
	if after.Counts != held.Counts || after.Counts.Queued != 0 {
		t.Errorf("%+v, before %+v", after.Counts, held.Counts)
	}
	next.check(ctx, t, c, f.imageIn(t, run))
	if jobs := s.jobs(t); jobs != 2 {
		t.Errorf("%d jobs for two uploads", jobs)
	}
}

// Two versions race to one location: whichever is queued is shown whole, and
// it is queued once.
func TestClientUploadRace(t *testing.T) {
	t.Parallel()
	f := newFOV(t)
	next := f.again(t, 90, synth.Small())
	s := newSite(t)
	ctx := t.Context()
	c := s.client(t, alice)
	run := f.createRun(ctx, t, c)
	id := f.imageIn(t, run)
	p := signPlace(t, c, run.ID)
	var workers sync.WaitGroup
	var done atomic.Int64
	for i := range 12 {
		workers.Go(func() {
			content := f.tiff
			if i%2 == 0 {
				content = next.tiff
			}
			if resp := p.put(t, content); resp.StatusCode != 200 && resp.StatusCode != 409 {
				t.Errorf("PUT: %d", resp.StatusCode)
			}
			err := queue(ctx, c, p.Location, run.ID)
			if err == nil {
				done.Add(1)
			} else if !errors.Is(err, mibitracker.ErrBadRequest) {
				t.Errorf("POST: %v", err)
			}
		})
	}
	workers.Wait()
	wait, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	image, err := c.Images.WaitAvailable(wait, id, "")
	if err != nil {
		t.Fatal(err)
	}
	if jobs := s.jobs(t); jobs != 1 || done.Load() == 0 {
		t.Errorf("%d jobs, %d acknowledged", jobs, done.Load())
	}
	shown := f
	if image.TIFFSHA256 == next.sha256 {
		shown = next
	}
	if image.TIFFSHA256 != shown.sha256 {
		t.Errorf("the TIFF is neither of the two: %s", image.TIFFSHA256)
	}
	shown.check(ctx, t, c, id)
}

// A link to upload to is for one upload, for a while.
func TestClientUploadLinks(t *testing.T) {
	t.Parallel()
	f := newFOV(t)
	s := newSite(t)
	ctx := t.Context()
	c := s.client(t, alice)
	run := f.createRun(ctx, t, c)
	p := signPlace(t, c, run.ID)
	signer := s.signer(t)
	given, err := signer.Verify(grantOf(t, p.URL), "PUT", time.Now())
	if err != nil {
		t.Fatal(err)
	}
	expired, unknown := given, given
	expired.Expires = time.Now().Add(-time.Second)
	unknown.UploadID = "none"
	before := s.holds(t)
	for name, grant := range map[string]string{
		"expired": signer.Sign(expired), "of no upload": signer.Sign(unknown), "changed": "A" + grantOf(t, p.URL)[1:] + "A", "none": "",
	} {
		to := place{URL: withGrant(t, p.URL, grant)}
		if resp := to.put(t, f.tiff); resp.StatusCode != 403 {
			t.Errorf("%s: %d, want 403", name, resp.StatusCode)
		}
	}
	if diff := cmp.Diff(before, s.holds(t)); diff != "" {
		t.Errorf("something was left: %s", diff)
	}
	if resp := p.put(t, f.tiff); resp.StatusCode != 200 {
		t.Errorf("the link itself: %d", resp.StatusCode)
	}
}
