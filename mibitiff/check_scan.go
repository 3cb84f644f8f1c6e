package mibitiff

import (
	"bytes"
	"encoding/binary"
	"math"
)

// scanned is what a check wants to know of a page's samples.
type scanned struct {
	max       float64 // of all that are numbers; minus infinity where none is
	nan       int
	infinite  int
	decreased bool // the largest is below the guess, and not known
}

// scanner looks at the samples of a page piece by piece, in little-endian
// order. A guess at the largest makes it several times faster where it is right.
type scanner struct {
	scanned
	dtype   DType
	guess   float64
	guessed bool
	// The lanes of limit hold the guess and those of high their highest bit;
	// sample is the guess as a sample.
	limit, high uint64
	sample      []byte
	reached     bool // a sample is the guess
}

func newScanner(dtype DType, guess float64, guessed bool) *scanner {
	s := &scanner{scanned: scanned{max: math.Inf(-1)}, dtype: dtype, guess: guess}
	switch {
	case !guessed || math.IsNaN(guess) || guess < 0:
	case dtype == Uint16 && guess < 1<<15 && guess == math.Trunc(guess):
		s.sample = binary.LittleEndian.AppendUint16(nil, uint16(guess))
		s.limit, s.high = uint64(guess)*0x0001_0001_0001_0001, 0x8000_8000_8000_8000
		s.guessed = true
	case dtype == Float32 && guess <= math.MaxFloat32 && float64(float32(guess)) == guess:
		// The bits of floats that are not negative are in the order of the
		// floats, and those that are no numbers above all that are.
		bits := math.Float32bits(float32(math.Abs(guess)))
		s.sample = binary.LittleEndian.AppendUint32(nil, bits)
		s.limit, s.high = uint64(bits)*0x0000_0001_0000_0001, 0x8000_0000_8000_0000
		s.guessed = true
	}
	return s
}

// add looks at the next samples.
func (s *scanner) add(b []byte) {
	if !s.guessed || !within(b, s.limit, s.high) {
		s.addEach(b)
		return
	}
	s.reached = s.reached || holds(b, s.sample)
}

// result returns what was seen.
func (s *scanner) result() scanned {
	if s.guessed && s.max < s.guess {
		s.max = s.guess
		s.decreased = !s.reached
	}
	return s.scanned
}

// within tells whether each of the lanes of all words is at most that of limit.
// high has the highest bit of each lane set; lanes with that bit are above.
func within(b []byte, limit, high uint64) bool {
	limit |= high
	some, every := uint64(0), high
	for ; len(b) >= 32; b = b[32:] {
		v, w := binary.LittleEndian.Uint64(b), binary.LittleEndian.Uint64(b[8:])
		x, y := binary.LittleEndian.Uint64(b[16:]), binary.LittleEndian.Uint64(b[24:])
		some |= v | w | x | y
		// The highest bit of a lane stays where limit is not smaller; lanes do
		// not borrow from each other where none has it set.
		every &= (limit - v) & (limit - w) & (limit - x) & (limit - y)
	}
	for len(b) > 0 {
		var last [8]byte
		b = b[copy(last[:], b):]
		v := binary.LittleEndian.Uint64(last[:])
		some |= v
		every &= limit - v
	}
	return some&high == 0 && every&high == high
}

// holds tells whether one of the samples is the given one.
func holds(b, sample []byte) bool {
	for from := 0; ; {
		at := bytes.Index(b[from:], sample)
		if at < 0 {
			return false
		}
		if from += at; from%len(sample) == 0 {
			return true
		}
		from++
	}
}

// addEach looks at the samples one by one.
func (s *scanner) addEach(b []byte) {
	size := s.dtype.Size()
	for ; size > 0 && len(b) >= size; b = b[size:] {
		v := sampleAt(b, s.dtype)
		switch {
		case math.IsNaN(v):
			s.nan++
			continue
		case math.IsInf(v, 0):
			s.infinite++
		}
		s.max = max(s.max, v)
	}
}

// sampleAt returns the first sample.
func sampleAt(b []byte, dtype DType) float64 {
	switch dtype {
	case Uint8:
		return float64(b[0])
	case Int8:
		return float64(int8(b[0]))
	case Uint16:
		return float64(binary.LittleEndian.Uint16(b))
	case Int16:
		return float64(int16(binary.LittleEndian.Uint16(b)))
	case Uint32:
		return float64(binary.LittleEndian.Uint32(b))
	case Int32:
		return float64(int32(binary.LittleEndian.Uint32(b)))
	case Uint64:
		return float64(binary.LittleEndian.Uint64(b))
	case Int64:
		return float64(int64(binary.LittleEndian.Uint64(b)))
	case Float32:
		return float64(math.Float32frombits(binary.LittleEndian.Uint32(b)))
	}
	return math.Float64frombits(binary.LittleEndian.Uint64(b))
}
