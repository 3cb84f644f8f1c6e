// Package adler computes the checksum of zlib streams, Adler-32 (RFC 1950,
// section 8.2), as fast as memory is read where the processor has AVX2, and
// faster than the standard library everywhere.
package adler

import "encoding/binary"

const (
	prime = 65521
	// words8 is how many words of 8 bytes are summed in lanes of 16 bits:
	// the sum of the sums of n bytes is at most 255·n·(n-1)/2.
	words8 = 22

	evenBytes  = 0x00ff00ff00ff00ff
	evenShorts = 0x0000ffff0000ffff
)

// Sum is the checksum of what was written to it. It begins with [New]. Its method
// Write is that of the machine.
type Sum struct{ a, b uint64 }

// New returns the checksum of nothing.
func New() Sum { return Sum{a: 1} }

// Of returns the checksum of p.
func Of(p []byte) uint32 {
	s := New()
	s.Write(p)
	return s.Sum32()
}

// Sum32 returns the checksum of all that was written.
func (s *Sum) Sum32() uint32 { return uint32(s.b<<16 | s.a) }

// writeWords adds p on any machine, eight bytes at a time: bytes of even and of
// odd place are summed in the four lanes of a word each, and so are the sums
// before each word, which count eight times in b. The remainders wait for the
// end of 64 KiB: 64 bits are enough for 256 times as many.
func (s *Sum) writeWords(p []byte) {
	for len(p) > 0 {
		n := min(len(p), 64<<10)
		s.writeSome(p[:n])
		p = p[n:]
	}
}

func (s *Sum) writeSome(p []byte) {
	a, b := s.a, s.b
	for len(p) >= 8*words8 {
		words := (*[8 * words8]byte)(p)
		var even, odd, evens, odds uint64
		for i := 0; i < len(words); i += 8 {
			w := binary.LittleEndian.Uint64(words[i : i+8])
			evens += even
			odds += odd
			even += w & evenBytes
			odd += w >> 8 & evenBytes
		}
		b += 8*words8*a + 8*(lanes(evens)+lanes(odds))
		// Within a word, its bytes count 8, 7, … 1 times: those of even place
		// 8, 6, 4, 2 times, those of odd place as often but for one.
		both := even + odd
		b += 2*((both&evenShorts*(4<<32|2))>>32+(both>>16&evenShorts*(3<<32|1))>>32) - lanes(odd)
		a += lanes(both)
		p = p[8*words8:]
	}
	for _, c := range p {
		a += uint64(c)
		b += a
	}
	s.a, s.b = a%prime, b%prime
}

// lanes returns the sum of the four 16-bit lanes of w.
func lanes(w uint64) uint64 {
	w = w&evenShorts + w>>16&evenShorts
	return w&0xffffffff + w>>32
}
