package adler

import (
	"bytes"
	"encoding/binary"
	reference "hash/adler32"
	"math/rand/v2"
	"testing"
)

// writers are the ways to sum that this machine has.
func writers() map[string]func(s *Sum, p []byte) {
	return map[string]func(s *Sum, p []byte){"own": (*Sum).Write, "words": (*Sum).writeWords}
}

// sumOf is the checksum of p, which comes in pieces.
func sumOf(write func(s *Sum, p []byte), p []byte, pieces ...int) uint32 {
	s := New()
	for _, n := range pieces {
		n = min(n, len(p))
		write(&s, p[:n])
		p = p[n:]
	}
	write(&s, p)
	return s.Sum32()
}

func TestAdlerOfEveryLength(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 2))
	noise := make([]byte, 10_100)
	for i := range noise {
		noise[i] = byte(r.Uint32())
	}
	for name, data := range map[string][]byte{"noise": noise, "255": bytes.Repeat([]byte{255}, len(noise)), "0": make([]byte, len(noise))} {
		for n := range 10_001 {
			at := r.IntN(100)
			p := data[at : at+n : at+n]
			want := reference.Checksum(p)
			for way, write := range writers() {
				if got := sumOf(write, p); got != want {
					t.Fatalf("%s: %s, %d bytes from %d: %08x, want %08x", way, name, n, at, got, want)
				}
			}
		}
	}
}

func TestAdlerOfPieces(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(3, 4))
	data := make([]byte, 3<<20)
	for i := range data {
		data[i] = byte(r.Uint32())
	}
	for _, p := range [][]byte{data, bytes.Repeat([]byte{255}, 16<<20+77)} {
		want := reference.Checksum(p)
		for range 5 {
			var pieces []int
			for range 50 {
				pieces = append(pieces, r.IntN(100_000))
			}
			for way, write := range writers() {
				if got := sumOf(write, p, pieces...); got != want {
					t.Fatalf("%s: %d bytes in pieces of %v: %08x, want %08x", way, len(p), pieces, got, want)
				}
			}
		}
	}
}

func FuzzAdler(f *testing.F) {
	f.Add([]byte("Wikipedia"), uint8(0), 3)
	f.Add(bytes.Repeat([]byte{255}, 200), uint8(255), 70)
	f.Fuzz(func(t *testing.T, p []byte, times uint8, cut int) {
		p = bytes.Repeat(p, 1+int(times))
		cut = max(min(cut, len(p)), 0)
		want := reference.Checksum(p)
		for name, write := range writers() {
			if got := sumOf(write, p, cut); got != want {
				t.Fatalf("%s: %08x, want %08x, of %x in pieces of %d", name, got, want, p, cut)
			}
		}
	})
}

func BenchmarkAdler(b *testing.B) {
	data := make([]byte, 32<<10)
	for i := 0; i < len(data); i += 2 {
		binary.LittleEndian.PutUint16(data[i:], uint16(i*7))
	}
	for name, write := range writers() {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(data)))
			var s Sum
			for b.Loop() {
				write(&s, data)
			}
		})
	}
	b.Run("standard", func(b *testing.B) {
		b.SetBytes(int64(len(data)))
		for b.Loop() {
			reference.Checksum(data)
		}
	})
}
