package ingest

import (
	"bytes"
	"compress/flate"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/openmibi/openmibi/internal/model"
	"github.com/openmibi/openmibi/internal/pixels"
	"github.com/openmibi/openmibi/internal/store"
	"github.com/openmibi/openmibi/mibi"
	"github.com/openmibi/openmibi/mibitiff"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestPublish(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	f := annFOV(t)
	file := f.bytes(t)
	job := l.upload("u1", file)
	var mu sync.Mutex
	var moments []string
	l.work(l.ingest(func(_ context.Context, moment string) error {
		mu.Lock()
		defer mu.Unlock()
		moments = append(moments, moment)
		return nil
	}))
	image := l.see()
	if image.Status != model.StatusAvailable || image.ProcessingError != nil || l.job(job).State != model.JobDone {
		t.Fatalf("status %s, %v, job %+v", image.Status, image.ProcessingError, l.job(job))
	}
	want := model.TIFF{Key: "uploads/u1", Size: int64(len(file)), SHA256: fmt.Sprintf("%x", sha256.Sum256(file)),
		Width: 30, Height: 20, UpdatedAt: image.TIFF.UpdatedAt}
	if *image.TIFF != want {
		t.Errorf("the TIFF is %+v, want %+v", *image.TIFF, want)
	}
	// What is kept as the index is enough to open the file.
	index, err := l.Store.TIFFIndex(t.Context(), image.ID, want.Key)
	if err != nil || len(index.Spans) == 0 {
		t.Fatalf("index %v, %v", index, err)
	}
	sparse, unpacked := make([]byte, len(file)), flate.NewReader(bytes.NewReader(index.Packed))
	for _, piece := range index.Spans {
		if _, err := io.ReadFull(unpacked, sparse[piece.Offset:][:piece.Length]); err != nil {
			t.Fatal(err)
		}
	}
	if n, err := unpacked.Read(make([]byte, 1)); n != 0 || err != io.EOF {
		t.Errorf("after the last piece: %d, %v", n, err)
	}
	if opened, err := mibitiff.Open(bytes.NewReader(sparse), want.Size); err != nil || len(opened.Pages()) != 3 {
		t.Errorf("opened from %v: %v", index.Spans, err)
	}
	slices.Sort(moments)
	if got := strings.Join(moments, " "); got != "ingest.derived.1 ingest.derived.2 ingest.derived.3 ingest.taken ingest.verified "+
		"publish.after-commit publish.before-commit" {
		t.Errorf("moments: %s", got)
	}
	if len(image.Channels) != 3 {
		t.Fatalf("%d channels, want 3", len(image.Channels))
	}
	for i, c := range image.Channels {
		stats := f.planes[i].Stats()
		if c.Name != f.channels[i].Target || *c.Mass != f.channels[i].Mass || c.DType != "float32" || c.Width != 30 || c.Height != 20 ||
			c.Sum != stats.Sum || c.Max != stats.Max || c.Min != stats.Min || c.NonZero != int64(stats.NonZero) {
			t.Errorf("channel %d: %+v, want the statistics %+v", i, c, stats)
		}
		l.compare(c, f.planes[i])
	}
}

// compare reads a channel's file back and compares every sample.
func (l *lab) compare(c model.Channel, want mibitiff.Plane) {
	l.t.Helper()
	o, err := l.blobs.Open(l.t.Context(), c.Key)
	if err != nil {
		l.t.Error(err)
		return
	}
	data, err := io.ReadAll(o)
	if err := errors.Join(err, o.Close()); err != nil {
		l.t.Error(err)
		return
	}
	if sum := sha256.Sum256(data); fmt.Sprintf("%x", sum) != c.SHA256 || int64(len(data)) != c.Size {
		l.t.Errorf("%s: the stored file has another hash or size than the channel", c.Name)
	}
	var got pixels.Plane
	if c.ContentType == "image/png" {
		got, err = pixels.DecodePNG(strings.NewReader(string(data)), 1<<20)
	} else {
		got, err = decodeTIFF(data)
	}
	if err != nil {
		l.t.Errorf("%s: %v", c.Name, err)
		return
	}
	if wantPNG := want.IntegerRange() != 0; wantPNG != (c.ContentType == "image/png") {
		l.t.Errorf("%s is served as %s", c.Name, c.ContentType)
	}
	for y := range want.Height() {
		for x := range want.Width() {
			if got.At(x, y) != want.At(x, y) {
				l.t.Fatalf("%s at (%d, %d): %v, want %v", c.Name, x, y, got.At(x, y), want.At(x, y))
			}
		}
	}
}

func TestRefused(t *testing.T) {
	t.Parallel()
	good := annFOV(t)
	change := func(f func(*fov)) []byte {
		other := annFOV(t)
		f(&other)
		return other.bytes(t)
	}
	file := good.bytes(t)
	for name, test := range map[string]struct {
		file []byte
		want string
	}{
		"broken strip":   {broken(file), "page 2"},
		"truncated":      {file[:len(file)-100], "too early"},
		"no TIFF":        {[]byte("GIF89a, truly"), "not a MIBItiff"},
		"empty":          {nil, "not a MIBItiff"},
		"another run":    {change(func(f *fov) { f.run = "bob-1" }), `"bob-1"`},
		"another folder": {change(func(f *fov) { f.folder = "Point2/RowNumber0/Depth_Profile0" }), `"Point2/RowNumber0/Depth_Profile0"`},
		"extra's name":   {change(func(f *fov) { f.channels[2].Target = "cells" }), `"cells"`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := newLab(t)
			err := l.Store.Write(t.Context(), func(tx *store.Tx) error {
				return tx.PutExtraChannel(t.Context(), model.Channel{ImageID: l.image, Name: "cells", Key: "extra/1"})
			})
			if err != nil {
				t.Fatal(err)
			}
			// What is served stays served while the new file is refused.
			for _, first := range []bool{true, false} {
				if !first {
					l.upload("good", file)
					l.work(l.ingest(nil))
				}
				before := l.see()
				job := l.upload(fmt.Sprintf("bad-%t", first), test.file)
				if n := l.work(l.ingest(nil)); n != 1 {
					t.Errorf("%d attempts at a bad file, want 1", n)
				}
				after := l.see()
				if after.Status != model.StatusError || after.ProcessingError == nil || !strings.Contains(*after.ProcessingError, test.want) {
					t.Errorf("status %s, reason %v, want E and %s", after.Status, after.ProcessingError, test.want)
				}
				if l.job(job).State != model.JobFailed {
					t.Errorf("the job is %s", l.job(job).State)
				}
				if len(after.Channels) != len(before.Channels) || (after.TIFF == nil) != first || !first && *after.TIFF != *before.TIFF {
					t.Errorf("before %+v, after %+v", before, after)
				}
				if !first {
					l.compare(after.Channels[0], good.planes[0])
				}
			}
			l.sweepAll()
			want := 1 + len(good.planes)
			if keys := l.keys(); len(keys) != want {
				t.Errorf("%d objects are left, want %d: %q", len(keys), want, keys)
			}
		})
	}
}

// sweepAll sweeps at a time when all garbage is due.
func (l *lab) sweepAll() {
	l.t.Helper()
	if err := l.ingest(nil).SweepOnce(l.t.Context(), time.Now().Add(25*time.Hour)); err != nil {
		l.t.Error(err)
	}
}

func TestOvertaken(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	f := annFOV(t)
	older := l.upload("older", f.bytes(t))
	f.channels[0].Target = "CD9"
	newer := l.upload("newer", f.bytes(t))
	// While the older upload is worked on, another worker publishes the newer.
	var inner error
	g := l.ingest(nil)
	g.Hook = func(ctx context.Context, moment string) error {
		if moment == "ingest.verified" {
			_, inner = l.ingest(nil).next(ctx)
		}
		return inner
	}
	l.work(g)
	image := l.see()
	if image.TIFF == nil || image.TIFF.Key != "uploads/newer" || image.Channels[0].Name != "CD9" || image.Status != model.StatusAvailable {
		t.Errorf("the older upload won: %+v", image)
	}
	if l.job(older).State != model.JobDone || l.job(newer).State != model.JobDone {
		t.Errorf("jobs: %+v, %+v", l.job(older), l.job(newer))
	}
	l.sweepAll()
	if keys := l.keys(); len(keys) != 4 {
		t.Errorf("what is left: %q", keys)
	}
	for _, c := range image.Channels {
		if _, err := l.blobs.Stat(t.Context(), c.Key); err != nil {
			t.Error(err)
		}
	}
}

// A worker whose lease went to another one drops its work, wherever it is.
func TestLeaseLost(t *testing.T) {
	t.Parallel()
	for name, waits := range map[string]bool{"and it notices": true, "and only the fence notices": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := newLab(t)
			id := l.upload("u1", annFOV(t).bytes(t))
			var heir model.Job
			g := l.ingest(nil)
			g.Lease = 60 * time.Millisecond
			if !waits {
				g.Lease = time.Hour
			}
			g.Hook = func(ctx context.Context, moment string) (err error) {
				if moment != "ingest.verified" {
					return nil
				}
				if heir, err = l.steal(ctx, id); err == nil && waits {
					<-ctx.Done()
					err = ctx.Err()
				}
				return err
			}
			if found, err := g.next(t.Context()); err != nil || !found {
				t.Fatal(found, err)
			}
			if job := l.job(id); job.State != model.JobRunning || job.Lease != heir.Lease || job.LastError != nil {
				t.Errorf("the job is %+v, want it untouched in the heir's hands", job)
			}
			if image := l.see(); image.Status != model.StatusUnavailable || len(image.Channels) != 0 {
				t.Errorf("something was published: %+v", image)
			}
			if err := l.Store.ReleaseJob(t.Context(), heir); err != nil {
				t.Fatal(err)
			}
			l.work(l.ingest(nil))
			if image := l.see(); image.Status != model.StatusAvailable || len(image.Channels) != 3 {
				t.Errorf("the heir did not finish: %+v", image)
			}
		})
	}
}

func TestFailuresThatMayPass(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		fail   func() error
		secret string // of the computer, for the log alone
		limit  int
	}{
		"error": {func() error { return errors.New("write /srv/blobs: the disk is full") }, "/srv", 4},
		"panic": {func() error { panic("out of luck") }, "luck", 3},
	} {
		for _, moment := range []string{"ingest.taken", "ingest.derived.2", "publish.before-commit"} {
			t.Run(name+" at "+moment, func(t *testing.T) {
				t.Parallel()
				l := newLab(t)
				f := annFOV(t)
				id := l.upload("u1", f.bytes(t))
				left := 2
				hook := func(_ context.Context, at string) error {
					if at == moment && left > 0 {
						left--
						return test.fail()
					}
					return nil
				}
				if n := l.work(l.ingest(hook)); n != 3 {
					t.Errorf("%d attempts, want 3", n)
				}
				if image := l.see(); image.Status != model.StatusAvailable || len(image.Channels) != 3 {
					t.Fatalf("after two failures: %+v", image)
				}
				left = 100
				bad := l.upload("u2", f.bytes(t))
				if n := l.work(l.ingest(hook)); n != test.limit {
					t.Errorf("%d attempts, want %d", n, test.limit)
				}
				image := l.see()
				if image.Status != model.StatusError || image.ProcessingError == nil ||
					!strings.Contains(*image.ProcessingError, fmt.Sprintf("job %d", bad)) || strings.Contains(*image.ProcessingError, test.secret) {
					t.Errorf("exhausted: %s, %v", image.Status, image.ProcessingError)
				}
				if l.job(id).State != model.JobDone || l.job(bad).State != model.JobFailed || image.TIFF.Key != "uploads/u1" {
					t.Errorf("jobs %+v, %+v; TIFF %+v", l.job(id), l.job(bad), image.TIFF)
				}
			})
		}
	}
}

// A stop gives the job back; the next start finishes it, and takes what was
// queued meanwhile.
func TestStopAndStart(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	id := l.upload("u1", annFOV(t).bytes(t))
	ctx, stop := context.WithCancel(t.Context())
	g := l.ingest(func(ctx context.Context, moment string) error {
		if moment == "ingest.derived.2" {
			stop()
			<-ctx.Done()
			return ctx.Err()
		}
		return nil
	})
	if err := g.Run(ctx); err != nil {
		t.Fatal(err)
	}
	if job := l.job(id); job.State != model.JobQueued || job.Attempts != 0 {
		t.Errorf("after a stop the job is %+v", job)
	}
	if image := l.see(); image.Status != model.StatusUnavailable || len(image.Channels) != 0 {
		t.Errorf("something half is shown: %+v", image)
	}

	ctx, stop = context.WithCancel(t.Context())
	published := make(chan struct{}, 2)
	g = l.ingest(func(_ context.Context, moment string) error {
		if moment == "publish.after-commit" {
			published <- struct{}{}
		}
		return nil
	})
	g.Poll = time.Hour // it is woken, or it never works
	var wg sync.WaitGroup
	wg.Go(func() {
		if err := g.Run(ctx); err != nil {
			t.Error(err)
		}
	})
	<-published
	l.upload("u2", annFOV(t).bytes(t))
	<-published
	stop()
	wg.Wait()
	if image := l.see(); image.Status != model.StatusAvailable || image.TIFF.Key != "uploads/u2" || len(image.Channels) != 3 {
		t.Errorf("after the second start: %+v", image)
	}
}

func TestOtherPagesAreReadToo(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	f := annFOV(t)
	file := f.withSED(t)
	l.upload("u1", broken(file))
	l.work(l.ingest(nil))
	if image := l.see(); image.Status != model.StatusError || !strings.Contains(*image.ProcessingError, "SED") {
		t.Errorf("a broken SED page: %s, %v", image.Status, image.ProcessingError)
	}
	l.upload("u2", file)
	l.work(l.ingest(nil))
	if image := l.see(); image.Status != model.StatusAvailable || len(image.Channels) != 3 {
		t.Errorf("with a SED page: %+v", image)
	}
}

func TestRetryDelayGrows(t *testing.T) {
	t.Parallel()
	g := New(Config{})
	for failures, want := range map[int]time.Duration{1: time.Second, 2: 2 * time.Second, 4: 8 * time.Second, 50: 5 * time.Minute} {
		if got := g.retryDelay(failures); got != want {
			t.Errorf("after %d failures: %v, want %v", failures, got, want)
		}
	}
}

func TestTwoSizesAreRefused(t *testing.T) {
	t.Parallel()
	err := verifySizes([]mibitiff.Page{
		{Type: mibitiff.SIMS, Channel: mibi.Channel{Mass: 1, Target: "a"}, Width: 4, Height: 4},
		{Type: mibitiff.SED, Width: 9, Height: 9},
		{Type: mibitiff.SIMS, Channel: mibi.Channel{Mass: 2, Target: "b"}, Width: 4, Height: 5},
	})
	if err == nil || !strings.Contains(err.Error(), "b (2)") {
		t.Errorf("got %v", err)
	}
}
