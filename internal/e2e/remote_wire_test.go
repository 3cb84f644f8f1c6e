package e2e

import (
	"bytes"
	"testing"

	"github.com/openmibi/openmibi/internal/synth"
	"github.com/openmibi/openmibi/mibitiff"
)

// counted is a file in memory that counts what is read of it.
type counted struct {
	*bytes.Reader
	n int64
}

func (c *counted) ReadAt(p []byte, off int64) (int, error) {
	n, err := c.Reader.ReadAt(p, off)
	c.n += int64(n)
	return n, err
}

// costs says what of a file the index takes, and the samples of a page.
func costs(t testing.TB, content []byte, label string) (index, strip int64) {
	t.Helper()
	r := &counted{Reader: bytes.NewReader(content)}
	f, err := mibitiff.Open(r, int64(len(content)), mibitiff.WithTrace(func(_, n int64) { index += n }))
	if err != nil {
		t.Fatal(err)
	}
	page, err := f.Channel(label)
	if err != nil {
		t.Fatal(err)
	}
	r.n = 0
	if _, err := f.ReadPlane(t.Context(), page.Index); err != nil {
		t.Fatal(err)
	}
	return index, r.n
}

// One channel of a FOV as labs have them moves the index, that channel's strip
// and less than a tenth more, with all headers, in two requests.
func TestOneChannelOnTheWire(t *testing.T) {
	t.Parallel()
	f := makeFOV(t, 11, synth.Options{})
	s := newSite(t)
	ctx := t.Context()
	run, image := f.shared(ctx, t, s.client(t, alice))
	where := run.Path + "/" + f.folder + "/summed_image.tiff"
	for _, label := range []string{"dsDNA", "CD3", "HLA class 1 A, B, and C", "Ta"} {
		index, strip := costs(t, f.tiff, label)
		m := newMeter()
		c := s.client(t, alice, m.option())
		if err := c.Login(ctx); err != nil {
			t.Fatal(err)
		}
		if _, err := c.Images.Get(ctx, image.ID); err != nil {
			t.Fatal(err)
		}
		requests, received, sent := m.requests.Load(), m.received.Load(), m.sent.Load()
		storage, err := c.Files.OpenAt(ctx, where)
		if err != nil {
			t.Fatal(err)
		}
		remote, err := mibitiff.Open(storage, storage.Size(), mibitiff.WithReadAhead(1))
		if err != nil {
			t.Fatal(err)
		}
		page, err := remote.Channel(label)
		if err != nil {
			t.Fatal(err)
		}
		plane, err := remote.ReadPlane(ctx, page.Index)
		if err != nil || !plane.Equal(f.planes[page.Channel]) {
			t.Fatalf("%s: the plane is another one, %v", label, err)
		}
		requests, received, sent = m.requests.Load()-requests, m.received.Load()-received, m.sent.Load()-sent
		moved, least := received+sent, index+strip
		t.Logf("%s: index %d, strip %d, of a file of %d bytes; %d requests, %d bytes received, %d sent: %.3f of index and strip",
			label, index, strip, len(f.tiff), requests, received, sent, float64(moved)/float64(least))
		if requests != 2 {
			t.Errorf("%s: %d requests, want 2: the signed URL with the index, and the strip", label, requests)
		}
		if 10*moved >= 11*least {
			t.Errorf("%s: %d bytes moved where index and strip are %d", label, moved, least)
		}
		_ = storage.Close()
	}
}
