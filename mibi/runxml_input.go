package mibi

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

type runXMLLimitError struct{ reason string }

func (e *runXMLLimitError) Error() string { return e.reason }

// runXMLInput hands the parser one byte at a time, so that its limits are
// exact: bytes in all, and bytes since the last token. It keeps the reader's
// first error, which the parser would otherwise hide behind its own.
type runXMLInput struct {
	r        *bufio.Reader
	max      int64
	read     int64
	tokenEnd int64
	err      error
}

func newRunXMLInput(r io.Reader, maxBytes int64) *runXMLInput {
	return &runXMLInput{r: bufio.NewReaderSize(r, 32<<10), max: maxBytes}
}

func (in *runXMLInput) startToken() { in.tokenEnd = in.read + maxRunXMLToken }

func (in *runXMLInput) ReadByte() (byte, error) {
	if in.err != nil {
		return 0, in.err
	}
	b, err := in.r.ReadByte()
	switch {
	case err != nil:
		in.err = err
	case in.read >= in.max:
		in.err = &runXMLLimitError{fmt.Sprintf("larger than %d bytes", in.max)}
	case in.read >= in.tokenEnd:
		in.err = &runXMLLimitError{fmt.Sprintf("one tag, text or comment is longer than %d bytes", maxRunXMLToken)}
	}
	in.read++
	return b, in.err
}

// Read serves callers that want a plain reader; the parser uses ReadByte.
func (in *runXMLInput) Read(p []byte) (int, error) { return readByBytes(in, p) }

func readByBytes(r io.ByteReader, p []byte) (int, error) {
	for i := range p {
		b, err := r.ReadByte()
		if err != nil {
			return i, err
		}
		p[i] = b
	}
	return len(p), nil
}

// text drops a byte order mark. UTF-16 is told by its mark, for no parser can
// read as far as the declaration otherwise; it comes back as UTF-8, and then
// transcoded is true.
func (in *runXMLInput) text() (r io.Reader, transcoded bool) {
	in.startToken()
	mark, _ := in.r.Peek(3) // shorter input has no mark; its error comes again on reading
	switch {
	case len(mark) >= 3 && string(mark) == "\xef\xbb\xbf":
		_, _ = in.r.Discard(3)
	case len(mark) >= 2 && string(mark[:2]) == "\xff\xfe":
		_, _ = in.r.Discard(2)
		return &utf16Reader{in: in}, true
	case len(mark) >= 2 && string(mark[:2]) == "\xfe\xff":
		_, _ = in.r.Discard(2)
		return &utf16Reader{in: in, bigEndian: true}, true
	}
	return in, false
}

// runXMLCharset answers the encoding that the XML declaration names. The parser
// asks for every declaration, wherever it stands: readers wrapped around each
// other by the thousand would make each byte cost a walk through them all.
func runXMLCharset(transcoded bool) func(string, io.Reader) (io.Reader, error) {
	declared := false
	return func(label string, input io.Reader) (io.Reader, error) {
		if declared {
			return nil, errors.New("the encoding is declared twice")
		}
		declared = true
		name := strings.ToLower(label)
		if transcoded {
			// The byte order mark has settled it.
			return input, nil
		}
		bytes, ok := input.(io.ByteReader)
		if !ok {
			return nil, fmt.Errorf("encoding %s: the input cannot be read by bytes", quoted(label))
		}
		switch name {
		case "us-ascii", "ascii", "iso-8859-1", "latin1":
			return &singleByteReader{in: bytes}, nil
		case "windows-1252", "cp1252":
			return &singleByteReader{in: bytes, windows: true}, nil
		case "utf-16", "utf-16le", "utf-16be":
			return nil, fmt.Errorf("encoding %s is declared but the file has no UTF-16 byte order mark", quoted(label))
		}
		return nil, fmt.Errorf("encoding %s is not supported: save the file as UTF-8", quoted(label))
	}
}

// pendingRune gives out the bytes of a rune one at a time.
type pendingRune struct {
	buf  [utf8.UTFMax]byte
	n, i int
}

func (p *pendingRune) take() (byte, bool) {
	if p.i == p.n {
		return 0, false
	}
	p.i++
	return p.buf[p.i-1], true
}

func (p *pendingRune) put(r rune) { p.n, p.i = utf8.EncodeRune(p.buf[:], r), 0 }

type singleByteReader struct {
	in      io.ByteReader
	windows bool
	pendingRune
}

func (s *singleByteReader) ReadByte() (byte, error) {
	if b, ok := s.take(); ok {
		return b, nil
	}
	b, err := s.in.ReadByte()
	if err != nil || b < 0x80 {
		return b, err
	}
	if s.windows {
		s.put(fromWindows1252(b))
	} else {
		s.put(rune(b))
	}
	b, _ = s.take()
	return b, nil
}

func (s *singleByteReader) Read(p []byte) (int, error) { return readByBytes(s, p) }

type utf16Reader struct {
	in        *runXMLInput
	bigEndian bool
	held      rune // a unit read while looking for a low surrogate
	hasHeld   bool
	pendingRune
}

func (u *utf16Reader) unit() (rune, error) {
	if u.hasHeld {
		u.hasHeld = false
		return u.held, nil
	}
	a, err := u.in.ReadByte()
	if err != nil {
		return 0, err
	}
	b, err := u.in.ReadByte()
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	if u.bigEndian {
		a, b = b, a
	}
	return rune(a) | rune(b)<<8, err
}

func (u *utf16Reader) ReadByte() (byte, error) {
	if b, ok := u.take(); ok {
		return b, nil
	}
	r, err := u.unit()
	if err != nil {
		return 0, err
	}
	if utf16.IsSurrogate(r) {
		low, err := u.unit()
		switch {
		case err != nil:
			r = utf8.RuneError
		default:
			pair := utf16.DecodeRune(r, low)
			if pair == utf8.RuneError {
				u.held, u.hasHeld = low, true
			}
			r = pair
		}
	}
	u.put(r)
	b, _ := u.take()
	return b, nil
}

func (u *utf16Reader) Read(p []byte) (int, error) { return readByBytes(u, p) }
