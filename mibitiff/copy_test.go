package mibitiff_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/openmibi/openmibi/internal/tiff"
	"github.com/openmibi/openmibi/mibi"
	"github.com/openmibi/openmibi/mibitiff"
)

// copied is page i of a file as a file of its own.
func copied(t testing.TB, f *mibitiff.File, i int) []byte {
	t.Helper()
	var out bytes.Buffer
	n, err := f.CopyPage(t.Context(), &out, i)
	if err != nil {
		t.Fatal(err)
	}
	if n != int64(out.Len()) {
		t.Errorf("page %d: %d bytes were said to be written of %d", i, n, out.Len())
	}
	return out.Bytes()
}

// chunks are the strips or tiles of a page as they lie in a file, and its tags.
func chunks(t testing.TB, data []byte, page int) (strips [][]byte, p tiff.Page) {
	t.Helper()
	f, err := tiff.Open(bytes.NewReader(data), int64(len(data)), tiff.Options{})
	if err != nil {
		t.Fatal(err)
	}
	p = f.Pages[page]
	for offset, count := range p.Chunks() {
		strips = append(strips, data[offset:offset+count])
	}
	return strips, p
}

// sameSamples compares a page with the only one of another file.
func sameSamples(t testing.TB, f *mibitiff.File, i int, one *mibitiff.File) {
	t.Helper()
	want, got := make([]byte, f.Pages()[i].Bytes()), make([]byte, one.Pages()[0].Bytes())
	if err := errors.Join(f.ReadBytes(t.Context(), i, want), one.ReadBytes(t.Context(), 0, got)); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(want, got) {
		t.Errorf("page %d: the samples differ", i)
	}
}

// TestCopyPage compares copies of pages of our own files with what they are of.
func TestCopyPage(t *testing.T) {
	t.Parallel()
	channels, planes := madeImage[float32](t, 5, 130)
	sed, err := mibitiff.NewPlane(70, 50, make([]uint8, 70*50))
	if err != nil {
		t.Fatal(err)
	}
	for name, data := range map[string][]byte{
		"classic": writeImage(t, madeMetadata(), channels, planes, mibitiff.WithSED(sed)),
		"big":     writeImage(t, madeMetadata(), channels, planes, mibitiff.WithBigTIFF(true)),
	} {
		f := openBytes(t, data)
		for _, page := range f.Pages() {
			one := copied(t, f, page.Index)
			strips, before := chunks(t, data, page.Index)
			again, after := chunks(t, one, 0)
			if !slices.EqualFunc(strips, again, bytes.Equal) || len(again) != 1 {
				t.Errorf("%s, page %d: the strips differ", name, page.Index)
			}
			for offset := range after.Chunks() {
				if offset%16 != 0 {
					t.Errorf("%s, page %d: the strip is at %d", name, page.Index, offset)
				}
			}
			same := slices.EqualFunc(before.Tags, after.Tags, func(a, b tiff.Tag) bool { return a.ID == b.ID && a.Type == b.Type && a.Count == b.Count })
			if !same || one[2] != data[2] {
				t.Errorf("%s, page %d: the tags or the form differ", name, page.Index)
			}
			if page.Type != mibitiff.SIMS {
				continue // alone it is no MIBItiff
			}
			single := openBytes(t, one)
			sameSamples(t, f, page.Index, single)
			if diff := cmp.Diff(f.Metadata(), single.Metadata(), cmp.Comparer(func(a, b mibi.Value) bool { return a == b })); diff != "" || single.Channels()[0] != page.Channel {
				t.Errorf("%s, page %d: %s, %v", name, page.Index, diff, single.Channels())
			}
		}
	}
}

// TestCopyOfOneChannelIsWhatTheWriterWrites says how the copies are laid out: but
// for the room behind the description, as a file of one channel.
func TestCopyOfOneChannelIsWhatTheWriterWrites(t *testing.T) {
	t.Parallel()
	channels, planes := madeImage[uint16](t, 3, 96)
	f := openBytes(t, writeImage(t, madeMetadata(), channels, planes))
	for i := range channels {
		want := writeImage(t, madeMetadata(), []mibi.Channel{channels[i]}, planes[i:i+1])
		got := copied(t, f, i)
		if len(want)-len(got) != 16 {
			t.Errorf("channel %d: %d bytes, the writer makes %d", i, len(got), len(want))
		}
	}
}

// TestCopyPagesReadsFewTimes counts what a remote file would be asked for.
func TestCopyPagesReadsFewTimes(t *testing.T) {
	t.Parallel()
	channels, planes := madeImage[uint16](t, 40, 512)
	data := writeImage(t, madeMetadata(), channels, planes)
	for name, c := range map[string]struct {
		pages []int
		reads int64
	}{
		"one":           {[]int{17}, 1},
		"all":           {seq(40, 1), int64(len(data)/(512<<10)) + 1},
		"every fourth":  {seq(10, 4), 10},
		"two neighbors": {[]int{5, 6}, 1},
		"none":          {nil, 0},
	} {
		source := &countingReader{r: bytes.NewReader(data)}
		f, err := mibitiff.Open(source, int64(len(data)))
		if err != nil {
			t.Fatal(err)
		}
		source.reads.Store(0)
		source.bytes.Store(0)
		written := int64(0)
		err = f.CopyPages(t.Context(), c.pages, func(i int, page io.WriterTo) error {
			var out bytes.Buffer
			n, err := page.WriteTo(&out)
			written += n
			if err == nil && !bytes.Equal(out.Bytes(), copied(t, openBytes(t, data), i)) {
				t.Errorf("%s: page %d differs", name, i)
			}
			return err
		})
		if err != nil || source.reads.Load() != c.reads {
			t.Errorf("%s: %d reads, want %d, of %d bytes in all; %v", name, source.reads.Load(), c.reads, len(data), err)
		}
		if source.bytes.Load() > written+written/50+4000 {
			t.Errorf("%s: %d bytes were read to write %d", name, source.bytes.Load(), written)
		}
	}
}

func seq(n, step int) (out []int) {
	for i := range n {
		out = append(out, i*step)
	}
	return out
}

// TestCopyFindsDamage flips bytes of a strip: the copy of its page fails, and
// those of the others do not.
func TestCopyFindsDamage(t *testing.T) {
	t.Parallel()
	channels, planes := madeImage[uint16](t, 3, 200)
	data := writeImage(t, madeMetadata(), channels, planes)
	strips, _ := chunks(t, data, 1)
	strip := strips[0] // it is data's own memory
	for at := 2; at < len(strip); at += len(strip)/23 + 1 {
		strip[at] ^= 0x20
		var failed []int
		var format *mibitiff.FormatError
		err := openBytes(t, data).CopyPages(t.Context(), []int{0, 1, 2}, func(i int, page io.WriterTo) error {
			if _, err := page.WriteTo(io.Discard); errors.As(err, &format) {
				failed = append(failed, i)
			} else if err != nil {
				return err
			}
			return nil
		})
		if err != nil || !slices.Equal(failed, []int{1}) || format.Page != 1 {
			t.Errorf("byte %d of the strip: pages %v failed, %v", at, failed, err)
		}
		strip[at] ^= 0x20
	}
}

// TestCopyPagesEnds has every reason to end.
func TestCopyPagesEnds(t *testing.T) {
	t.Parallel()
	channels, planes := madeImage[uint16](t, 4, 64)
	data := writeImage(t, madeMetadata(), channels, planes)
	f := openBytes(t, data)
	enough := errors.New("enough")
	var kept io.WriterTo
	seen := 0
	err := f.CopyPages(t.Context(), []int{3, 0, 1}, func(i int, page io.WriterTo) error {
		if seen++; i == 0 {
			return enough
		}
		kept = page
		return nil // passed over
	})
	if !errors.Is(err, enough) || seen != 2 {
		t.Errorf("%v after %d pages", err, seen)
	}
	if _, err := kept.WriteTo(io.Discard); err == nil {
		t.Error("a page was written when its turn was over")
	}
	if _, err := f.CopyPage(t.Context(), io.Discard, 4); err == nil {
		t.Error("a page was copied that there is not")
	}
	if err := f.CopyPages(t.Context(), []int{0, -1}, func(int, io.WriterTo) error { t.Error("called"); return nil }); err == nil {
		t.Error("a page was copied that there is not")
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := f.CopyPage(ctx, io.Discard, 0); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	full := errors.New("the disk is full")
	for limit := range 3 {
		if _, err := f.CopyPage(t.Context(), &limited{limit, full}, 0); limit < 2 && !errors.Is(err, full) {
			t.Errorf("after %d writes: %v", limit, err)
		}
	}
	network := errors.New("the network is gone")
	broken, err := mibitiff.Open(failing{data, int64(len(data)) / 2, network}, int64(len(data)), mibitiff.WithReadAhead(1))
	if err == nil {
		_, err = broken.CopyPage(t.Context(), io.Discard, 3)
	}
	var format *mibitiff.FormatError
	if !errors.Is(err, network) || errors.As(err, &format) {
		t.Error(err)
	}
}

// limited takes so many writes.
type limited struct {
	left int
	err  error
}

func (l *limited) Write(p []byte) (int, error) {
	if l.left--; l.left < 0 {
		return 0, l.err
	}
	return len(p), nil
}

// failing fails for long reads beyond a place: those of strips.
type failing struct {
	data []byte
	from int64
	err  error
}

func (f failing) ReadAt(p []byte, off int64) (int, error) {
	if off >= f.from && len(p) > 500 {
		return 0, f.err
	}
	return bytes.NewReader(f.data).ReadAt(p, off)
}
