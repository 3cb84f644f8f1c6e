package deflate_test

import (
	"bytes"
	"encoding/binary"
	"os"
	"os/exec"
	"slices"
	"testing"

	"github.com/openmibi/openmibi/internal/deflate"
)

const python = "/usr/bin/python3"

// run has Python read frames, each a length of 8 bytes and as many bytes, and
// returns the frames it writes.
func run(t *testing.T, script string, frames ...[]byte) [][]byte {
	t.Helper()
	if _, err := os.Stat(python); err != nil {
		t.Skip("no " + python + " is installed")
	}
	const before = `
import struct, sys, zlib
def frames():
    data = sys.stdin.buffer.read()
    while data:
        size, = struct.unpack('<Q', data[:8])
        yield data[8:8 + size]
        data = data[8 + size:]
def put(out):
    sys.stdout.buffer.write(struct.pack('<Q', len(out)) + out)
`
	var in, complaint bytes.Buffer
	for _, frame := range frames {
		in.Write(binary.LittleEndian.AppendUint64(nil, uint64(len(frame))))
		in.Write(frame)
	}
	cmd := exec.CommandContext(t.Context(), python, "-c", before+script)
	cmd.Stdin, cmd.Stderr = &in, &complaint
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v: %s", err, complaint.Bytes())
	}
	var back [][]byte
	for len(out) > 0 {
		end := 8 + binary.LittleEndian.Uint64(out)
		back = append(back, out[8:end])
		out = out[end:]
	}
	return back
}

// TestPython has C's zlib decode, by way of Python.
func TestPython(t *testing.T) {
	t.Parallel()
	var e deflate.Encoder
	var in, want [][]byte
	for _, src := range samples() {
		for _, elem := range []int{1, 2, 4} {
			in, want = append(in, e.Zlib(nil, src, elem)), append(want, src)
		}
	}
	got := run(t, "for data in frames(): put(zlib.decompress(data))", in...)
	if !slices.EqualFunc(got, want, bytes.Equal) {
		t.Error("zlib decodes other bytes")
	}
}

// TestSizeBesidePython compares with what C's zlib makes of planes at its usual
// level: not more than 4 per cent more.
func TestSizeBesidePython(t *testing.T) {
	t.Parallel()
	var in [][]byte
	all := planes()
	for _, p := range all {
		in = append(in, p.data)
	}
	var e deflate.Encoder
	for i, theirs := range run(t, "for data in frames(): put(zlib.compress(data, 6))", in...) {
		p := all[i]
		got := len(e.Zlib(nil, p.data, p.elem))
		ratio := float64(got) / float64(len(theirs))
		t.Logf("%s: %d bytes, %.3f of the %d that Python makes", p.name, got, ratio, len(theirs))
		if ratio > 1.04 {
			t.Errorf("%s is too large", p.name)
		}
	}
}
