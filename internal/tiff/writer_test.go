package tiff_test

import (
	"bytes"
	"errors"
	"testing"

	"github.com/openmibi/openmibi/internal/tiff"
)

func writtenPage(width, height uint32) []tiff.Field {
	return []tiff.Field{
		tiff.TextField(tiff.Software, "a writer"),
		tiff.LongField(tiff.ImageWidth, width), tiff.LongField(tiff.ImageLength, height),
		tiff.ShortField(tiff.BitsPerSample, 8), tiff.ShortField(tiff.Compression, 1),
		tiff.SRationalField(tiff.XPosition, -241, 10000), tiff.DoubleField(tiff.SMaxSampleValue, 1.5),
	}
}

func TestWrittenPagesReadBack(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	w := tiff.NewWriter(&out)
	for n := range 3 {
		if err := w.WritePage(writtenPage(5, 1), bytes.Repeat([]byte{byte(n)}, 5)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	f, err := open(out.Bytes(), tiff.Options{Keep: []uint16{tiff.Software, tiff.XPosition, tiff.SMaxSampleValue}})
	if err != nil {
		t.Fatal(err)
	}
	if len(f.Pages) != 3 {
		t.Fatalf("%d pages", len(f.Pages))
	}
	for n := range 3 {
		page := &f.Pages[n]
		got := make([]byte, 5)
		if err := f.ReadPage(t.Context(), n, got); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got, bytes.Repeat([]byte{byte(n)}, 5)) {
			t.Errorf("page %d is % x", n, got)
		}
		if text, _ := page.Text(tiff.Software); text != "a writer" {
			t.Errorf("page %d: Software %q", n, text)
		}
		x, _ := page.Tag(tiff.XPosition)
		if v, _ := x.Float(0); v != -0.0241 {
			t.Errorf("page %d: XPosition %v", n, v)
		}
	}
}

func TestWriterRefuses(t *testing.T) {
	t.Parallel()
	if err := tiff.NewWriter(&bytes.Buffer{}).Close(); err == nil {
		t.Error("a file without pages was closed")
	}
	w := tiff.NewWriter(&bytes.Buffer{})
	if err := w.WritePage(append(writtenPage(1, 1), tiff.ShortField(tiff.Compression, 1)), []byte{0}); err == nil {
		t.Error("a tag was written twice")
	}
	if err := w.WritePage(writtenPage(1, 1), []byte{0}); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if err := w.WritePage(writtenPage(1, 1), []byte{0}); !errors.Is(err, tiff.ErrClosed) {
		t.Errorf("after Close: %v", err)
	}
}

type brokenWriter struct{ left int }

var errDisk = errors.New("disk full")

func (w *brokenWriter) Write(b []byte) (int, error) {
	if w.left -= len(b); w.left < 0 {
		return 0, errDisk
	}
	return len(b), nil
}

func TestWriterReportsTheWritersError(t *testing.T) {
	t.Parallel()
	for left := range 300 {
		w := tiff.NewWriter(&brokenWriter{left: left})
		first := w.WritePage(writtenPage(5, 1), make([]byte, 5))
		second := w.WritePage(writtenPage(5, 1), make([]byte, 5))
		if err := errors.Join(first, second, w.Close()); left < 200 && !errors.Is(err, errDisk) {
			t.Errorf("room for %d bytes: %v", left, err)
		}
	}
}
