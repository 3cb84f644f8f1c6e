package ingest

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/openmibi/openmibi/internal/blob"
	"github.com/openmibi/openmibi/internal/model"
	"github.com/openmibi/openmibi/internal/pixels"
	"github.com/openmibi/openmibi/internal/store"
	"github.com/openmibi/openmibi/internal/store/storetest"
	"github.com/openmibi/openmibi/internal/tiff"
	"github.com/openmibi/openmibi/mibi"
	"github.com/openmibi/openmibi/mibitiff"
)

// lab is a store and blobs with a run in them, as an upload meets them.
type lab struct {
	storetest.Lab
	t     testing.TB
	blobs *blob.Local
	dir   string // where the blobs lie
	image int64
}

func newLab(t testing.TB) *lab {
	t.Helper()
	dir := t.TempDir()
	s, err := store.Open(t.Context(), filepath.Join(dir, "test.db"))
	if err != nil {
		t.Fatal(err)
	}
	blobs, err := blob.OpenLocal(filepath.Join(dir, "blobs"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
		if err := blobs.Close(); err != nil {
			t.Error(err)
		}
	})
	l := &lab{Lab: storetest.NewLab(t.Context(), t, s), t: t, blobs: blobs, dir: filepath.Join(dir, "blobs")}
	l.image = l.Images(t.Context(), t, l.AnnRun)[0]
	return l
}

func (l *lab) ingest(hook func(context.Context, string) error) *Ingest {
	return New(Config{Store: l.Store, Blobs: l.blobs, Hook: hook, RetryDelay: time.Nanosecond, MaxAttempts: 3, MaxFailures: 4})
}

// upload stores a file and queues it for the first image.
func (l *lab) upload(id string, file []byte) int64 {
	l.t.Helper()
	ctx := l.t.Context()
	key := "uploads/" + id
	if _, err := l.blobs.Put(ctx, key, bytes.NewReader(file), blob.PutOptions{Size: int64(len(file))}); err != nil {
		l.t.Fatal(err)
	}
	var job int64
	err := l.Store.Write(ctx, func(t *store.Tx) (err error) {
		if err := t.AddUpload(ctx, model.Upload{ID: id, RunID: l.AnnRun, AccountID: l.Ann.ID, ExpiresAt: time.Now()}); err != nil {
			return err
		}
		if err := t.UploadReceived(ctx, id, key, int64(len(file)), fmt.Sprintf("%x", sha256.Sum256(file))); err != nil {
			return err
		}
		job, err = t.EnqueueIngest(ctx, id, l.image)
		return err
	})
	if err != nil {
		l.t.Fatal(err)
	}
	return job
}

// work makes attempts until no job is due.
func (l *lab) work(g *Ingest) (attempts int) {
	l.t.Helper()
	for {
		found, err := g.next(l.t.Context())
		if err != nil {
			l.t.Fatal(err)
		}
		if !found {
			return attempts
		}
		attempts++
	}
}

func (l *lab) see() model.Image {
	l.t.Helper()
	image, err := l.Store.Image(l.t.Context(), l.Ann, l.image)
	if err != nil {
		l.t.Fatal(err)
	}
	if image.Channels, err = l.Store.Channels(l.t.Context(), l.image); err != nil {
		l.t.Fatal(err)
	}
	return *image
}

func (l *lab) job(id int64) model.Job {
	l.t.Helper()
	job, err := l.Store.Job(l.t.Context(), id)
	if err != nil {
		l.t.Fatal(err)
	}
	return job
}

// steal makes a job's lease run out and takes it, as another process would. A
// heartbeat of the holder may come in between: then it tries again.
func (l *lab) steal(ctx context.Context, id int64) (model.Job, error) {
	ctx = context.WithoutCancel(ctx) // the holder's work may end meanwhile
	job, err := l.Store.Job(ctx, id)
	if err != nil {
		return job, err
	}
	for {
		if err := l.Store.ExtendLease(ctx, job, -time.Second); err != nil {
			return job, err
		}
		heir, err := l.Store.TakeJob(ctx, time.Hour, 100)
		if !errors.Is(err, store.ErrNotFound) {
			return heir, err
		}
	}
}

// keys are the stored objects.
func (l *lab) keys() []string {
	l.t.Helper()
	var keys []string
	for info, err := range l.blobs.List(l.t.Context(), "") {
		if err != nil {
			l.t.Fatal(err)
		}
		keys = append(keys, info.Key)
	}
	return keys
}

// fov is a MIBItiff of a run and a folder.
type fov struct {
	run, folder string
	channels    []mibi.Channel
	planes      []mibitiff.Plane
}

func plane[T uint16 | float32](t *testing.T, width, height int, sample func(i int) T) mibitiff.Plane {
	t.Helper()
	samples := make([]T, width*height)
	for i := range samples {
		samples[i] = sample(i)
	}
	p, err := mibitiff.NewPlane(width, height, samples)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// annFOV is a file for the first image of Ann's run: three channels that need
// 8 bits, 16 bits, and more than a PNG has.
func annFOV(t *testing.T) fov {
	return fov{
		run: "ann-1", folder: "Point1/RowNumber0/Depth_Profile0",
		channels: []mibi.Channel{{Mass: 89, Target: "CD3/4"}, {Mass: 113, Target: "dsDNA"}, {Mass: 141, Target: "Ratio"}},
		planes: []mibitiff.Plane{
			plane(t, 30, 20, func(i int) float32 { return float32(i % 7) }),
			plane(t, 30, 20, func(i int) float32 { return float32(i * 100) }),
			plane(t, 30, 20, func(i int) float32 { return float32(i) / 8 }),
		},
	}
}

func (f fov) metadata() mibi.Metadata {
	number, _, _ := strings.Cut(f.folder, "/")
	return mibi.Metadata{
		Run: mibi.Text(f.run), Folder: mibi.Text(f.folder), FOVID: mibi.Text(number), FOVName: mibi.Text("tonsil"),
		Dwell: mibi.Float(4), Scans: mibi.Int(2), Size: mibi.Float(400), Coordinates: mibi.Pair(-12.5, 30),
		MassGain: mibi.Float(0.2), MassOffset: mibi.Float(0), TimeResolution: mibi.Float(0.5),
		Date: time.Date(2019, 3, 8, 12, 0, 0, 0, time.UTC),
	}
}

func (f fov) bytes(t testing.TB) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := mibitiff.Write(&b, f.metadata(), f.channels, f.planes); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// withSED is the file with a page of the electron detector at its end.
func (f fov) withSED(t *testing.T) []byte {
	t.Helper()
	var b bytes.Buffer
	w, err := mibitiff.NewWriter(&b, f.metadata())
	if err != nil {
		t.Fatal(err)
	}
	for i, channel := range f.channels {
		if err := w.WriteChannel(channel, f.planes[i]); err != nil {
			t.Fatal(err)
		}
	}
	sed := plane(t, 50, 50, func(i int) uint16 { return uint16(i * i) })
	if err := errors.Join(w.WriteSED(sed), w.Close()); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// decodeTIFF reads a TIFF of one float32 page.
func decodeTIFF(data []byte) (pixels.Plane, error) {
	f, err := tiff.Open(bytes.NewReader(data), int64(len(data)), tiff.Options{})
	if err != nil {
		return pixels.Plane{}, err
	}
	page := &f.Pages[0]
	if page.SampleFormat() != tiff.FormatFloat || page.Bits() != 32 || len(f.Pages) != 1 {
		return pixels.Plane{}, fmt.Errorf("%d pages of %d bits, format %d", len(f.Pages), page.Bits(), page.SampleFormat())
	}
	p, err := pixels.New(page.Width(), page.Height(), pixels.Float32)
	if err != nil {
		return p, err
	}
	return p, f.Pieces(context.Background(), 0, func(at int64, piece []byte) error {
		p.SetBytes(int(at/4), piece)
		return nil
	})
}

// broken flips a bit of the file's last compressed strip.
func broken(file []byte) []byte {
	file = slices.Clone(file)
	file[len(file)-20] ^= 0x40
	return file
}
