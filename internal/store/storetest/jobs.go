package storetest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/openmibi/openmibi/internal/model"
	"github.com/openmibi/openmibi/internal/store"
)

const tries = 3

func take(ctx context.Context, t *testing.T, lab Lab, lease time.Duration) model.Job {
	t.Helper()
	job, err := lab.Store.TakeJob(ctx, lease, tries)
	must(t, err)
	return job
}

func testJobOrder(ctx context.Context, t *testing.T, lab Lab) {
	images := lab.Images(ctx, t, lab.AnnRun)
	if _, err := lab.Store.TakeJob(ctx, time.Minute, tries); !errors.Is(err, store.ErrNotFound) {
		t.Fatalf("an empty queue: %v", err)
	}
	first := lab.Queue(ctx, t, "u1", lab.AnnRun, images[0])
	second := lab.Queue(ctx, t, "u2", lab.AnnRun, images[1])
	select {
	case <-lab.Store.Enqueued():
	default:
		t.Error("nobody was woken")
	}
	a, b := take(ctx, t, lab, time.Minute), take(ctx, t, lab, time.Minute)
	if a.ID != first || b.ID != second || a.State != model.JobRunning || a.Attempts != 1 || a.Lease == b.Lease {
		t.Errorf("took %+v, then %+v", a, b)
	}
	must(t, lab.Store.RetryJob(ctx, a, "disk full", 0))
	again := take(ctx, t, lab, time.Minute)
	if again.ID != first || again.Attempts != 1 || again.Failures != 1 || again.LastError == nil || *again.LastError != "disk full" {
		t.Errorf("after a retry: %+v", again)
	}
	must(t, lab.Store.ReleaseJob(ctx, again))
	if again = take(ctx, t, lab, time.Minute); again.Attempts != 1 || again.Failures != 1 {
		t.Errorf("a release counted as an attempt: %+v", again)
	}
	must(t, lab.Store.RetryJob(ctx, again, "later", time.Hour))
	if _, err := lab.Store.TakeJob(ctx, time.Minute, tries); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("a job that is due in an hour was taken: %v", err)
	}
}

func testJobLease(ctx context.Context, t *testing.T, lab Lab) {
	lab.Queue(ctx, t, "u1", lab.AnnRun, lab.Images(ctx, t, lab.AnnRun)[0])
	dead := take(ctx, t, lab, -time.Second) // a lease that has run out
	heir := take(ctx, t, lab, time.Minute)
	if heir.ID != dead.ID || heir.Lease == dead.Lease {
		t.Fatalf("the lease was not inherited: %+v, %+v", dead, heir)
	}
	for name, err := range map[string]error{
		"extend":  lab.Store.ExtendLease(ctx, dead, time.Minute),
		"retry":   lab.Store.RetryJob(ctx, dead, "x", 0),
		"release": lab.Store.ReleaseJob(ctx, dead),
		"fail":    lab.Store.FailJob(ctx, dead, "x"),
		"publish": func() error { _, err := lab.Store.Publish(ctx, dead, store.Publication{}, nil); return err }(),
	} {
		if !errors.Is(err, store.ErrLeaseLost) {
			t.Errorf("%s with a lost lease: %v", name, err)
		}
	}
	must(t, lab.Store.ExtendLease(ctx, heir, time.Minute))
	must(t, lab.Store.FailJob(ctx, heir, "not a TIFF"))
	img, err := lab.Store.Image(ctx, lab.Ann, heir.ImageID)
	must(t, err)
	if img.Status != model.StatusError || img.ProcessingError == nil || *img.ProcessingError != "not a TIFF" {
		t.Errorf("after failing: %s, %v", img.Status, img.ProcessingError)
	}
}

func testJobReclaim(ctx context.Context, t *testing.T, lab Lab) {
	lab.Queue(ctx, t, "u1", lab.AnnRun, lab.Images(ctx, t, lab.AnnRun)[0])
	dead := take(ctx, t, lab, time.Hour)
	if n, err := lab.Store.ReclaimJobs(ctx); n != 1 || err != nil {
		t.Fatalf("reclaimed %d, %v", n, err)
	}
	if heir := take(ctx, t, lab, time.Hour); heir.ID != dead.ID || heir.Attempts != 2 {
		t.Errorf("took %+v", heir)
	}
	if _, err := lab.Store.Publish(ctx, dead, publication("u1", "CD3"), nil); !errors.Is(err, store.ErrLeaseLost) {
		t.Errorf("the dead one's publication: %v", err)
	}
}

func testJobAttempts(ctx context.Context, t *testing.T, lab Lab) {
	lab.Queue(ctx, t, "u1", lab.AnnRun, lab.Images(ctx, t, lab.AnnRun)[0])
	var job model.Job
	for range tries {
		job = take(ctx, t, lab, -time.Second)
	}
	if _, err := lab.Store.TakeJob(ctx, time.Minute, tries); !errors.Is(err, store.ErrNotFound) {
		t.Fatalf("an exhausted job: %v", err)
	}
	img, err := lab.Store.Image(ctx, lab.Ann, job.ImageID)
	must(t, err)
	if img.Status != model.StatusError || img.ProcessingError == nil || !strings.Contains(*img.ProcessingError, "interrupted 3 times") {
		t.Errorf("after %d attempts: %s, %v", tries, img.Status, img.ProcessingError)
	}
}

func testJobsTakenOnce(ctx context.Context, t *testing.T, lab Lab) {
	const jobs = 40
	image := lab.Images(ctx, t, lab.AnnRun)[0]
	for i := range jobs {
		lab.Queue(ctx, t, "u"+string(rune('A'+i)), lab.AnnRun, image)
	}
	var mu sync.Mutex
	taken := make(map[int64]int)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for {
				job, err := lab.Store.TakeJob(ctx, time.Minute, tries)
				if err != nil {
					if !errors.Is(err, store.ErrNotFound) {
						t.Errorf("take: %v", err)
					}
					return
				}
				mu.Lock()
				taken[job.ID]++
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	for id, n := range taken {
		if n != 1 {
			t.Errorf("job %d was taken %d times", id, n)
		}
	}
	if len(taken) != jobs {
		t.Errorf("%d jobs were taken, want %d", len(taken), jobs)
	}
}

func publication(upload string, names ...string) store.Publication {
	p := store.Publication{TIFF: model.TIFF{Key: "uploads/" + upload, Size: 10, SHA256: "sha-" + upload, Width: 4, Height: 4}}
	for i, name := range names {
		p.Channels = append(p.Channels, model.Channel{Name: name, Page: i, Key: "derived/" + upload + "/" + name, ContentType: "image/png"})
	}
	return p
}

func channelNames(channels []model.Channel) string {
	var names []string
	for _, c := range channels {
		names = append(names, c.Name)
	}
	return strings.Join(names, " ")
}

func testPublish(ctx context.Context, t *testing.T, lab Lab) {
	image := lab.Images(ctx, t, lab.AnnRun)[0]
	lab.Queue(ctx, t, "u1", lab.AnnRun, image)
	ok, err := lab.Store.Publish(ctx, take(ctx, t, lab, time.Minute), publication("u1", "CD3", "CD8"), nil)
	must(t, err)
	img, err := lab.Store.Image(ctx, lab.Ann, image)
	must(t, err)
	if !ok || img.Status != model.StatusAvailable || img.TIFF == nil || img.TIFF.SHA256 != "sha-u1" || channelNames(img.Channels) != "CD3 CD8" {
		t.Fatalf("published %t: %+v", ok, img)
	}
	// Another TIFF takes the place of the first, whose bytes become garbage, later.
	lab.Queue(ctx, t, "u2", lab.AnnRun, image)
	second := publication("u2", "CD8", "CD4")
	second.Index = model.TIFFIndex{Spans: []model.Span{{Offset: 0, Length: 700}, {Offset: 1 << 40, Length: 3}}, Packed: []byte{0, 1, 0xff}}
	_, err = lab.Store.Publish(ctx, take(ctx, t, lab, time.Minute), second, nil)
	must(t, err)
	for key, want := range map[string]model.TIFFIndex{"uploads/u2": second.Index, "uploads/u1": {}, "": {}} {
		if got, err := lab.Store.TIFFIndex(ctx, image, key); err != nil || !slices.Equal(got.Spans, want.Spans) || !bytes.Equal(got.Packed, want.Packed) {
			t.Errorf("index of %q: %v, %v; want %v", key, got, err, want)
		}
	}
	img, err = lab.Store.Image(ctx, lab.Ann, image)
	must(t, err)
	if channelNames(img.Channels) != "CD8 CD4" || img.TIFF.Key != "uploads/u2" {
		t.Errorf("replaced: %+v", img)
	}
	now, err := lab.Store.DueGarbage(ctx, time.Now(), 10)
	must(t, err)
	later, err := lab.Store.DueGarbage(ctx, time.Now().Add(25*time.Hour), 10)
	must(t, err)
	if len(now) != 0 || len(later) != 3 {
		t.Errorf("garbage: %d now, %d later; want 0 and 3", len(now), len(later))
	}
	// A failing upload leaves what is shown, and says why it failed.
	lab.Queue(ctx, t, "u3", lab.AnnRun, image)
	must(t, lab.Store.FailJob(ctx, take(ctx, t, lab, time.Minute), "broken"))
	img, err = lab.Store.Image(ctx, lab.Ann, image)
	must(t, err)
	if img.Status != model.StatusError || img.TIFF == nil || channelNames(img.Channels) != "CD8 CD4" {
		t.Errorf("after a failed upload: %+v", img)
	}
	// The next upload starts afresh.
	lab.Queue(ctx, t, "u4", lab.AnnRun, image)
	img, err = lab.Store.Image(ctx, lab.Ann, image)
	must(t, err)
	if img.Status != model.StatusAvailable || img.ProcessingError != nil {
		t.Errorf("with a new upload on its way: %s, %v", img.Status, *img.ProcessingError)
	}
}

func testPublishOvertaken(ctx context.Context, t *testing.T, lab Lab) {
	image := lab.Images(ctx, t, lab.AnnRun)[0]
	lab.Queue(ctx, t, "old", lab.AnnRun, image)
	lab.Queue(ctx, t, "new", lab.AnnRun, image)
	older, newer := take(ctx, t, lab, time.Minute), take(ctx, t, lab, time.Minute)
	if ok, err := lab.Store.Publish(ctx, newer, publication("new", "N"), nil); err != nil || !ok {
		t.Fatal(ok, err)
	}
	if ok, err := lab.Store.Publish(ctx, older, publication("old", "O"), nil); err != nil || ok {
		t.Fatalf("the overtaken upload: %t, %v", ok, err)
	}
	img, err := lab.Store.Image(ctx, lab.Ann, image)
	must(t, err)
	if channelNames(img.Channels) != "N" || img.TIFF.SHA256 != "sha-new" {
		t.Errorf("the older upload won: %+v", img)
	}
}

func testPublishUndone(ctx context.Context, t *testing.T, lab Lab) {
	image := lab.Images(ctx, t, lab.AnnRun)[0]
	lab.Queue(ctx, t, "u1", lab.AnnRun, image)
	job := take(ctx, t, lab, time.Minute)
	stop := errors.New("stopped")
	if ok, err := lab.Store.Publish(ctx, job, publication("u1", "CD3"), func() error { return stop }); ok || !errors.Is(err, stop) {
		t.Fatal(ok, err)
	}
	twice := publication("u1", "CD3", "CD3")
	if _, err := lab.Store.Publish(ctx, job, twice, nil); !errors.Is(err, store.ErrConflict) {
		t.Fatalf("two channels of one name: %v", err)
	}
	img, err := lab.Store.Image(ctx, lab.Ann, image)
	must(t, err)
	j, err := lab.Store.Job(ctx, job.ID)
	must(t, err)
	if img.Status != model.StatusUnavailable || len(img.Channels) != 0 || j.State != model.JobRunning {
		t.Errorf("an undone publication left a trace: %+v, %+v", img, j)
	}
}

func testUploads(ctx context.Context, t *testing.T, lab Lab) {
	must(t, lab.Store.Write(ctx, func(tx *store.Tx) error {
		return errors.Join(
			tx.AddUpload(ctx, model.Upload{ID: "stale", RunID: lab.AnnRun, AccountID: lab.Ann.ID, ExpiresAt: time.Now().Add(-time.Hour)}),
			tx.UploadReceived(ctx, "stale", "uploads/stale-1", 1, "a"),
			tx.UploadReceived(ctx, "stale", "uploads/stale-2", 2, "b"),
		)
	}))
	u, err := lab.Store.Upload(ctx, "stale")
	must(t, err)
	if u.Key != "uploads/stale-2" || u.Size != 2 || u.SHA256 != "b" || u.ReceivedAt == nil || u.JobID != nil {
		t.Errorf("received twice: %+v", u)
	}
	lab.Queue(ctx, t, "queued", lab.AnnRun, lab.Images(ctx, t, lab.AnnRun)[0])
	must(t, lab.Store.Write(ctx, func(tx *store.Tx) error {
		if err := tx.UploadReceived(ctx, "queued", "uploads/late", 9, "late"); err != nil {
			return err
		}
		n, err := tx.ExpireUploads(ctx, time.Now())
		if n != 1 {
			t.Errorf("%d uploads expired, want 1", n)
		}
		return err
	}))
	if u, err = lab.Store.Upload(ctx, "queued"); err != nil || u.Key != "uploads/queued" {
		t.Errorf("bytes that came after the queueing took their place: %+v, %v", u, err)
	}
	if _, err := lab.Store.Upload(ctx, "stale"); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("the expired upload: %v", err)
	}
}

func testExtraChannels(ctx context.Context, t *testing.T, lab Lab) {
	image := lab.Images(ctx, t, lab.AnnRun)[0]
	lab.Queue(ctx, t, "u1", lab.AnnRun, image)
	_, err := lab.Store.Publish(ctx, take(ctx, t, lab, time.Minute), publication("u1", "CD3"), nil)
	must(t, err)
	put := func(name, key string) error {
		return lab.Store.Write(ctx, func(tx *store.Tx) error {
			return tx.PutExtraChannel(ctx, model.Channel{ImageID: image, Name: name, Key: key})
		})
	}
	must(t, put("cells", "extra/1"))
	must(t, put("cells", "extra/2"))
	if err := put("CD3", "extra/3"); !errors.Is(err, store.ErrConflict) {
		t.Errorf("a SIMS channel's name: %v", err)
	}
	c, err := lab.Store.Channel(ctx, image, "cells")
	must(t, err)
	img, err := lab.Store.Image(ctx, lab.Ann, image)
	must(t, err)
	if c.Key != "extra/2" || channelNames(img.Channels) != "CD3 cells" {
		t.Errorf("channels: %+v, %q", c, channelNames(img.Channels))
	}
}

// testReadWhole reads an image again and again while it is published: each
// read shows it as it was before, or as it is after.
func testReadWhole(ctx context.Context, t *testing.T, lab Lab) {
	image := lab.Images(ctx, t, lab.AnnRun)[0]
	stop := make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		defer close(stop)
		for i := range 40 {
			upload := fmt.Sprintf("u%d", i)
			lab.Queue(ctx, t, upload, lab.AnnRun, image)
			job, err := lab.Store.TakeJob(ctx, time.Minute, tries)
			if err == nil {
				_, err = lab.Store.Publish(ctx, job, publication(upload, "of-"+upload), nil)
			}
			if err != nil {
				t.Errorf("publish %s: %v", upload, err)
				return
			}
		}
	})
	for range 2 {
		wg.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				img, err := lab.Store.Image(ctx, lab.Ann, image)
				if err != nil {
					t.Error(err)
					return
				}
				runs, err := lab.Store.RunsByID(ctx, lab.Ann, []int64{lab.AnnRun})
				if err != nil {
					t.Error(err)
					return
				}
				names, want := channelNames(img.Channels), ""
				if img.TIFF != nil {
					want = "of-" + strings.TrimPrefix(img.TIFF.SHA256, "sha-")
				}
				short := runs[0].Images[0]
				if names != want || (short.Status == model.StatusAvailable) != (len(short.PNGs) == 1) {
					t.Errorf("the image has the TIFF %+v and the channels %q; in its run it is %+v", img.TIFF, names, short)
					return
				}
			}
		})
	}
	wg.Wait()
}
