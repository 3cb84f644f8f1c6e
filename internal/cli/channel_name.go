package cli

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxFileName is what all file systems take for a name, in bytes.
const maxFileName = 255

// channelFileName is the name of a file for a channel, the same on every
// system: a channel's name may hold anything ("HLA class 1 A, B/C"), also what
// leads out of a folder, hides a file, or is a device of Windows. What cannot
// stay becomes "_". The extension comes with its point.
func channelFileName(channel, extension string) string {
	name := strings.Map(func(r rune) rune {
		if r == utf8.RuneError || unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) || strings.ContainsRune("\\/:*?\"<>|\u2028\u2029", r) {
			return '_'
		}
		return r
	}, strings.ToValidUTF8(channel, "_"))
	name = strings.TrimSpace(name)
	if strings.HasPrefix(name, ".") {
		name = "_" + name[1:]
	}
	if name == "" {
		name = "_"
	}
	if base, rest, _ := strings.Cut(name, "."); isDevice(strings.TrimRight(base, " ")) {
		name = strings.TrimRight(base, " ") + "_"
		if rest != "" {
			name += "." + rest
		}
	}
	for len(name) > maxFileName-len(extension) {
		_, last := utf8.DecodeLastRuneInString(name)
		name = name[:len(name)-last]
	}
	return name + extension
}

// isDevice says whether Windows takes a name for a device, whatever its
// extension is.
func isDevice(name string) bool {
	name = strings.ToUpper(name)
	switch name {
	case "CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$", "CLOCK$":
		return true
	}
	number, ok := strings.CutPrefix(name, "COM")
	if !ok {
		number, ok = strings.CutPrefix(name, "LPT")
	}
	return ok && utf8.RuneCountInString(number) == 1 && strings.Contains("0123456789¹²³", number)
}
