package mibitiff_test

import (
	"bytes"
	"io"
	"testing"

	"github.com/openmibi/openmibi/mibitiff"
)

// only is a file of which only what was traced is there.
type only struct {
	data  []byte
	known []bool
	t     *testing.T
}

func (o only) ReadAt(p []byte, off int64) (int, error) {
	for i := range p {
		if !o.known[off+int64(i)] {
			o.t.Errorf("byte %d was read and not traced", off+int64(i))
			return 0, io.ErrUnexpectedEOF
		}
	}
	return copy(p, o.data[off:]), nil
}

func TestTraceIsTheIndex(t *testing.T) {
	t.Parallel()
	channels, planes := madeImage[uint16](t, 3, 256)
	data := writeImage(t, madeMetadata(), channels, planes)
	known := make([]bool, len(data))
	total := int64(0)
	trace := func(offset, length int64) {
		total += length
		for i := range length {
			known[offset+i] = true
		}
	}
	size := int64(len(data))
	if _, err := mibitiff.Open(bytes.NewReader(data), size, mibitiff.WithTrace(trace)); err != nil {
		t.Fatal(err)
	}
	if total == 0 || total > 3*1500 {
		t.Errorf("%d bytes for the index of 3 pages of a file of %d", total, size)
	}
	// What was traced is enough, where nothing is read ahead.
	if f, err := mibitiff.Open(only{data, known, t}, size, mibitiff.WithReadAhead(1)); err != nil || len(f.Pages()) != 3 {
		t.Error(err)
	}
}
