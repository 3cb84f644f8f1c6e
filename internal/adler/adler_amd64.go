//go:build !purego

package adler

const (
	// blockBytes is how many bytes a block of [sumBlocks] has.
	blockBytes = 64
	// maxBlocks is how many blocks it takes: their sums by place fit into 32
	// bits, however they are split into lanes.
	maxBlocks = 1 << 10
)

// hasAVX2 never changes.
var hasAVX2 = detectAVX2()

// Write adds p.
func (s *Sum) Write(p []byte) {
	if hasAVX2 {
		s.writeBlocks(p)
		return
	}
	s.writeWords(p)
}

// writeBlocks adds p where hasAVX2 is true. With a as it was before n bytes,
// these add n·a to b, and each of them as many times as there are bytes from it
// to the end: 64 times for each block that follows, and once for each byte of
// its own block from it on.
func (s *Sum) writeBlocks(p []byte) {
	a, b := s.a, s.b
	for len(p) >= blockBytes {
		n := min(len(p)/blockBytes, maxBlocks) * blockBytes
		sum, before, placed := sumBlocks(p[:n])
		b = (b + uint64(n)*a + blockBytes*before + placed) % prime
		a = (a + sum) % prime
		p = p[n:]
	}
	for _, c := range p {
		a += uint64(c)
		b += a
	}
	s.a, s.b = a%prime, b%prime
}

// detectAVX2 says whether the processor has AVX2, and the system keeps its
// registers.
//
//go:noescape
func detectAVX2() bool

// sumBlocks returns, of the whole blocks of 64 bytes in p, 1024 at most: the sum
// of their bytes; the sums of all bytes before each block; and the sum of 64
// times the first byte of each block, 63 times the second, … once the last. It
// reads these blocks and nothing else, and needs AVX2.
//
//go:noescape
func sumBlocks(p []byte) (sum, before, placed uint64)
