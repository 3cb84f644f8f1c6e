package mibi

import (
	"strconv"
	"strings"
)

// ParseRawFileName reads the name of an instrument's raw file,
// "fov-<run order>-scan-<scan>.bin" with or without leading zeros, and reports
// whether it is one. Both numbers count from 1 in real runs.
func ParseRawFileName(name string) (runOrder, scan int, ok bool) {
	name, hasEnd := strings.CutSuffix(name, ".bin")
	name, hasStart := strings.CutPrefix(name, "fov-")
	fov, number, hasScan := strings.Cut(name, "-scan-")
	order, err := strconv.ParseUint(fov, 10, 31)
	n, err2 := strconv.ParseUint(number, 10, 31)
	if !hasEnd || !hasStart || !hasScan || err != nil || err2 != nil {
		return 0, 0, false
	}
	return int(order), int(n), true
}

// ParseImageFileName reads the name of a MIBItiff as newer instruments give it,
// "fov-<run order>.tiff" or "fov-<run order>-<FOV's name>.tiff", and reports
// whether it is one. The extension may be .tif, the run order have leading
// zeros; name is empty where the file's name has none.
func ParseImageFileName(file string) (runOrder int, name string, ok bool) {
	stem, isTIFF := strings.CutSuffix(file, ".tiff")
	if !isTIFF {
		stem, isTIFF = strings.CutSuffix(file, ".tif")
	}
	stem, hasStart := strings.CutPrefix(stem, "fov-")
	number, name, named := strings.Cut(stem, "-")
	order, err := strconv.ParseUint(number, 10, 31)
	if !isTIFF || !hasStart || err != nil || named && name == "" {
		return 0, "", false
	}
	return int(order), name, true
}
