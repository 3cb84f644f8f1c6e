package api

import (
	"math"
	"strings"
	"unicode"
)

// baseName is the last part of a file's name: some clients send the whole
// path, of their own kind of system. It is empty where nothing is left that
// could be a file's name in storage.
func baseName(fileName string) string {
	name := strings.TrimSpace(fileName[strings.LastIndexAny(fileName, `/\`)+1:])
	if name == "." || name == ".." || strings.ContainsFunc(name, unicode.IsControl) || escapes(name) {
		return ""
	}
	return name
}

// safeFolder makes a name fit to be a folder anywhere: letters and digits of
// ASCII, "_", "-" and inner dots.
func safeFolder(name string) string {
	safe := strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', r == '_', r == '-', r == '.':
			return r
		}
		return '_'
	}, name)
	safe = strings.TrimLeft(safe, ".")
	for strings.Contains(safe, "..") {
		safe = strings.ReplaceAll(safe, "..", ".")
	}
	if len(safe) > 100 {
		safe = safe[:100]
	}
	if safe == "" {
		return "run"
	}
	return safe
}

// roundCoordinate rounds motor steps to whole ones.
func roundCoordinate(v float64) float64 {
	if v = math.Round(v); v == 0 {
		return 0 // never "-0"
	}
	return v
}
