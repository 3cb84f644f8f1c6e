package e2e

import (
	"bytes"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/openmibi/openmibi/internal/synth"
	"github.com/openmibi/openmibi/mibitiff"
	"github.com/openmibi/openmibi/mibitracker"
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

// costs says what of a file the index takes, and the samples of a channel.
func costs(t testing.TB, content []byte, label string) (index, strip int64, plane mibitiff.Plane) {
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
	if plane, err = f.ReadPlane(t.Context(), page.Index); err != nil {
		t.Fatal(err)
	}
	return index, r.n, plane
}

// wire is what one channel of a remote file cost.
type wire struct{ requests, moved, content int64 }

// overLine reads a channel of a file by a line that counts, as a client that
// knows the file's place does, and compares it.
func (s *site) overLine(t *testing.T, where string, file []byte, label string, noIndex bool) (got wire, least int64) {
	t.Helper()
	index, strip, want := costs(t, file, label)
	l, m := newLine(t, s.url, 0, 0), newMeter()
	m.before = func(r *http.Request) {
		if noIndex {
			r.Header.Del("Prefer")
		}
	}
	c, err := mibitracker.New(l.URL, mibitracker.WithPassword(alice, password), m.option())
	if err != nil {
		t.Fatal(err)
	}
	defer m.CloseIdleConnections()
	if err := c.Login(t.Context()); err != nil {
		t.Fatal(err)
	}
	requests, moved, seen := m.requests.Load(), l.Moved(), m.received.Load()+m.sent.Load()
	storage, err := c.Files.OpenAt(t.Context(), where)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = storage.Close() }()
	remote, err := mibitiff.Open(storage, storage.Size(), mibitiff.WithReadAhead(1))
	if err != nil {
		t.Fatal(err)
	}
	page, err := remote.Channel(label)
	if err != nil {
		t.Fatal(err)
	}
	plane, err := remote.ReadPlane(t.Context(), page.Index)
	if err != nil || !plane.Equal(want) {
		t.Fatalf("%s: the plane is another one, %v", label, err)
	}
	got = wire{m.requests.Load() - requests, l.Moved() - moved, m.content.Load()}
	if ends := m.received.Load() + m.sent.Load() - seen; ends != got.moved {
		t.Errorf("%s: %d bytes at the client's end, %d on the line", label, ends, got.moved)
	}
	least = index + strip
	t.Logf("%s, without index %t: index %d, strip %d, of a file of %d bytes; %d requests, %d bytes on the line (%.3f of index and strip), %d of them content (%.3f)", label, noIndex,
		index, strip, len(file), got.requests, got.moved, float64(got.moved)/float64(least), got.content, float64(got.content)/float64(least))
	return got, least
}

// One channel of an image as labs have them moves less than the index, that
// channel's strip and a tenth, with all headers and both ways, in two requests.
func TestOneChannelOnTheWire(t *testing.T) {
	t.Parallel()
	if raceDetector {
		t.Skip("it counts bytes, which the race detector does not change, and makes a whole FOV, which takes half a minute then")
	}
	f := makeFOV(t, 11, synth.Options{})
	s := newSite(t)
	run, _ := f.shared(t.Context(), t, s.client(t, alice))
	where := run.Path + "/" + f.folder + "/summed_image.tiff"
	for _, label := range []string{"dsDNA", "CD3", "HLA class 1 A, B, and C", "Ta"} {
		got, least := s.overLine(t, where, f.tiff, label, false)
		if got.requests != 2 {
			t.Errorf("%s: %d requests, want 2: the signed URL with the index, and the strip", label, got.requests)
		}
		if 10*got.moved >= 11*least {
			t.Errorf("%s: %d bytes moved where index and strip are %d", label, got.moved, least)
		}
	}
	// A backend that does not hand out the index costs a request a page. The
	// headers of those are more than a tenth; what moves of the file is not.
	got, least := s.overLine(t, where, f.tiff, "CD3", true)
	if got.requests > 43 || 10*got.content >= 11*least {
		t.Errorf("without the index %d requests, and %d bytes of content where index and strip are %d", got.requests, got.content, least)
	}
}

// The same of float32 files that Python's tifffile wrote.
func TestOneChannelOfATifffile(t *testing.T) {
	t.Parallel()
	const python = "/usr/bin/python3"
	if err := exec.CommandContext(t.Context(), python, "-c", "import tifffile").Run(); err != nil {
		t.Skipf("no %s with tifffile is installed: %v", python, err)
	}
	for codec, most := range map[string]int64{"zlib": 43, "none": 52} {
		t.Run(codec, func(t *testing.T) {
			t.Parallel()
			f := makeFOV(t, 12, synth.Options{Size: 512})
			folder := t.TempDir()
			from, to := filepath.Join(folder, "from.tiff"), filepath.Join(folder, "to.tiff")
			if err := os.WriteFile(from, f.tiff, 0o600); err != nil {
				t.Fatal(err)
			}
			if out, err := exec.CommandContext(t.Context(), python, filepath.Join("testdata", "rewrite_float32.py"), from, to, codec).CombinedOutput(); err != nil {
				t.Fatalf("%v: %s", err, out)
			}
			var err error
			if f.tiff, err = os.ReadFile(to); err != nil {
				t.Fatal(err)
			}
			f.sha256 = hash(f.tiff)
			s := newSite(t)
			run, _ := f.shared(t.Context(), t, s.client(t, alice))
			where := run.Path + "/" + f.folder + "/summed_image.tiff"
			if got, least := s.overLine(t, where, f.tiff, "dsDNA", false); got.requests != 2 || 10*got.moved >= 11*least {
				t.Errorf("%d requests and %d bytes, index and strip are %d", got.requests, got.moved, least)
			}
			if got, least := s.overLine(t, where, f.tiff, "dsDNA", true); got.requests > most || 10*got.content >= 11*least {
				t.Errorf("without the index %d requests, and %d bytes of content where index and strip are %d", got.requests, got.content, least)
			}
		})
	}
}
