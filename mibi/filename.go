package mibi

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// MaxFileName is the longest name in bytes that [FileNames] returns. It leaves
// an extension and the mark of a temporary file their place in the 255 bytes
// that file systems take.
const MaxFileName = 240

// FileNames returns the file name of each of an image's channels, without an
// extension. A plain name stays exactly as it is; [ChannelName] turns any of
// them back. The names are fit for every usual file system, and no two differ
// in letter case alone, so that they can lie in one folder of any of them.
//
//   - "/" and "\" become "-", as in MIBItracker's Python tools, and the name ends
//     in "%" and a letter for each "-" in it: "s" was "/", "r" was "\", "-" was
//     itself; those at the end are left out. "HLA-A/B" is "HLA-A-B%-s".
//   - What some file system refuses, hides or loses becomes "%" and two
//     hexadecimal digits for each of its bytes: control and format characters,
//     : * ? " < > | and "%" itself, a point or space at the start or the end, a
//     combining accent, a byte that is not UTF-8, the first letter of a device
//     of Windows ("%43ON" for "CON"). The empty name is "%".
//   - Of names that differ only in case, the first by code point stays as it
//     is, and in the others every letter with a case is written that way.
//   - What is then longer than MaxFileName is cut, and ends in "%h" and the first
//     half of the SHA-256 of the channel's name. Only these cannot be turned back
//     without the list of channels.
//
// The result depends on which channels there are, not on their order; a name
// that comes twice gets the same file name twice.
func FileNames(channels []string) []string {
	// Only names that differ in case alone need to know of each other.
	first := make(map[string]string, len(channels))
	for _, c := range channels {
		key := FoldName(fileName(c, false))
		if other, taken := first[key]; !taken || c < other {
			first[key] = c
		}
	}
	files := make([]string, len(channels))
	for i, c := range channels {
		files[i] = fileName(c, false)
		if first[FoldName(files[i])] != c {
			files[i] = fileName(c, true)
		}
	}
	return files
}

// fileName writes one name by the rule; with spelled, every letter that has a
// case as its bytes.
func fileName(channel string, spelled bool) string {
	if channel == "" {
		return "%"
	}
	var visible strings.Builder
	var hyphens []byte
	for i, size := 0, 0; i < len(channel); i += size {
		_, size = utf8.DecodeRuneInString(channel[i:])
		visible.WriteString(visiblePart(channel, i, size, spelled))
		switch channel[i] {
		case '-':
			hyphens = append(hyphens, '-')
		case '/':
			hyphens = append(hyphens, 's')
		case '\\':
			hyphens = append(hyphens, 'r')
		}
		if visible.Len() > MaxFileName {
			return shortened(channel)
		}
	}
	tag := strings.TrimRight(string(hyphens), "-")
	if tag != "" {
		tag = "%" + tag
	}
	if visible.Len()+len(tag) > MaxFileName {
		return shortened(channel)
	}
	return visible.String() + tag
}

// visiblePart writes the character that stands at i, size bytes long.
func visiblePart(channel string, i, size int, spelled bool) string {
	part := channel[i : i+size]
	r, _ := utf8.DecodeRuneInString(part)
	atEdge := i == 0 || i+size == len(channel)
	switch {
	case r == '/' || r == '\\':
		return "-"
	case r == utf8.RuneError && size == 1, escapes(r),
		atEdge && (r == '.' || r == ' '),
		spelled && hasCase(r),
		i == 0 && isDevice(channel):
		return spell(part)
	}
	return part
}

// spell writes each byte as "%" and two hexadecimal digits.
func spell(part string) string {
	const digits = "0123456789ABCDEF"
	var b strings.Builder
	for _, c := range []byte(part) {
		b.Write([]byte{'%', digits[c>>4], digits[c&15]})
	}
	return b.String()
}

// shortened is the name of a channel whose whole name does not fit.
func shortened(channel string) string {
	digest := sha256.Sum256([]byte(channel))
	tag := shortTag + hex.EncodeToString(digest[:shortDigest])
	var b strings.Builder
	for i, size := 0, 0; i < len(channel); i += size {
		_, size = utf8.DecodeRuneInString(channel[i:])
		part := visiblePart(channel, i, size, false)
		if b.Len()+len(part)+len(tag) > MaxFileName {
			break
		}
		b.WriteString(part)
	}
	return b.String() + tag
}

const (
	shortTag    = "%h"
	shortDigest = sha256.Size / 2
)

// escapes reports the characters that no name keeps, wherever they stand.
func escapes(r rune) bool {
	const combiningFirst, combiningLast = '\u0300', '\u036f'
	return strings.ContainsRune(`:*?"<>|%`, r) ||
		// Some file systems write an accent and its letter as one character.
		combiningFirst <= r && r <= combiningLast ||
		unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp)
}

// isDevice reports whether Windows takes a name for a device, whatever follows
// its first point.
func isDevice(name string) bool {
	name, _, _ = strings.Cut(name, ".")
	name = strings.ToUpper(strings.TrimRight(name, " "))
	if slices.Contains([]string{"CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$", "CLOCK$"}, name) {
		return true
	}
	port, ok := strings.CutPrefix(name, "COM")
	if !ok {
		port, ok = strings.CutPrefix(name, "LPT")
	}
	return ok && utf8.RuneCountInString(port) == 1 && strings.Contains("0123456789¹²³", port)
}

// FoldName makes names equal that a file system may take for one because they
// differ in letter case alone. It is for comparing: what it gives is no name to use.
func FoldName(s string) string {
	return strings.Map(func(r rune) rune {
		r = unicode.ToLower(unicode.ToUpper(r))
		least := r
		for next := unicode.SimpleFold(r); next != r; next = unicode.SimpleFold(next) {
			least = min(least, next)
		}
		return least
	}, s)
}

// hasCase reports whether another character may be taken for this one.
func hasCase(r rune) bool {
	return unicode.SimpleFold(r) != r || unicode.ToUpper(r) != r || unicode.ToLower(r) != r
}
