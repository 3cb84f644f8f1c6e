package transfer

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/openmibi/openmibi/mibi"
)

// Names of files come from what a server says of a run, and from nothing else:
// each is a name by the rules of mibi.FileNames, so that none leads out of its
// folder, and no two are one on any file system.

const tiffExtension = ".tiff"

// nameImages says how each image of a run is called here: by its number; where
// that is not its own, by its folder; and where that is not either, by its
// folder and id.
func nameImages(all []*pullImage) {
	called := func(i *pullImage, level int) string {
		switch {
		case level == 0 && i.number != "":
			return i.number
		case level <= 1 && i.folder != "":
			return i.folder
		}
		return strings.TrimSpace(fmt.Sprintf("%s (image %d)", i.folder, i.id))
	}
	levels := make([]int, len(all))
	for again := true; again; {
		again = false
		first := make(map[string]int, len(all))
		for n, i := range all {
			i.fov = called(i, levels[n])
			other, taken := first[i.fov]
			if !taken {
				first[i.fov] = n
				continue
			}
			for _, m := range []int{n, other} {
				if levels[m] < 2 {
					levels[m]++
					again = true
				}
			}
		}
	}
	names := make([]string, len(all))
	for n, i := range all {
		names[n] = i.fov
	}
	for n, file := range mibi.FileNames(names) {
		all[n].file = fitFolder(file)
	}
}

// fitFolder keeps the names of FOVs apart from those of other files in a run's
// folder: the manifest, "X.tiff" as the folder of an FOV from the file of the FOV
// "X", and the second name that Windows gives to long ones, "MIBI-P~1" for
// ".mibi-pull". What it writes no other name is written as.
func fitFolder(file string) string {
	lower := strings.ToLower(file)
	if lower == manifestName || strings.HasSuffix(lower, tiffExtension) {
		at := strings.LastIndexByte(file, '.')
		return file[:at] + "%2E" + file[at+1:]
	}
	if shortName(file) {
		return strings.Replace(file, "~", "%7E", 1)
	}
	return file
}

// shortName tells a name such as Windows makes up beside a long one: at most
// eight characters, "~" and a number at their end, and an extension.
func shortName(name string) bool {
	name, _, _ = strings.Cut(name, ".")
	before, number, found := strings.Cut(name, "~")
	return found && before != "" && number != "" && len(name) <= 8 && strings.Trim(number, "0123456789") == ""
}

// runFolder is the name of a run's folder.
func runFolder(label string) string { return mibi.FileNames([]string{label})[0] }

// subFolder refuses a name for the folder within those of FOVs that could lead
// out of them, or that is none everywhere: it is of whoever pulls, not of a server.
func subFolder(name string) error {
	if name != "" && mibi.FileNames([]string{name})[0] != name {
		return &UsageError{fmt.Sprintf("the sub-folder %q is no name that a folder can have everywhere: use letters, digits, - and _", name)}
	}
	return nil
}

// quoteName shows a name that may hold anything.
func quoteName(name string) string {
	const most = 100
	if len(name) > most {
		name = strings.ToValidUTF8(name[:most], "") + "…"
	}
	return strconv.Quote(name)
}
