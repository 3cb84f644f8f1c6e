package tiff_test

import (
	"bytes"
	"compress/lzw"
	"compress/zlib"
	"encoding/binary"
	"errors"
	"io"
	"testing"

	"github.com/openmibi/openmibi/internal/tiff"
)

// What each codec should make of any bytes, by code that is not ours where
// there is any.

var errShort = errors.New("too few bytes")

// oracle returns the n bytes that a strip decodes to, or an error.
func oracle(compression uint16, strip []byte, n int) ([]byte, error) {
	switch compression {
	case tiff.CompressionLZW:
		return firstBytes(lzw.NewReader(bytes.NewReader(lateLZW(strip)), lzw.MSB, 8), n)
	case tiff.CompressionPackBits:
		return plainPackBits(strip, n)
	case tiff.CompressionDeflate, tiff.CompressionOldDeflate:
		z, err := zlib.NewReader(bytes.NewReader(strip))
		if err != nil {
			return nil, err
		}
		out, err := io.ReadAll(io.LimitReader(z, int64(n)+1))
		switch {
		case err != nil:
			return nil, err
		case len(out) != n:
			return nil, errShort
		}
		return out, nil
	}
	if len(strip) < n {
		return nil, errShort
	}
	return strip[:n], nil
}

func firstBytes(r io.Reader, n int) ([]byte, error) {
	out := make([]byte, n)
	_, err := io.ReadFull(r, out)
	return out, err
}

// lateLZW turns the codes of TIFF, which become longer one code early, into
// those of the standard library, which do not.
func lateLZW(strip []byte) []byte {
	var out []byte
	held, bits := uint64(0), uint(0) // of what is read
	to, toBits := uint64(0), uint(0) // of what is written
	early, late := uint(9), uint(9)  // bits of a code
	for codes := 0; ; {
		for bits < early {
			if len(strip) == 0 {
				return append(out, byte(to<<(8-toBits)))
			}
			held, bits, strip = held<<8|uint64(strip[0]), bits+8, strip[1:]
		}
		bits -= early
		code := held >> bits & (1<<early - 1)
		if code >= 1<<late {
			return out // a code that is not there yet, and has no bits to be written in
		}
		to, toBits = to<<late|code, toBits+late
		for toBits >= 8 {
			toBits -= 8
			out = append(out, byte(to>>toBits))
		}
		if codes++; code == 256 {
			codes, early, late = 0, 9, 9
		}
		if 257+codes+1 >= 1<<early {
			early = min(early+1, 12)
		}
		if 257+codes >= 1<<late {
			late = min(late+1, 12)
		}
	}
}

func plainPackBits(strip []byte, n int) (out []byte, err error) {
	for i := 0; len(out) < n; {
		if i >= len(strip) {
			return nil, errShort
		}
		head := int(strip[i])
		i++
		switch {
		case head < 128:
			if i+head+1 > len(strip) {
				return nil, errShort
			}
			out = append(out, strip[i:i+head+1]...)
			i += head + 1
		case head > 128:
			if i >= len(strip) {
				return nil, errShort
			}
			out = append(out, bytes.Repeat(strip[i:i+1], 257-head)...)
			i++
		}
	}
	return out[:n], nil
}

// compareCodec decodes a strip of a page of n bytes and holds the result
// against the oracle's.
func compareCodec(t *testing.T, compression uint16, strip []byte, n int) {
	t.Helper()
	b := newBuilder(binary.LittleEndian, false)
	b.page(with(grayscale(uint64(n), 1, b.blob(strip), uint64(len(strip))), short(tiff.Compression, uint64(compression)))...)
	got, err := readAll(t.Context(), b.buf, tiff.Options{})
	if compression == tiff.CompressionLZW && errors.Is(err, errors.ErrUnsupported) {
		return // of before 1990
	}
	want, wantErr := oracle(compression, strip, n)
	if (err == nil) != (wantErr == nil) {
		t.Fatalf("compression %d, % x: %v, the oracle: %v", compression, strip, err, wantErr)
	}
	if err == nil && !bytes.Equal(got, want) {
		t.Fatalf("compression %d, % x: % x, the oracle: % x", compression, strip, got, want)
	}
}

// The oracles agree with what the plain encoders wrote.
func TestOraclesAgreeWithEncoders(t *testing.T) {
	t.Parallel()
	for _, n := range []int{1, 2, 255, 256, 257, 511, 512, 4096, 5000, 70_000} {
		dense := make([]byte, n) // it fills the table of LZW many times
		for i := range dense {
			dense[i] = byte(i * i >> 3)
		}
		for _, data := range [][]byte{sparse(n, 1), make([]byte, n), dense} {
			for compression, strip := range map[uint16][]byte{
				tiff.CompressionNone: data, tiff.CompressionLZW: encodeLZW(data),
				tiff.CompressionPackBits: encodePackBits(data), tiff.CompressionDeflate: deflated(t, data),
			} {
				if want, err := oracle(compression, strip, n); err != nil || !bytes.Equal(want, data) {
					t.Fatalf("the oracle of compression %d: %v", compression, err)
				}
				compareCodec(t, compression, strip, n)
				for cut := range min(len(strip), 40) {
					compareCodec(t, compression, strip[:len(strip)-1-cut], n)
				}
			}
		}
	}
}
