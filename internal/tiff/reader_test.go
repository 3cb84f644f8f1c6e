package tiff_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"sync/atomic"
	"testing"

	"github.com/openmibi/openmibi/internal/tiff"
)

var errNetwork = errors.New("the network is gone")

// failingReader fails with err for what reaches beyond good.
type failingReader struct {
	data []byte
	good int64
	err  error
}

func (r failingReader) ReadAt(b []byte, offset int64) (int, error) {
	if offset+int64(len(b)) <= r.good {
		return copy(b, r.data[offset:]), nil
	}
	return copy(b, r.data[min(offset, r.good):r.good]), r.err
}

// countdown is a context that ends after it was asked a number of times.
type countdown struct {
	context.Context //nolint:containedctx // it is a context
	asked           atomic.Int64
	after           int64
}

func (c *countdown) Err() error {
	if c.asked.Add(1) > c.after {
		return context.Canceled
	}
	return nil
}

func TestCancelWithinOneStrip(t *testing.T) {
	t.Parallel()
	const edge = 4096
	data := deflated(t, make([]byte, edge*edge))
	b := newBuilder(binary.LittleEndian, false)
	b.page(with(grayscale(edge, edge, b.blob(data), uint64(len(data))), short(tiff.Compression, tiff.CompressionDeflate))...)
	if _, err := readAll(&countdown{Context: t.Context(), after: 2}, b.buf, tiff.Options{}); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled within the only strip: %v", err)
	}
	if _, err := readAll(&countdown{Context: t.Context(), after: 100}, b.buf, tiff.Options{}); err != nil {
		t.Errorf("asked more often than a page of 16 MiB needs: %v", err)
	}
}

func TestReaderFailuresAreNotTheFilesFault(t *testing.T) {
	t.Parallel()
	b := newBuilder(binary.LittleEndian, false)
	b.page(grayscale(4, 4, 200, 16)...)
	data := append(b.buf, make([]byte, 216-len(b.buf))...)
	for name, c := range map[string]struct {
		err      error
		isFormat bool
	}{
		"network":              {errNetwork, false},
		"shorter than it said": {io.EOF, true},
		// A connection that breaks ends a stream of bytes, not the file.
		"a broken answer": {fmt.Errorf("%w: %w", errNetwork, io.ErrUnexpectedEOF), false},
		"no answer":       {fmt.Errorf("%w: %w", errNetwork, io.EOF), false},
	} {
		for _, good := range []int64{4, 100, 208} {
			r := failingReader{data: data, good: good, err: c.err}
			f, err := tiff.Open(r, int64(len(data)), tiff.Options{ReadAhead: 8})
			if err == nil {
				err = f.ReadPage(t.Context(), 0, make([]byte, 16))
			}
			var format *tiff.FormatError
			if errors.As(err, &format) != c.isFormat || !c.isFormat && !errors.Is(err, errNetwork) || c.isFormat && !errors.Is(err, tiff.ErrTruncated) {
				t.Errorf("%s, %d good bytes: %v", name, good, err)
			}
		}
	}
}

func TestWrongUseIsRefused(t *testing.T) {
	t.Parallel()
	b := newBuilder(binary.LittleEndian, false)
	b.page(grayscale(4, 4, b.blob(make([]byte, 16)), 16)...)
	f, err := open(b.buf, tiff.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := f.ReadPage(t.Context(), 0, make([]byte, 15)); !errors.Is(err, io.ErrShortBuffer) {
		t.Error(err)
	}
	for _, page := range []int{-1, 1} {
		if err := f.ReadPage(t.Context(), page, make([]byte, 16)); err == nil {
			t.Errorf("page %d was read", page)
		}
	}
	if _, err := tiff.Open(bytes.NewReader(b.buf), -1, tiff.Options{}); !errors.Is(err, tiff.ErrNotTIFF) {
		t.Error(err)
	}
}

func TestNeighbouringStripsCostOneRead(t *testing.T) {
	t.Parallel()
	b := newBuilder(binary.LittleEndian, false)
	var offsets, counts []uint64
	for range 64 {
		packed := deflated(t, make([]byte, 256))
		offsets, counts = append(offsets, b.blob(packed)), append(counts, uint64(len(packed)))
	}
	b.page(with(grayscale(256, 64, 0, 0), short(tiff.Compression, tiff.CompressionDeflate), b.longs(tiff.StripOffsets, offsets...),
		long(tiff.RowsPerStrip, 1), b.longs(tiff.StripByteCounts, counts...))...)
	reads := 0
	f, err := tiff.Open(readerFunc(func(p []byte, offset int64) (int, error) {
		reads++
		return bytes.NewReader(b.buf).ReadAt(p, offset)
	}), int64(len(b.buf)), tiff.Options{})
	if err != nil {
		t.Fatal(err)
	}
	reads = 0
	if err := f.ReadPage(t.Context(), 0, make([]byte, 256*64)); err != nil {
		t.Fatal(err)
	}
	if reads != 1 {
		t.Errorf("%d reads for 64 strips side by side", reads)
	}
}

type readerFunc func([]byte, int64) (int, error)

func (f readerFunc) ReadAt(b []byte, offset int64) (int, error) { return f(b, offset) }
