package mibitracker

import (
	"bufio"
	"io"
)

// imageless hands out an answer in JSON without the images of the image sets in
// it: of "imageset": {..., "images": [...]} an empty list is left. A run's image
// set lists all of its images, and a run may have any number of them; what is
// left has a bounded size. What is not JSON comes out as anything that is not.
type imageless struct {
	from *bufio.Reader
	err  error

	quoted, escaped bool
	text            []byte // of the latest string, as far as it may be a key
	key             []byte // of the value that comes next; nil where none does
	depth           int    // of arrays and objects
	set             int    // depth within an image set; 0 outside
	skip            int    // depth within the images that are left out; 0 outside
}

const (
	keyOfSet, keyOfImages = "imageset", "images"
	// maxPassed bounds how long the whole may be that is passed over, in bytes.
	maxPassed = 4 << 30
)

// withoutImages begins to read.
func withoutImages(from io.Reader) *imageless {
	return &imageless{from: bufio.NewReaderSize(&boundedReader{from: from, left: maxPassed}, 32<<10)}
}

func (r *imageless) Read(p []byte) (n int, err error) {
	for n == 0 && len(p) > 0 {
		if r.err != nil {
			return 0, r.err
		}
		n = r.fill(p)
	}
	return n, nil
}

// fill hands on what one piece has that is not left out. It writes no more bytes
// than it reads.
func (r *imageless) fill(p []byte) (n int) {
	if _, r.err = r.from.Peek(1); r.err != nil {
		return 0
	}
	piece, _ := r.from.Peek(min(r.from.Buffered(), len(p)))
	for _, c := range piece {
		if r.keep(c) {
			p[n] = c
			n++
		}
	}
	_, r.err = r.from.Discard(len(piece))
	return n
}

// keep takes the next byte, and says whether it is handed on.
func (r *imageless) keep(c byte) bool {
	if r.quoted {
		switch {
		case r.escaped:
			r.escaped = false
		case c == '\\':
			r.escaped = true
		case c == '"':
			r.quoted = false
			return r.skip == 0
		}
		if len(r.text) <= len(keyOfSet) {
			r.text = append(r.text, c)
		}
		return r.skip == 0
	}
	switch c {
	case '"':
		r.quoted, r.text, r.key = true, r.text[:0], nil
	case ':':
		r.key = r.text
	case ' ', '\t', '\r', '\n':
	case '{', '[':
		r.depth++
		switch {
		case r.skip > 0:
		case c == '{' && string(r.key) == keyOfSet:
			r.set = r.depth
		case c == '[' && string(r.key) == keyOfImages && r.set > 0 && r.depth == r.set+1:
			r.skip, r.key = r.depth, nil
			return true
		}
		r.key = nil
	case '}', ']':
		switch r.depth {
		case r.skip:
			r.skip = 0
		case r.set:
			r.set = 0
		}
		r.depth--
	default:
		r.key = nil
	}
	return r.skip == 0
}
