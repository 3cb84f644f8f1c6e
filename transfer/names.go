package transfer

import (
	"cmp"
	"fmt"
	"hash/maphash"
	"iter"
	"slices"
	"strconv"
	"strings"

	"github.com/openmibi/openmibi/mibi"
)

// Names of files come from what a server says of a run, and from nothing else:
// each is a name by the rules of mibi.FileNames, so that none leads out of its
// folder, and no two are one on any file system.

const tiffExtension = ".tiff"

// nameImages says how each image of a run is called here: see runImages.fov. The
// names of all of them would be larger than what is packed, so that their hashes
// are compared, and the names only where those are equal.
func nameImages(r *runImages) {
	seed := maphash.MakeSeed()
	names := make([]nameHash, r.rows.n)
	for again := true; again; {
		again = false
		for n := range names {
			names[n] = nameHash{maphash.String(seed, r.fov(r.rows.at(n))), int32(n)}
		}
		for same := range alikes(names) {
			for i := range same {
				more := 1
				if i == 0 { // which makes way for each of the others
					more = len(same) - 1
				}
				if row := r.rows.at(int(same[i].of)); row.level < longestName {
					row.level = uint8(min(int(row.level)+more, longestName))
					again = true
				}
			}
		}
	}
	for n := range names {
		names[n] = nameHash{maphash.String(seed, mibi.FoldName(mibi.FileNames([]string{r.fov(r.rows.at(n))})[0])), int32(n)}
	}
	for same := range alikes(names) {
		given := make([]string, len(same))
		for i := range same {
			given[i] = r.fov(r.rows.at(int(same[i].of)))
		}
		for i, file := range mibi.FileNames(given) {
			row := r.rows.at(int(same[i].of))
			odd := r.oddOf(row)
			odd.file = fitFolder(file)
			r.odd = append(r.odd, odd)
			row.odd = int32(len(r.odd))
		}
	}
}

// file is the name of an image's file or folder, without an extension.
func (r *runImages) file(row *imageRow) string {
	if own := r.oddOf(row).file; own != "" {
		return own
	}
	return fitFolder(mibi.FileNames([]string{r.fov(row)})[0])
}

// longestName is the level of a name that is nobody else's.
const longestName = 2

// nameHash is a name's hash, and the number of what has it.
type nameHash struct {
	hash uint64
	of   int32
}

// alikes sorts names, and gives those that two or more have.
func alikes(names []nameHash) iter.Seq[[]nameHash] {
	slices.SortFunc(names, func(a, b nameHash) int { return cmp.Or(cmp.Compare(a.hash, b.hash), cmp.Compare(a.of, b.of)) })
	return func(yield func([]nameHash) bool) {
		for from := 0; from < len(names); {
			to := from + 1
			for to < len(names) && names[to].hash == names[from].hash {
				to++
			}
			if to > from+1 && !yield(names[from:to]) {
				return
			}
			from = to
		}
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
