package tiff_test

import (
	"bytes"
	"encoding/binary"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/openmibi/openmibi/internal/tiff"
)

// TestReadsWhatLibtiffWrites lets libtiff's tiffcp write a page in many ways,
// and compares the pixels.
func TestReadsWhatLibtiffWrites(t *testing.T) {
	t.Parallel()
	tiffcp, err := exec.LookPath("tiffcp")
	if err != nil {
		t.Skip("tiffcp of libtiff is not installed")
	}
	const width, height = 300, 211
	folder := t.TempDir()
	for _, sample := range []int{1, 2, 4} {
		want := sparse(width*height, sample)
		format := uint64(tiff.FormatUint)
		if sample == 4 {
			format = tiff.FormatFloat
		}
		b := newBuilder(binary.LittleEndian, false)
		b.page(append(with(grayscale(width, height, b.blob(want), uint64(len(want))), short(tiff.BitsPerSample, uint64(8*sample)),
			short(tiff.PhotometricInterpretation, 1)), short(tiff.SampleFormat, format))...)
		source := filepath.Join(folder, string(rune('0'+sample))+".tif")
		if err := os.WriteFile(source, b.buf, 0o600); err != nil {
			t.Fatal(err)
		}
		ways := []string{"-c none", "-c lzw", "-c lzw:2", "-c zip", "-c zip:2", "-c packbits", "-c lzw -r 16",
			"-B -c lzw:2 -r 16", "-B -c packbits -r 7", "-B -c zip:2 -t -w 64 -l 32", "-8 -c lzw:2 -t", "-8 -B -c zip -r 1"}
		if sample == 4 {
			// Not -B: libtiff 4.5 cannot read back what it writes so itself.
			ways = append(ways, "-c zip:3", "-c lzw:3 -r 16", "-c zip:3 -t -w 64 -l 64")
		}
		for i, way := range ways {
			copied := filepath.Join(folder, string(rune('0'+sample))+"-"+string(rune('a'+i))+".tif")
			if out, err := exec.CommandContext(t.Context(), tiffcp, append(strings.Fields(way), source, copied)...).CombinedOutput(); err != nil {
				t.Fatalf("tiffcp %s: %v\n%s", way, err, out)
			}
			data, err := os.ReadFile(copied)
			if err != nil {
				t.Fatal(err)
			}
			got, err := readAll(t.Context(), data, tiff.Options{})
			if err != nil {
				t.Errorf("%d bytes a sample, tiffcp %s: %v", sample, way, err)
			} else if !bytes.Equal(got, want) {
				t.Errorf("%d bytes a sample, tiffcp %s: the pixels differ", sample, way)
			}
		}
	}
}
