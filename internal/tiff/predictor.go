package tiff

import "encoding/binary"

// undoHorizontal turns the differences of predictor 2 back into samples, row by
// row, each sample of a pixel for itself. Samples are little-endian.
func undoHorizontal(b []byte, rowBytes, sample, samples int) {
	step := sample * samples
	for ; len(b) >= rowBytes && rowBytes > 0; b = b[rowBytes:] {
		row := b[:rowBytes]
		for i := step; i+sample <= len(row); i += sample {
			switch sample {
			case 1:
				row[i] += row[i-step]
			case 2:
				binary.LittleEndian.PutUint16(row[i:], binary.LittleEndian.Uint16(row[i:])+binary.LittleEndian.Uint16(row[i-step:]))
			case 4:
				binary.LittleEndian.PutUint32(row[i:], binary.LittleEndian.Uint32(row[i:])+binary.LittleEndian.Uint32(row[i-step:]))
			case 8:
				binary.LittleEndian.PutUint64(row[i:], binary.LittleEndian.Uint64(row[i:])+binary.LittleEndian.Uint64(row[i-step:]))
			}
		}
	}
}

// undoFloatPredictor turns rows of predictor 3 back into little-endian samples:
// a row holds the differences of its bytes, all highest bytes first. row is a
// buffer of one row.
func undoFloatPredictor(b, row []byte, sample, samples int) {
	for ; len(b) >= len(row) && len(row) > 0; b = b[len(row):] {
		copy(row, b)
		for i := samples; i < len(row); i++ {
			row[i] += row[i-samples]
		}
		values := len(row) / sample
		for i := range values {
			for j := range sample {
				b[i*sample+sample-1-j] = row[j*values+i]
			}
		}
	}
}
