package api

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"strings"
)

// tiffName is the MIBItiff's name in its image's folder: no SED can have it.
const tiffName = "summed_image.tiff"

// checkSED judges an SED image by its first bytes, whatever its name or the
// declared type say, and returns the name it is to have and all of its bytes.
func checkSED(fileName string, r io.Reader) (string, io.Reader, error) {
	name := baseName(fileName)
	if name == "" {
		return "", nil, fieldProblem("attachment", "The file has no usable name.")
	}
	if strings.EqualFold(name, tiffName) {
		return "", nil, fieldProblem("attachment", "The name %s belongs to the image's MIBItiff.", tiffName)
	}
	b := bufio.NewReader(r)
	start, err := b.Peek(26)
	if err != nil && !errors.Is(err, io.EOF) {
		return "", nil, err
	}
	if !isPicture(start) {
		return "", nil, fieldProblem("attachment", "%s is neither a BMP, nor a TIFF, nor a PNG.", quote(name))
	}
	return name, b, nil
}

// isPicture knows BMP, TIFF (BigTIFF, too) and PNG by how they begin. None of
// them can be shorter than 26 bytes.
func isPicture(start []byte) bool {
	if len(start) < 26 {
		return false
	}
	for _, magic := range []string{"II*\x00", "MM\x00*", "II+\x00", "MM\x00+", "\x89PNG\r\n\x1a\n"} {
		if bytes.HasPrefix(start, []byte(magic)) {
			return true
		}
	}
	// A BMP names the size of its second header; 12 is the oldest, 124 the newest.
	return bytes.HasPrefix(start, []byte("BM")) && start[14] >= 12 && start[14] <= 124 && start[15] == 0 && start[16] == 0 && start[17] == 0
}
