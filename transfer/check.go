package transfer

import (
	"cmp"
	"iter"
	"path/filepath"
	"slices"
	"strings"
)

// CheckOptions say what of a run is compared with a folder.
type CheckOptions struct {
	// Dir is the folder that a pull wrote to, or the run's folder in it.
	Dir string
	// FOVs, Channels, Include and Exclude choose as in PullOptions.
	FOVs, Channels, Include, Exclude []string
	// Jobs is how many files are read at once; 2 where it is 0 or less, and at
	// most 64.
	Jobs int
	// Events is told what happens; nil for nobody.
	Events func(Event)
}

// CheckState says how a file compares with the server.
type CheckState string

const (
	// CheckEqual is a file that is what the server has.
	CheckEqual CheckState = "equal"
	// CheckMissing is a file that the server has and the folder has not.
	CheckMissing CheckState = "missing"
	// CheckDifferent is a file that is not what the server has.
	CheckDifferent CheckState = "different"
	// CheckExtra is a file that the server has nothing for.
	CheckExtra CheckState = "extra"
	// CheckUnverifiable is a file of which the server does not say enough to
	// compare it.
	CheckUnverifiable CheckState = "unverifiable"
)

// CheckedFile is one file, and how it compares.
type CheckedFile struct {
	// FOV, ImageID and Channel say what it should hold; FOV is empty and ImageID 0 for
	// an extra file, Channel for a MIBItiff.
	FOV     string
	ImageID int64
	Channel string
	// Path is the file here.
	Path  string
	State CheckState
	// Reason says why it is not equal; empty for what is, or is missing.
	Reason string
}

// CheckResult is how a folder compares with a run.
type CheckResult struct {
	// Run is the run's label, Dir its folder here.
	Run, Dir string
	// FileCount is how many files there are on either side; see Files.
	FileCount int

	images   *runImages
	outcomes []int32 // of each image
	sets     checkedSets
	extras   []CheckedFile
	counts   map[CheckState]int
}

// Files are all files of either side: those of the run's FOVs in the order of
// acquisition and, of one FOV, of their paths, and then the extra ones.
func (r *CheckResult) Files() iter.Seq[CheckedFile] {
	return func(yield func(CheckedFile) bool) {
		for n, outcome := range r.outcomes {
			if outcome == 0 {
				continue
			}
			image := r.images.image(n)
			for _, c := range r.sets.all[outcome] {
				path := filepath.Join(r.Dir, filepath.FromSlash(c.path(image)))
				if !yield(CheckedFile{FOV: image.fov, ImageID: image.id, Channel: c.channel, Path: path, State: c.state, Reason: c.reason}) {
					return
				}
			}
		}
		for _, f := range r.extras {
			if !yield(f) {
				return
			}
		}
	}
}

// Count is how many files are in a state.
func (r *CheckResult) Count(s CheckState) int { return r.counts[s] }

// checkedFile is a file of an image, and how it compares.
type checkedFile struct {
	name    string // behind the image's own: an extension, or a folder and a file
	channel string
	state   CheckState
	reason  string
}

func (c checkedFile) path(image *pullImage) string { return image.file + c.name }

// checkedSets holds each set of files once: those of most images are alike. The
// set 0 is empty.
type checkedSets struct {
	by  map[string]int32
	all [][]checkedFile
}

func newCheckedSets() checkedSets {
	return checkedSets{by: map[string]int32{}, all: [][]checkedFile{nil}}
}

func (s *checkedSets) add(set []checkedFile) int32 {
	slices.SortFunc(set, func(a, b checkedFile) int { return cmp.Compare(a.name, b.name) })
	var key strings.Builder
	for _, c := range set {
		key.WriteString(c.name + "\x00" + c.channel + "\x00" + string(c.state) + "\x00" + c.reason + "\x00")
	}
	n, known := s.by[key.String()]
	if !known {
		n = int32(len(s.all))
		s.all = append(s.all, set)
		s.by[key.String()] = n
	}
	return n
}
