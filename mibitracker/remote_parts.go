package mibitracker

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strings"
)

var errParts = errors.New("not a valid answer of several ranges")

const (
	maxPartLine  = 4 << 10
	maxPartLines = 64 // before a boundary, and of a part's header
)

// partReader reads an answer of several ranges: multipart/byteranges of RFC
// 9110. A part's own header says how long it is, so that its bytes are never
// searched for the boundary.
type partReader struct {
	r        *bufio.Reader
	boundary string
	left     int64 // how many bytes of content may still come
}

func newPartReader(r io.Reader, boundary string, limit int64) *partReader {
	return &partReader{bufio.NewReaderSize(r, maxPartLine), "--" + boundary, limit}
}

// next reads a part: where it lies, the whole file's size, and its bytes. After
// the last it gives io.EOF. An error that wraps errParts is the answer's own
// fault; any other is the connection's.
func (p *partReader) next() (span, int64, []byte, error) {
	if err := p.toBoundary(); err != nil {
		return span{}, 0, nil, err
	}
	var s span
	var size int64
	for range maxPartLines {
		line, err := p.line()
		if err != nil {
			return span{}, 0, nil, err
		}
		if line == "" {
			data, err := p.content(s)
			return s, size, data, err
		}
		name, value, _ := strings.Cut(line, ":")
		if !strings.EqualFold(strings.TrimSpace(name), "Content-Range") {
			continue
		}
		var ok bool
		if s, size, ok = parseContentRange(strings.TrimSpace(value)); !ok {
			return span{}, 0, nil, fmt.Errorf("%w: a part has the range %q", errParts, value)
		}
	}
	return span{}, 0, nil, fmt.Errorf("%w: a part has too many headers", errParts)
}

func (p *partReader) toBoundary() error {
	for range maxPartLines {
		line, err := p.line()
		if err != nil {
			return err
		}
		switch strings.TrimRight(line, " \t") {
		case p.boundary:
			return nil
		case p.boundary + "--":
			return io.EOF
		}
	}
	return fmt.Errorf("%w: no boundary where one is due", errParts)
}

func (p *partReader) line() (string, error) {
	line, err := p.r.ReadSlice('\n')
	switch {
	case errors.Is(err, bufio.ErrBufferFull):
		return "", fmt.Errorf("%w: a line of more than %d bytes", errParts, maxPartLine)
	case err != nil:
		return "", unexpectedEnd(err)
	}
	return strings.TrimRight(string(line), "\r\n"), nil
}

// content reads a part's bytes; a part that does not say where it lies has none.
func (p *partReader) content(s span) ([]byte, error) {
	if s.length() == 0 {
		return nil, fmt.Errorf("%w: a part does not say where it lies", errParts)
	}
	if p.left -= s.length(); p.left < 0 {
		return nil, fmt.Errorf("%w: more content than was asked for", errParts)
	}
	data := make([]byte, s.length())
	n, err := io.ReadFull(p.r, data)
	if err != nil {
		// What came of it is right, and need not come again.
		return data[:n], unexpectedEnd(err)
	}
	return data, nil
}
