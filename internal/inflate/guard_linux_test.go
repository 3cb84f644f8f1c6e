package inflate

import (
	"bytes"
	"compress/zlib"
	"math/rand/v2"
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

func TestDecoderTouchesNothingElse(t *testing.T) {
	t.Parallel()
	in, out := fenced(t), fenced(t)
	r := rand.New(rand.NewPCG(8, 9))
	var d Decoder
	for size := range 1500 {
		data := make([]byte, size)
		for i := range data {
			data[i] = byte(min(r.ExpFloat64(), 255))
		}
		var packed bytes.Buffer
		w := zlib.NewWriter(&packed)
		if _, err := w.Write(data); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		for _, src := range [][]byte{in[:packed.Len()], in[len(in)-packed.Len():]} {
			copy(src, packed.Bytes())
			for _, dst := range [][]byte{out[:size], out[len(out)-size:]} {
				if _, err := d.Zlib(t.Context(), dst, src); err != nil || !bytes.Equal(dst, data) {
					t.Fatalf("%d bytes: %v", size, err)
				}
			}
		}
	}
}
