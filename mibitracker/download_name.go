package mibitracker

import (
	"fmt"
	"runtime"
	"strings"
	"unicode"
	"unicode/utf8"
)

// NameError is a file whose name in storage cannot be a file's name here.
type NameError struct {
	// Name is the name in storage.
	Name string
	// Reason says what is wrong with it.
	Reason string
}

// Error says what to do.
func (e *NameError) Error() string {
	return fmt.Sprintf("its name %q %s: give the name of a file to write to, instead of a folder", e.Name, e.Reason)
}

// maxFileName is what all file systems take, in bytes.
const maxFileName = 255

// fileName is the last element of a path in storage, if it can be the name of
// a file. Names come from a server: none may lead out of a folder.
func fileName(path string) (string, error) {
	name := path[strings.LastIndexByte(path, '/')+1:]
	if reason := nameFault(name, runtime.GOOS == "windows"); reason != "" {
		return "", &NameError{Name: name, Reason: reason}
	}
	return name, nil
}

func nameFault(name string, windows bool) string {
	switch {
	case name == "":
		return "is empty"
	case name == "." || name == "..":
		return "is a folder"
	case len(name) > maxFileName:
		return fmt.Sprintf("is longer than %d bytes", maxFileName)
	case !utf8.ValidString(name) || strings.ContainsFunc(name, unicode.IsControl):
		return "holds characters that cannot be shown"
	case !windows:
		return ""
	case strings.ContainsAny(name, `\/:*?"<>|`):
		return "holds a character that Windows does not allow"
	case strings.HasSuffix(name, ".") || strings.HasSuffix(name, " "):
		return "ends in a way that Windows does not allow"
	}
	base, _, _ := strings.Cut(name, ".")
	switch base = strings.ToUpper(strings.TrimRight(base, " ")); base {
	case "CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$", "CLOCK$":
		return "is a device of Windows"
	}
	for _, device := range []string{"COM", "LPT"} {
		if number, ok := strings.CutPrefix(base, device); ok && utf8.RuneCountInString(number) == 1 && strings.Contains("0123456789¹²³", number) {
			return "is a device of Windows"
		}
	}
	return ""
}
