package mibi

import (
	"errors"
	"fmt"
	"strings"
)

// ErrUnknownAperture is returned by [ParseAperture] for a text that names none
// of the five apertures.
var ErrUnknownAperture = errors.New("not an aperture")

// ParseAperture returns the code of an aperture, "A" to "E", from its code or
// from its width as instruments and people write it: "1 mm" is A, "300 µm" B,
// "100 µm" C, "30 µm" D, "500 µm" E. Spaces and case do not matter, and the
// unit may be um or spelled with either of Unicode's two micro signs, or with
// the "?" or "\ufffd" that stands where some writer lost it. Its error wraps
// [ErrUnknownAperture].
func ParseAperture(text string) (string, error) {
	compact := strings.Join(strings.Fields(text), "")
	compact = strings.NewReplacer("\u00b5", "u", "\u03bc", "u").Replace(compact)
	if number, ok := strings.CutSuffix(compact, "m"); ok {
		if found := strings.TrimRight(number, "?\ufffd"); found != number {
			compact = found + "um"
		}
	}
	switch strings.ToLower(compact) {
	case "a", "1mm", "1000um":
		return "A", nil
	case "b", "300um":
		return "B", nil
	case "c", "100um":
		return "C", nil
	case "d", "30um":
		return "D", nil
	case "e", "500um":
		return "E", nil
	}
	return "", fmt.Errorf("aperture %s: %w (one of 1 mm = A, 300 µm = B, 100 µm = C, 30 µm = D, 500 µm = E)",
		quoted(text), ErrUnknownAperture)
}
