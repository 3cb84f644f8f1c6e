package tiff_test

import (
	"bytes"
	"errors"
	"io"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"

	"github.com/openmibi/openmibi/internal/tiff"
)

// largeFile takes a file of many GiB whose large pieces are all one slice, and
// reads it again.
type largeFile struct {
	starts []int64
	pieces [][]byte
	size   int64
}

func (f *largeFile) Write(b []byte) (int, error) {
	piece := b
	if len(b) < 1<<20 {
		piece = bytes.Clone(b)
	}
	f.starts, f.pieces = append(f.starts, f.size), append(f.pieces, piece)
	f.size += int64(len(b))
	return len(b), nil
}

func (f *largeFile) ReadAt(b []byte, offset int64) (int, error) {
	n := 0
	for n < len(b) && offset+int64(n) < f.size {
		at := offset + int64(n)
		i, found := slices.BinarySearch(f.starts, at)
		if !found {
			i--
		}
		n += copy(b[n:], f.pieces[i][at-f.starts[i]:])
	}
	if n < len(b) {
		return n, io.EOF
	}
	return n, nil
}

// The size of the large pages: 16 MiB.
const largeWidth, largeHeight = 4096, 4096

func writeLarge(t *testing.T, w *tiff.Writer, strip []byte, pages int) (written int, err error) {
	t.Helper()
	for n := range pages {
		if err := w.WritePage(writtenPage(largeWidth, largeHeight), strip); err != nil {
			return n, err
		}
	}
	return pages, nil
}

func TestClassicStopsBeforeFourGiB(t *testing.T) {
	t.Parallel()
	strip := bytes.Repeat([]byte("strip of 16 byte"), 1<<20)
	var file largeFile
	w := tiff.NewWriter(&file)
	written, err := writeLarge(t, w, strip, 300)
	var unsupported *tiff.UnsupportedError
	if written != 255 || !errors.Is(err, tiff.ErrNeedsBigTIFF) || !errors.As(err, &unsupported) || unsupported.Page != 255 {
		t.Fatalf("page %d: %v", written, err)
	}
	if err := w.WritePage(writtenPage(1, 1), []byte{7}); err != nil {
		t.Errorf("a page that fits, after one that did not: %v", err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if file.size > math.MaxUint32 {
		t.Errorf("%d bytes", file.size)
	}
	checkLarge(t, &file, 256, strip)
}

func TestBigTIFFPassesFourGiB(t *testing.T) {
	t.Parallel()
	strip := bytes.Repeat([]byte("strip of 16 byte"), 1<<20)
	var file largeFile
	w := tiff.NewBigWriter(&file)
	if _, err := writeLarge(t, w, strip, 300); err != nil {
		t.Fatal(err)
	}
	if err := w.WritePage(writtenPage(1, 1), []byte{7}); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if file.size < 300*16<<20 {
		t.Errorf("%d bytes", file.size)
	}
	checkLarge(t, &file, 301, strip)
}

// checkLarge reads the last two pages of a file: a large one, and one pixel.
func checkLarge(t *testing.T, file *largeFile, pages int, strip []byte) {
	t.Helper()
	f, err := tiff.Open(file, file.size, tiff.Options{Keep: []uint16{tiff.Software, tiff.XPosition, tiff.SMaxSampleValue}})
	if err != nil {
		t.Fatal(err)
	}
	if len(f.Pages) != pages {
		t.Fatalf("%d pages", len(f.Pages))
	}
	got := make([]byte, len(strip))
	if err := f.ReadPage(t.Context(), pages-2, got); err != nil || !bytes.Equal(got, strip) {
		t.Errorf("the last large page differs: %v", err)
	}
	if err := f.ReadPage(t.Context(), pages-1, got[:1]); err != nil || got[0] != 7 {
		t.Errorf("the last page is %d, %v", got[0], err)
	}
	x, _ := f.Pages[pages-1].Tag(tiff.XPosition)
	most, _ := f.Pages[pages-1].Tag(tiff.SMaxSampleValue)
	software, _ := f.Pages[pages-1].Text(tiff.Software)
	cm, _ := x.Float(0)
	if v, _ := most.Float(0); cm != -0.0241 || v != 1.5 || software != "a writer" {
		t.Errorf("XPosition %v, SMaxSampleValue %v, Software %q", cm, v, software)
	}
}

// TestOthersReadBigTIFF lets libtiff and Python's tifffile read a BigTIFF.
func TestOthersReadBigTIFF(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "big.tiff")
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	w := tiff.NewBigWriter(file)
	for n := range 3 {
		fields := append(writtenPage(5, 1), tiff.ShortField(tiff.PhotometricInterpretation, 1),
			tiff.ShortField(tiff.SamplesPerPixel, 1), tiff.LongField(tiff.RowsPerStrip, 1), tiff.RationalField(tiff.XResolution, 1, 3))
		if err := w.WritePage(fields, bytes.Repeat([]byte{byte(n)}, 5)); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(w.Close(), file.Close()); err != nil {
		t.Fatal(err)
	}
	tried := 0 // others that read it
	for _, command := range [][]string{
		{"tiffinfo", "-D", path},
		{"/usr/bin/python3", "-c", `
import sys, tifffile
with tifffile.TiffFile(sys.argv[1]) as f:
    assert f.is_bigtiff and len(f.pages) == 3
    for n, page in enumerate(f.pages):
        assert (page.asarray() == n).all() and page.shape == (1, 5)
        assert page.tags['XPosition'].value == (-241, 10000), page.tags['XPosition'].value
        assert page.tags['XResolution'].value == (1, 3)
        assert page.tags[341].value == 1.5
`, path},
	} {
		if _, err := exec.LookPath(command[0]); err != nil {
			continue
		}
		if command[0] != "tiffinfo" && exec.CommandContext(t.Context(), command[0], "-c", "import tifffile").Run() != nil {
			continue
		}
		tried++
		out, err := exec.CommandContext(t.Context(), command[0], command[1:]...).CombinedOutput()
		if err != nil || bytes.Contains(out, []byte("Warning")) {
			t.Errorf("%s: %v\n%s", command[0], err, out)
		}
		if command[0] == "tiffinfo" && bytes.Count(out, []byte("Image Width: 5 Image Length: 1")) != 3 {
			t.Errorf("tiffinfo sees other than 3 pages:\n%s", out)
		}
	}
	if tried == 0 {
		t.Skip("neither tiffinfo nor python3 with tifffile is installed")
	}
}
