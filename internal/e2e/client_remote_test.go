package e2e

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/openmibi/openmibi/internal/pixels"
	"github.com/openmibi/openmibi/internal/synth"
	"github.com/openmibi/openmibi/mibi"
	"github.com/openmibi/openmibi/mibitracker"
)

// makeFOV makes the first FOV of a run of one.
func makeFOV(t testing.TB, seed uint64, o synth.Options) *fov {
	t.Helper()
	images, err := synth.Run(seed, 1, o)
	if err != nil {
		t.Fatal(err)
	}
	xml, err := synth.RunXML(images)
	if err != nil {
		t.Fatal(err)
	}
	content, err := images[0].TIFF()
	if err != nil {
		t.Fatal(err)
	}
	f := &fov{
		run: images[0].Metadata.Run.String(), folder: images[0].Metadata.Folder.String(), xml: xml, tiff: content,
		channels: len(images[0].Channels), planes: map[mibi.Channel]pixels.Plane{},
	}
	for i, c := range images[0].Channels {
		f.planes[c] = images[0].Planes[i]
	}
	f.sha256 = hash(content)
	return f
}

// One channel of a whole FOV as labs have them costs its own bytes and an
// index, not the file's.
func TestClientReadsOneChannelOfForty(t *testing.T) {
	t.Parallel()
	size := 1024
	if raceDetector {
		size = 256
	}
	f := makeFOV(t, 11, synth.Options{Size: size})
	s := newSite(t)
	ctx := t.Context()
	owner := s.client(t, alice)
	run := f.createRun(ctx, t, owner)
	began := time.Now()
	if _, err := owner.Uploads.MIBItiff(ctx, run.ID, f.source()); err != nil {
		t.Fatal(err)
	}
	uploaded := time.Since(began)
	image := f.processed(ctx, t, owner, f.imageIn(t, run))
	t.Logf("upload of %d bytes: %v; until available: %v", len(f.tiff), uploaded, time.Since(began))

	for _, label := range []string{"dsDNA", "CD3", "HLA class 1 A, B, and C", "Ta"} {
		m := newMeter()
		c := s.client(t, alice, m.option())
		if err := c.Login(ctx); err != nil {
			t.Fatal(err)
		}
		requests, received := m.requests.Load(), m.received.Load()
		began := time.Now()
		remote, err := c.Images.Open(ctx, image.ID)
		if err != nil {
			t.Fatal(err)
		}
		page, err := remote.Channel(label)
		if err != nil {
			t.Fatal(err)
		}
		plane, err := remote.ReadPlane(ctx, page.Index)
		took := time.Since(began)
		if err != nil || !plane.Equal(f.planes[page.Channel]) {
			t.Fatalf("%s: the plane is another one, %v", label, err)
		}
		requests, received = m.requests.Load()-requests, m.received.Load()-received
		t.Logf("%s (page %d): %d requests, %d bytes received of a file of %d, %v", label, page.Index, requests, received, len(f.tiff), took)
		if size := int64(len(f.tiff)); received*4 > size || remote.Storage.Size() != size || remote.Storage.ETag() != `"`+f.sha256+`"` {
			t.Errorf("%s: %d bytes moved of a file of %d; size %d, ETag %s", label, received, size, remote.Storage.Size(), remote.Storage.ETag())
		}
		if requests > 60 {
			t.Errorf("%s: %d requests", label, requests)
		}
		if err := remote.Close(); err != nil {
			t.Error(err)
		}
		if _, err := remote.ReadPlane(ctx, 1); !errors.Is(err, context.Canceled) {
			t.Errorf("read after Close: %v", err)
		}
	}
}

// A stream is the file byte for byte, and an io.ReaderAt over ranges gives the
// same bytes at any place.
func TestClientReadsFiles(t *testing.T) {
	t.Parallel()
	f := newFOV(t)
	s := newSite(t)
	ctx := t.Context()
	c := s.client(t, alice)
	run, image := f.shared(ctx, t, c)
	where, err := image.TIFFPath()
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string][]byte{where: f.tiff, run.Path + "/" + run.XML: f.xml} {
		stream, err := c.Files.Open(ctx, path)
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(stream)
		if err != nil || !bytes.Equal(got, want) || stream.Size != int64(len(want)) || stream.ETag != `"`+hash(want)+`"` {
			t.Errorf("%s: %d bytes of %d, size %d, ETag %s, %v", path, len(got), len(want), stream.Size, stream.ETag, err)
		}
		if err := stream.Close(); err != nil {
			t.Error(err)
		}
		at, err := c.Files.OpenAt(ctx, path)
		if err != nil {
			t.Fatal(err)
		}
		size := int64(len(want))
		for _, r := range []struct{ off, n int64 }{{0, size}, {0, 1}, {size - 1, 1}, {size / 2, size / 3}, {size - 10, 20}, {size, 1}, {size + 100, 5}, {1, 0}} {
			p := make([]byte, r.n)
			n, err := at.ReadAt(p, r.off)
			due := want[min(r.off, size):min(r.off+r.n, size)]
			if !bytes.Equal(p[:n], due) || (n < len(p)) != errors.Is(err, io.EOF) || n == len(p) && err != nil && !errors.Is(err, io.EOF) {
				t.Errorf("%s: %d bytes at %d: %d, %v", path, r.n, r.off, n, err)
			}
		}
		if _, err := at.ReadAt(make([]byte, 1), -1); err == nil {
			t.Error("a negative offset was read")
		}
		_ = at.Close()
	}
	for _, path := range []string{where + "x", run.Path, run.Path + "/nothing.xml", "x/" + where, strings.ToUpper(where)} {
		if _, err := c.Files.OpenAt(ctx, path); !errors.Is(err, mibitracker.ErrNotFound) {
			t.Errorf("%s: %v", path, err)
		}
	}
	// The second FOV of the run has no TIFF yet.
	for _, other := range run.ImageSet.Images {
		if other.ID == image.ID {
			continue
		}
		if _, err := c.Images.Open(ctx, other.ID); !errors.Is(err, mibitracker.ErrNotFound) {
			t.Errorf("an image without a TIFF opens: %v", err)
		}
	}
}

// again is the FOV with other counts: a second version of its file.
func (f *fov) again(t *testing.T, seed uint64, o synth.Options) *fov {
	t.Helper()
	next := makeFOV(t, seed, o)
	if next.run != f.run || next.folder != f.folder || next.sha256 == f.sha256 {
		t.Fatal("not another version of the same FOV")
	}
	return next
}

// A signed link names immutable bytes: who reads an image while it is replaced
// goes on with the version that was opened. Once the link has to be renewed it
// leads to the new version, and that is ErrChanged: never a mixture.
func TestClientReadsWhileReplaced(t *testing.T) {
	t.Parallel()
	large := synth.Options{Size: 1024, Channels: 4} // strips too large to be kept
	f := makeFOV(t, 5, large)
	next := f.again(t, 77, large)
	s := newSite(t)
	ctx := t.Context()
	m := newMeter()
	var refuse atomic.Bool
	m.before = func(r *http.Request) {
		if refuse.Load() && strings.HasPrefix(r.URL.Path, "/storage/") && r.Method == http.MethodGet {
			refuse.Store(false) // once: as if this link's time were over
			r.URL.RawQuery = url.Values{"grant": {strings.Repeat("A", 200)}}.Encode()
		}
	}
	c := s.client(t, alice, m.option())
	run, image := f.shared(ctx, t, c)
	open, err := c.Images.Open(ctx, image.ID)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = open.Close() }()
	where, err := image.TIFFPath()
	if err != nil {
		t.Fatal(err)
	}
	stream, err := c.Files.Open(ctx, where)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = stream.Close() }()
	raw, err := c.Files.OpenAt(ctx, where)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = raw.Close() }()

	// An expired link of an unchanged file is renewed without a word.
	refuse.Store(true)
	all := make([]byte, len(f.tiff))
	if n, err := raw.ReadAt(all, 0); n != len(all) || err != nil && !errors.Is(err, io.EOF) || refuse.Load() {
		t.Fatalf("renewed: %d bytes, %v", n, err)
	}

	next.push(ctx, t, c, run)
	for _, page := range open.Pages() {
		plane, err := open.ReadPlane(ctx, page.Index)
		if err != nil || !plane.Equal(f.planes[page.Channel]) {
			t.Errorf("%s: not the version that was opened, %v", page.Channel, err)
		}
	}
	if got, err := io.ReadAll(stream); err != nil || !bytes.Equal(got, f.tiff) {
		t.Errorf("the stream changed while it was read: %v", err)
	}
	clear(all)
	if n, _ := raw.ReadAt(all, 0); n != len(all) || !bytes.Equal(all, f.tiff) {
		t.Errorf("after the replacement %d bytes, not the old version", n)
	}
	refuse.Store(true)
	if _, err := raw.ReadAt(all, 0); !errors.Is(err, mibitracker.ErrChanged) {
		t.Errorf("the renewed link leads to another version: %v, want ErrChanged", err)
	}
	if reopened, err := c.Images.Open(ctx, image.ID); err != nil {
		t.Error(err)
	} else {
		page := reopened.Pages()[0]
		plane, err := reopened.ReadPlane(ctx, page.Index)
		if err != nil || !plane.Equal(next.planes[page.Channel]) || reopened.Image.TIFFSHA256 != next.sha256 {
			t.Errorf("opened anew it is not the new version: %v", err)
		}
		_ = reopened.Close()
	}
	next.check(ctx, t, c, image.ID)
}

// Reading ends with the caller's context, and says so.
func TestClientReadsUntilCancelled(t *testing.T) {
	t.Parallel()
	f := newFOV(t)
	s := newSite(t)
	c := s.client(t, alice)
	_, image := f.shared(t.Context(), t, c)
	ctx, cancel := context.WithCancel(t.Context())
	remote, err := c.Images.Open(ctx, image.ID)
	if err != nil {
		t.Fatal(err)
	}
	cancel()
	if _, err := remote.ReadPlane(t.Context(), 0); !errors.Is(err, context.Canceled) {
		t.Errorf("read after the context of opening ended: %v", err)
	}
	_ = remote.Close()
	if _, err := c.Images.Get(ctx, image.ID); !errors.Is(err, context.Canceled) {
		t.Errorf("a request of an ended context: %v", err)
	}
	short, stop := context.WithTimeoutCause(t.Context(), 10*time.Millisecond, errTooLong)
	defer stop()
	if _, err := c.Images.WaitAvailable(short, image.ID, strings.Repeat("0", 64)); !errors.Is(err, errTooLong) && !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("waiting for a TIFF that never comes: %v", err)
	}
}

var errTooLong = errors.New("too long")
