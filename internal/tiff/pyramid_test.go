package tiff_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"slices"
	"testing"

	"github.com/openmibi/openmibi/internal/tiff"
)

// tiledLevel describes a level of uint8 samples in tiles of 16 by 16, all of which
// have the same value.
func tiledLevel(edge uint32, value byte) tiff.Level {
	level := tiff.Level{Fields: []tiff.Field{
		tiff.ShortField(tiff.Compression, 1), tiff.ShortField(tiff.BitsPerSample, 8),
		tiff.LongField(tiff.ImageWidth, edge), tiff.LongField(tiff.ImageLength, edge),
		tiff.LongField(tiff.TileWidth, 16), tiff.LongField(tiff.TileLength, 16),
		tiff.TextField(tiff.Software, "a writer"),
	}}
	across := int(edge+15) / 16
	for range across * across {
		level.Tiles = append(level.Tiles, bytes.Repeat([]byte{value}, 256))
	}
	return level
}

// checkLevel reads the first page of a file.
func checkLevel(t *testing.T, data []byte, edge int, value byte) *tiff.File {
	t.Helper()
	f, err := open(data, tiff.Options{Keep: []uint16{tiff.SubIFDs, tiff.Software}})
	if err != nil {
		t.Fatal(err)
	}
	got := make([]byte, f.Pages[0].Bytes())
	if err := f.ReadPage(t.Context(), 0, got); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, bytes.Repeat([]byte{value}, edge*edge)) {
		t.Errorf("%d bytes of %d: not %d of %d", len(got), got[0], edge*edge, value)
	}
	if text, _ := f.Pages[0].Text(tiff.Software); text != "a writer" {
		t.Errorf("Software %q", text)
	}
	return f
}

// at returns the file with the page at an offset in first place: a lower
// resolution is read so.
func at(data []byte, bigTIFF bool, offset uint64) []byte {
	data = slices.Clone(data)
	if bigTIFF {
		binary.LittleEndian.PutUint64(data[8:], offset)
	} else {
		binary.LittleEndian.PutUint32(data[4:], uint32(offset))
	}
	return data
}

func TestPyramidsReadBack(t *testing.T) {
	t.Parallel()
	for _, bigTIFF := range []bool{false, true} {
		for levels := 1; levels <= 4; levels++ {
			var out bytes.Buffer
			w := tiff.NewPyramidWriter(&out, bigTIFF)
			for page := range 3 {
				var pyramid []tiff.Level
				for level := range levels {
					pyramid = append(pyramid, tiledLevel(uint32(70>>level), byte(16*page+level)))
				}
				// An odd length moves what follows, unless it is aligned.
				pyramid[0].Tiles[0] = append(pyramid[0].Tiles[0], 0)
				if err := w.WritePage(pyramid, page == 2); err != nil {
					t.Fatal(err)
				}
			}
			f, err := open(out.Bytes(), tiff.Options{Keep: []uint16{tiff.SubIFDs}})
			if err != nil {
				t.Fatal(err)
			}
			if len(f.Pages) != 3 || f.Big != bigTIFF {
				t.Fatalf("%d pages, BigTIFF %v", len(f.Pages), f.Big)
			}
			for page := range f.Pages {
				checkLevel(t, at(out.Bytes(), bigTIFF, f.Pages[page].Offset), 70, byte(16*page))
				subIFDs, _ := f.Pages[page].Tag(tiff.SubIFDs)
				if subIFDs.Count != uint64(levels-1) {
					t.Fatalf("%d lower resolutions of %d", subIFDs.Count, levels-1)
				}
				for level := 1; level < levels; level++ {
					offset, _ := subIFDs.Uint(level - 1)
					lower := checkLevel(t, at(out.Bytes(), bigTIFF, offset), 70>>level, byte(16*page+level))
					if len(lower.Pages) != 1 {
						t.Errorf("a lower resolution leads to %d more pages", len(lower.Pages)-1)
					}
				}
				for offset := range f.Pages[page].Chunks() {
					if offset%2 != 0 {
						t.Errorf("a tile at %d", offset)
					}
				}
			}
		}
	}
}

func TestPyramidWriterRefuses(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	w := tiff.NewPyramidWriter(&out, false)
	twice := tiledLevel(16, 1)
	twice.Fields = append(twice.Fields, tiff.ShortField(tiff.Compression, 1))
	huge := tiledLevel(16, 1)
	huge.Tiles = slices.Repeat([][]byte{make([]byte, 1<<30)}, 4) // never touched
	for name, levels := range map[string][]tiff.Level{
		"no level": nil, "no tiles": {{}}, "a tag twice": {twice}, "4 GiB": {huge},
		"4 GiB in two levels": {{Tiles: huge.Tiles[:2]}, {Tiles: huge.Tiles[:2]}},
	} {
		err := w.WritePage(levels, true)
		if err == nil || out.Len() > 0 {
			t.Errorf("%s: %v, %d bytes written", name, err, out.Len())
		}
		if big := len(levels) > 0 && len(levels[0].Tiles) > 1; errors.Is(err, tiff.ErrNeedsBigTIFF) != big {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := w.WritePage([]tiff.Level{tiledLevel(16, 7)}, true); err != nil {
		t.Fatal(err)
	}
	checkLevel(t, out.Bytes(), 16, 7)
	if err := w.WritePage([]tiff.Level{tiledLevel(16, 7)}, true); !errors.Is(err, tiff.ErrClosed) {
		t.Errorf("after the last page: %v", err)
	}
}

func TestPyramidWriterReportsTheWritersError(t *testing.T) {
	t.Parallel()
	write := func(to *brokenWriter) error {
		w := tiff.NewPyramidWriter(to, false)
		levels := []tiff.Level{tiledLevel(32, 1), tiledLevel(16, 1)}
		return errors.Join(w.WritePage(levels, false), w.WritePage(levels, true))
	}
	whole := &brokenWriter{left: 1 << 20}
	if err := write(whole); err != nil {
		t.Fatal(err)
	}
	size := 1<<20 - whole.left
	for left := 0; left < size; left += 7 {
		if err := write(&brokenWriter{left: left}); !errors.Is(err, errDisk) {
			t.Errorf("room for %d bytes of %d: %v", left, size, err)
		}
	}
}
