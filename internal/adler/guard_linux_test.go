package adler

import (
	reference "hash/adler32"
	"syscall"
	"testing"
)

// fenced returns pages of memory, of 64 KiB altogether, amid pages that must
// neither be read nor written: the process does not survive it.
func fenced(t *testing.T) []byte {
	t.Helper()
	const fence, size = 64 << 10, 64 << 10
	all, err := syscall.Mmap(-1, 0, size+2*fence, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_ANON|syscall.MAP_PRIVATE)
	if err != nil {
		t.Skipf("no memory with fences: %v", err)
	}
	t.Cleanup(func() {
		if err := syscall.Munmap(all); err != nil {
			t.Error(err)
		}
	})
	for _, part := range [][]byte{all[:fence], all[fence+size:]} {
		if err := syscall.Mprotect(part, syscall.PROT_NONE); err != nil {
			t.Skipf("no memory with fences: %v", err)
		}
	}
	return all[fence : fence+size : fence+size]
}

func TestAdlerReadsNothingElse(t *testing.T) {
	t.Parallel()
	memory := fenced(t)
	for i := range memory {
		memory[i] = byte(i * 7)
	}
	for n := range 2000 {
		for _, p := range [][]byte{memory[:n], memory[len(memory)-n:]} {
			if got, want := sumOf((*Sum).Write, p), reference.Checksum(p); got != want {
				t.Fatalf("%d bytes: %08x, want %08x", n, got, want)
			}
		}
	}
}
