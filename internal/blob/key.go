package blob

import (
	"fmt"
	"strings"
)

const (
	// MaxKeyLen is the longest key, in bytes.
	MaxKeyLen = 512
	// MaxSegmentLen is the longest segment of a key, in bytes.
	MaxSegmentLen = 128
)

// CheckKey returns an error that wraps [ErrKey] if key cannot name an object.
//
// A key is one or more segments joined with "/". A segment holds the letters
// a-z, digits, ".", "_" and "-", and neither starts nor ends with a dot. So no
// key escapes its folder, and a folder of objects can be moved between systems:
// to file systems that fold case (hence no capitals), drop final dots, or
// reserve names such as "nul" and "com1.txt" for devices.
func CheckKey(key string) error {
	if key == "" {
		return fmt.Errorf("%w: it is empty", ErrKey)
	}
	if len(key) > MaxKeyLen {
		return fmt.Errorf("%w %.40q...: longer than %d bytes", ErrKey, key, MaxKeyLen)
	}
	for segment := range strings.SplitSeq(key, "/") {
		if reason := badSegment(segment); reason != "" {
			return fmt.Errorf("%w %q: %s", ErrKey, key, reason)
		}
	}
	return nil
}

// badSegment says what is wrong with a segment, or nothing.
func badSegment(segment string) string {
	switch {
	case segment == "":
		return "an empty segment"
	case len(segment) > MaxSegmentLen:
		return fmt.Sprintf("a segment longer than %d bytes", MaxSegmentLen)
	case segment[0] == '.' || segment[len(segment)-1] == '.':
		return "a segment that starts or ends with a dot"
	}
	for i := range len(segment) {
		c := segment[i]
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '.' && c != '_' && c != '-' {
			return "only a-z, 0-9, '.', '_' and '-' are allowed in a segment"
		}
	}
	if reserved(segment) {
		return "a segment that Windows reserves for a device"
	}
	return ""
}

// reserved reports whether Windows takes the name for a device, which it does
// whatever follows the first dot.
func reserved(segment string) bool {
	base, _, _ := strings.Cut(segment, ".")
	switch base {
	case "con", "prn", "aux", "nul":
		return true
	}
	if len(base) != 4 || base[3] < '0' || base[3] > '9' {
		return false
	}
	return base[:3] == "com" || base[:3] == "lpt"
}

// checkPrefix is CheckKey for a folder of keys; the empty one means all.
func checkPrefix(prefix string) error {
	if prefix == "" {
		return nil
	}
	return CheckKey(prefix)
}
