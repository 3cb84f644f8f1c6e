package mibitiff_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"runtime"
	"testing"

	"github.com/openmibi/openmibi/mibitiff"
)

// emptyPNG claims a size and brings no samples.
func emptyPNG(width, height uint32, depth, colour byte, interlaced bool) []byte {
	head := binary.BigEndian.AppendUint32([]byte("IHDR"), width)
	head = binary.BigEndian.AppendUint32(head, height)
	head = append(head, depth, colour, 0, 0, map[bool]byte{true: 1}[interlaced])
	file := []byte("\x89PNG\r\n\x1a\n")
	for _, chunk := range [][]byte{head, []byte("IDAT\x78\x9c\x01\x00\x00\xff\xff"), []byte("IEND")} {
		file = binary.BigEndian.AppendUint32(file, uint32(len(chunk)-4))
		file = append(file, chunk...)
		file = binary.BigEndian.AppendUint32(file, crc32.ChecksumIEEE(chunk))
	}
	return file
}

// A PNG of a hundred bytes that claims a hundred million pixels costs nothing.
// This counts what is allocated, so nothing runs beside it.
func TestPNGsThatOnlyClaimPixels(t *testing.T) {
	for _, depth := range []byte{8, 16} {
		for _, colour := range []byte{0, 2, 6} {
			file := emptyPNG(10_000, 10_000, depth, colour, depth == 16)
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			_, err := mibitiff.ReadPicture(t.Context(), bytes.NewReader(file), int64(len(file)))
			_, rgbErr := mibitiff.ReadRGBPicture(t.Context(), bytes.NewReader(file), int64(len(file)))
			if picture, openErr := mibitiff.OpenPicture(bytes.NewReader(file), int64(len(file))); openErr == nil {
				_, _ = picture.Read(t.Context())
			}
			runtime.ReadMemStats(&after)
			if err == nil || rgbErr == nil {
				t.Errorf("%d bits, colour %d: %v, %v", depth, colour, err, rgbErr)
			}
			if colour == 0 && !errors.Is(err, mibitiff.ErrNotPicture) || colour == 2 && depth == 8 && !errors.Is(rgbErr, mibitiff.ErrNotPicture) {
				t.Errorf("%d bits, colour %d: %v, %v", depth, colour, err, rgbErr)
			}
			if used := after.TotalAlloc - before.TotalAlloc; used > 4<<20 {
				t.Errorf("%d bits, colour %d: %d bytes of memory for %d", depth, colour, used, len(file))
			}
		}
	}
}
