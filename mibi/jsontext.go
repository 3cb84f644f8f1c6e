package mibi

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"
)

// maxDepth is how deeply lists and objects may nest: far beyond real files,
// and small enough that no input can exhaust the stack.
const maxDepth = 200

// SyntaxError says that a text is not the JSON that an ImageDescription holds.
type SyntaxError struct {
	// Offset is where, in bytes from the text's start.
	Offset int
	// Reason is what is wrong there.
	Reason string
}

// Error says what is wrong and where.
func (e *SyntaxError) Error() string {
	return fmt.Sprintf("not valid JSON at byte %d: %s", e.Offset, e.Reason)
}

// parser reads JSON and writes it again as Python's json module prints it.
// It differs from encoding/json in what files in the field need: NaN and
// infinities, line breaks inside text, bytes that are not UTF-8, lone
// surrogates and integers of any length that must survive being read and
// written, and the members of nested objects in their order.
type parser struct {
	src []byte
	pos int
}

func (p *parser) fail(reason string) error {
	return &SyntaxError{Offset: p.pos, Reason: reason}
}

func (p *parser) space() {
	for p.pos < len(p.src) {
		switch p.src[p.pos] {
		case ' ', '\t', '\r', '\n':
			p.pos++
		default:
			return
		}
	}
}

func (p *parser) take(c byte) bool {
	p.space()
	if p.pos < len(p.src) && p.src[p.pos] == c {
		p.pos++
		return true
	}
	return false
}

// end allows nothing after a value but space and the NULs that pad TIFF text.
func (p *parser) end() error {
	for p.space(); p.pos < len(p.src); p.pos++ {
		if p.src[p.pos] != 0 {
			return p.fail("something follows the value")
		}
	}
	return nil
}

func (p *parser) value(dst []byte, depth int) ([]byte, error) {
	if depth > maxDepth {
		return nil, p.fail("lists or objects nest too deeply")
	}
	p.space()
	if p.pos >= len(p.src) {
		return nil, p.fail("the text ends where a value should be")
	}
	switch c := p.src[p.pos]; {
	case c == '"':
		return p.text(dst)
	case c == '[':
		return p.list(dst, depth)
	case c == '{':
		return p.object(dst, depth)
	case c == '-' || '0' <= c && c <= '9':
		return p.number(dst)
	}
	for _, word := range []string{"null", "true", "false", "NaN", "Infinity"} {
		if p.word(word) {
			return append(dst, word...), nil
		}
	}
	return nil, p.fail("no JSON value starts so")
}

func (p *parser) word(word string) bool {
	if len(p.src)-p.pos < len(word) || string(p.src[p.pos:p.pos+len(word)]) != word {
		return false
	}
	p.pos += len(word)
	return true
}

func (p *parser) list(dst []byte, depth int) ([]byte, error) {
	p.pos++
	dst = append(dst, '[')
	if p.take(']') {
		return append(dst, ']'), nil
	}
	for {
		var err error
		if dst, err = p.value(dst, depth+1); err != nil {
			return nil, err
		}
		if p.take(']') {
			return append(dst, ']'), nil
		}
		if !p.take(',') {
			return nil, p.fail("expected , or ] in a list")
		}
		dst = append(dst, ", "...)
	}
}

func (p *parser) object(dst []byte, depth int) ([]byte, error) {
	dst = append(dst, '{')
	first := true
	err := p.members(func() error {
		if !first {
			dst = append(dst, ", "...)
		}
		first = false
		var err error
		if dst, err = p.key(dst); err != nil {
			return err
		}
		// Straight into dst: a copy for every level would make nesting cost
		// its depth times its length.
		dst, err = p.value(append(dst, ": "...), depth+1)
		return err
	})
	return append(dst, '}'), err
}

// members calls read for each member of an object, to take the key and the
// value.
func (p *parser) members(read func() error) error {
	if !p.take('{') {
		return p.fail("expected {")
	}
	if p.take('}') {
		return nil
	}
	for {
		if err := read(); err != nil {
			return err
		}
		if p.take('}') {
			return nil
		}
		if !p.take(',') {
			return p.fail("expected , or } in an object")
		}
	}
}

// key appends a member's key as JSON and takes the colon after it.
func (p *parser) key(dst []byte) ([]byte, error) {
	p.space()
	if p.pos >= len(p.src) || p.src[p.pos] != '"' {
		return nil, p.fail("expected a key in double quotes")
	}
	dst, err := p.text(dst)
	if err == nil && !p.take(':') {
		err = p.fail("expected : after a key")
	}
	return dst, err
}

// text takes a text in quotes and appends it in ASCII. A byte that is no UTF-8
// is read as windows-1252, which is how other readers find the µ that a writer
// left in it.
func (p *parser) text(dst []byte) ([]byte, error) {
	p.pos++
	dst = append(dst, '"')
	for {
		start := p.pos
		for p.pos < len(p.src) && isPlain(p.src[p.pos]) {
			p.pos++
		}
		dst = append(dst, p.src[start:p.pos]...)
		if p.pos == len(p.src) {
			return nil, p.fail("text is not closed")
		}
		switch c := p.src[p.pos]; c {
		case '"':
			p.pos++
			return append(dst, '"'), nil
		case '\\':
			unit, err := p.escape()
			if err != nil {
				return nil, err
			}
			dst = appendUnit(dst, unit)
		default:
			r, size := utf8.DecodeRune(p.src[p.pos:])
			if r == utf8.RuneError && size == 1 {
				r = fromWindows1252(c)
			}
			p.pos += size
			dst = appendRune(dst, r)
		}
	}
}

// isPlain reports a byte that stands for itself in canonical text.
func isPlain(c byte) bool { return ' ' <= c && c <= '~' && c != '"' && c != '\\' }

// escape reads one escape as a UTF-16 unit: surrogates are kept as they stand,
// paired or not.
func (p *parser) escape() (uint16, error) {
	if p.pos+1 >= len(p.src) {
		return 0, p.fail("text ends inside an escape")
	}
	c := p.src[p.pos+1]
	if i := strings.IndexByte(`"\/bfnrt`, c); i >= 0 {
		p.pos += 2
		return uint16("\"\\/\b\f\n\r\t"[i]), nil
	}
	if c != 'u' || p.pos+6 > len(p.src) {
		return 0, p.fail("unknown escape")
	}
	unit, err := strconv.ParseUint(string(p.src[p.pos+2:p.pos+6]), 16, 16)
	if err != nil {
		return 0, p.fail("\\u needs four hexadecimal digits")
	}
	p.pos += 6
	return uint16(unit), nil
}

func (p *parser) number(dst []byte) ([]byte, error) {
	start := p.pos
	if p.src[p.pos] == '-' {
		p.pos++
		if p.word("Infinity") {
			return append(dst, "-Infinity"...), nil
		}
	}
	whole := p.digits()
	if whole == 0 || whole > 1 && p.src[p.pos-whole] == '0' {
		return nil, p.fail("not a number")
	}
	real := false
	if p.pos < len(p.src) && p.src[p.pos] == '.' {
		p.pos++
		if real = true; p.digits() == 0 {
			return nil, p.fail("no digit after the decimal point")
		}
	}
	if p.pos < len(p.src) && (p.src[p.pos] == 'e' || p.src[p.pos] == 'E') {
		p.pos++
		if p.pos < len(p.src) && (p.src[p.pos] == '+' || p.src[p.pos] == '-') {
			p.pos++
		}
		if real = true; p.digits() == 0 {
			return nil, p.fail("no digit in the exponent")
		}
	}
	literal := p.src[start:p.pos]
	switch {
	case string(literal) == "-0":
		return append(dst, '0'), nil
	case !real:
		return append(dst, literal...), nil
	}
	f, err := strconv.ParseFloat(string(literal), 64)
	if err != nil && !math.IsInf(f, 0) {
		return nil, p.fail("not a number")
	}
	return appendJSONFloat(dst, f), nil
}

func (p *parser) digits() int {
	start := p.pos
	for p.pos < len(p.src) && '0' <= p.src[p.pos] && p.src[p.pos] <= '9' {
		p.pos++
	}
	return p.pos - start
}
