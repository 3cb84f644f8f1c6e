package tiff

import (
	"fmt"
	"io"
)

// window reads small pieces of a file through one buffer, so that pieces that
// lie together cost one read.
type window struct {
	r         io.ReaderAt
	size      uint64
	readAhead uint64
	// spare is how many bytes may still be read that were not asked for: a file
	// whose tags lie far apart gains nothing from them.
	spare uint64
	trace func(offset, length int64)
	buf   []byte
	start uint64
}

// contains reports whether n bytes at offset lie inside the file.
func (w *window) contains(offset, n uint64) bool {
	return offset <= w.size && n <= w.size-offset
}

// bytes returns n bytes at offset, valid until the next call.
func (w *window) bytes(offset, n uint64) ([]byte, error) {
	if !w.contains(offset, n) {
		return nil, fmt.Errorf("bytes %d to %d of %d: %w", offset, offset+n, w.size, ErrTruncated)
	}
	if offset < w.start || offset+n > w.start+uint64(len(w.buf)) {
		if err := w.fetch(offset, n); err != nil {
			return nil, err
		}
	}
	if w.trace != nil {
		w.trace(int64(offset), int64(n))
	}
	at := offset - w.start
	return w.buf[at : at+n], nil
}

func (w *window) fetch(offset, n uint64) error {
	want := min(max(n, w.readAhead), w.size-offset)
	if want-n > w.spare {
		want = n
	}
	w.spare -= want - n
	if uint64(cap(w.buf)) < want {
		w.buf = make([]byte, want)
	}
	w.buf, w.start = w.buf[:want], offset
	if err := readFull(w.r, w.buf, offset); err != nil {
		w.buf = w.buf[:0]
		return err
	}
	return nil
}

// readFull fills b from offset. A reader that ends early although its size said
// otherwise is a truncated file, any other error is the reader's own.
func readFull(r io.ReaderAt, b []byte, offset uint64) error {
	n, err := r.ReadAt(b, int64(offset))
	switch {
	case n == len(b):
		return nil
	case err == nil, err == io.EOF, err == io.ErrUnexpectedEOF:
		return fmt.Errorf("bytes %d to %d: %w", offset+uint64(n), offset+uint64(len(b)), ErrTruncated)
	}
	return err
}
