package transfer

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
	// Files are all files of either side.
	Files []CheckedFile
}

// Count is how many files are in a state.
func (r *CheckResult) Count(s CheckState) int {
	n := 0
	for i := range r.Files {
		if r.Files[i].State == s {
			n++
		}
	}
	return n
}
