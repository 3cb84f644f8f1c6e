package e2e

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/openmibi/openmibi/internal/server"
	"github.com/openmibi/openmibi/internal/store"
	"github.com/openmibi/openmibi/mibitiff"
	"github.com/openmibi/openmibi/mibitracker"
)

const (
	email    = "crash@example.org"
	password = "a good password"
)

// TestKilled kills the server, as kill -9 does, at each named moment of an
// upload's way, starts it again, and looks at what is left: no job is lost, no
// image shows half of its channels, and what was acknowledged, or only
// committed, becomes available by itself.
func TestKilled(t *testing.T) {
	t.Parallel()
	fov := newFOV(t)
	moments := []struct {
		name string
		// queued: the job was committed, so nobody has to do anything.
		queued bool
		// published: the image was available when the server died.
		published bool
	}{
		{"upload.staged", false, false},
		{"upload.recorded", false, false},
		{"enqueue.before-commit", false, false},
		{"enqueue.after-commit", true, false},
		{"ingest.taken", true, false},
		{"ingest.verified", true, false},
	}
	for n := range fov.channels {
		moments = append(moments, struct {
			name              string
			queued, published bool
		}{fmt.Sprintf("ingest.derived.%d", n+1), true, false})
	}
	moments = append(moments, []struct {
		name              string
		queued, published bool
	}{{"publish.before-commit", true, false}, {"publish.after-commit", true, true}}...)

	for _, m := range moments {
		t.Run(m.name, func(t *testing.T) {
			t.Parallel()
			ctx := t.Context()
			data := filepath.Join(t.TempDir(), "data")
			if _, err := server.AddUser(ctx, data, email, password, true); err != nil {
				t.Fatal(err)
			}
			dying := start(t, orders{Data: data, KillAt: m.name, Lease: time.Second})
			client := login(t, dying.url)
			run := fov.createRun(ctx, t, client)
			image := fov.imageIn(t, run)
			_, pushErr := client.Uploads.MIBItiff(ctx, run.ID, fov.source())
			dying.killed(t)
			if !m.queued && pushErr == nil {
				t.Error("the upload was acknowledged before it was committed")
			}
			checkAtRest(ctx, t, data, image, m.queued, m.published, fov.channels)

			again := start(t, orders{Data: data, Lease: time.Second})
			client = login(t, again.url)
			if !m.queued {
				got, err := client.Images.Get(ctx, image)
				if err != nil || got.Available() || len(got.SIMSChannels) != 0 {
					t.Errorf("nothing was acknowledged, yet the image is %+v, %v", got, err)
				}
				if _, err := client.Uploads.MIBItiff(ctx, run.ID, fov.source()); err != nil {
					t.Fatalf("push again: %v", err)
				}
			}
			wait, cancel := context.WithTimeout(ctx, time.Minute)
			defer cancel()
			if _, err := client.Images.WaitAvailable(wait, image, fov.sha256); err != nil {
				t.Fatalf("the image did not become available by itself: %v", err)
			}
			fov.check(ctx, t, client, image)
			again.stop(t)
			checkAtRest(ctx, t, data, image, true, true, fov.channels)
			checkBlobs(t, data, fov.channels)
		})
	}
}

func login(t *testing.T, url string) *mibitracker.Client {
	t.Helper()
	client, err := mibitracker.New(url, mibitracker.WithPassword(email, password), mibitracker.WithRetries(0, time.Millisecond, time.Millisecond))
	if err != nil {
		t.Fatal(err)
	}
	if err := client.Login(t.Context()); err != nil {
		t.Fatal(err)
	}
	return client
}

// checkAtRest looks into the database of a server that does not run.
func checkAtRest(ctx context.Context, t *testing.T, data string, image int64, queued, published bool, channels int) {
	t.Helper()
	db, err := store.Open(ctx, filepath.Join(data, "openmibi.db"))
	if err != nil {
		t.Fatalf("the database after a kill: %v", err)
	}
	defer func() { _ = db.Close() }()
	got, err := db.Image(ctx, store.Viewer{Admin: true}, image)
	if err != nil {
		t.Fatal(err)
	}
	wantStatus, wantChannels := "U", 0
	if published {
		wantStatus, wantChannels = "A", channels
	}
	if string(got.Status) != wantStatus || len(got.Channels) != wantChannels || (got.TIFF != nil) != published {
		t.Errorf("at rest the image is %s with %d channels and TIFF %v; want %s with %d", got.Status, len(got.Channels), got.TIFF, wantStatus, wantChannels)
	}
	counts, err := db.Counts(ctx)
	if err != nil {
		t.Fatal(err)
	}
	wantOpen := int64(0)
	if queued && !published {
		wantOpen = 1
	}
	if counts.Queued != wantOpen {
		t.Errorf("at rest %d jobs are open, want %d", counts.Queued, wantOpen)
	}
}

// checkBlobs finds out whether every derived file is there once: a second
// attempt writes the keys of the first. A file that was being written when the
// server died lies under a temporary name still, for the sweeper to find.
func checkBlobs(t *testing.T, data string, channels int) {
	t.Helper()
	var pictures []string
	err := filepath.WalkDir(filepath.Join(data, "blobs"), func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && !strings.HasPrefix(d.Name(), "+") && strings.Contains(filepath.ToSlash(path), "/images/") {
			pictures = append(pictures, path)
		}
		return err
	})
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
	if len(pictures) != channels {
		t.Errorf("%d derived files, want %d: %q", len(pictures), channels, pictures)
	}
}

// check reads every channel from the server and compares it.
func (f *fov) check(ctx context.Context, t *testing.T, client *mibitracker.Client, image int64) {
	t.Helper()
	got, err := client.Images.Get(ctx, image)
	if err != nil {
		t.Fatal(err)
	}
	file, err := client.Files.OpenAt(ctx, got.Run.Path+"/"+got.Folder+"/summed_image.tiff")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	tiff, err := mibitiff.Open(file, file.Size())
	if err != nil {
		t.Fatal(err)
	}
	if len(tiff.Pages()) != f.channels || len(got.SIMSChannels) != f.channels {
		t.Fatalf("%d pages, %d channels, want %d", len(tiff.Pages()), len(got.SIMSChannels), f.channels)
	}
	for _, page := range tiff.Pages() {
		plane, err := tiff.ReadPlane(ctx, page.Index)
		if err != nil {
			t.Fatal(err)
		}
		if !plane.Equal(f.planes[page.Channel]) {
			t.Errorf("channel %s changed", page.Channel)
		}
		stream, err := client.Images.ChannelPlane(ctx, image, page.Channel.Label())
		if err != nil {
			t.Fatal(err)
		}
		if err := samePicture(stream, plane); err != nil {
			t.Errorf("the picture of %s: %v", page.Channel, err)
		}
		if err := stream.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	}
}
