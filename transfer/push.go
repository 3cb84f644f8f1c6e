package transfer

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/openmibi/openmibi/mibitracker"
)

// PushOptions say how files are pushed to a run. The zero value pushes what the
// server does not have, and does not wait for its processing.
type PushOptions struct {
	// Wait waits for each pushed image until the server has processed it.
	Wait bool
	// Force pushes what the server has already, too.
	Force bool
	// SkipMismatched pushes the files that fit the run although others do not.
	SkipMismatched bool
	// Include and Exclude choose among the files; see Filter. A path is below the
	// folder that was named, or as the file was named itself.
	Include, Exclude []string
	// Jobs is how many files are looked at, sent and waited for at once; 4
	// where it is 0 or less, and at most 64.
	Jobs int
	// Events is told what happens while the plan runs; nil for nobody.
	Events func(Event)
	// Planning is told of the files that are looked at, and read to compare
	// them, while the plan is made; nil for nobody.
	Planning func(Event)
}

// PushState is how far a file of a push is.
type PushState string

const (
	// PushPlanned is a file that is to be pushed, and was not begun or not
	// finished.
	PushPlanned PushState = "planned"
	// PushSkipped is a file that the server had before.
	PushSkipped PushState = "skipped"
	// PushPushed is a file that the server has taken; it processes it.
	PushPushed PushState = "pushed"
	// PushProcessing is a file that the server has taken, and that it had not
	// processed when the waiting for it ended.
	PushProcessing PushState = "processing"
	// PushAvailable is a file that the server has processed.
	PushAvailable PushState = "available"
	// PushFailed is a file that does not fit, that could not be sent, or that
	// the server could not process.
	PushFailed PushState = "failed"
)

// PushFile is one file of a push, and the image that it goes to.
type PushFile struct {
	// Path is the file here.
	Path string
	// FOV is the image's number in its run, or its folder where the run has
	// several of that number; ImageID its id. Empty where none is known.
	FOV     string
	ImageID int64
	// Size is in bytes.
	Size int64
	// SHA256 is the content's, in hexadecimal; empty as long as nobody needed it.
	SHA256 string
	// State is how far the file is.
	State PushState
	// Replaces says that the image is available with other content, which the
	// file replaces.
	Replaces bool
	// Channels is how many channels the file has, ReplacesChannels how many
	// the image has from the file that is replaced.
	Channels, ReplacesChannels int
	// Unverified says why the file is skipped though nobody compared it: the
	// server gives no hash. Empty for others.
	Unverified string
	// Err is why it failed.
	Err error

	modTime time.Time // when it was looked at
	row     *imageRow // the image as it was then
}

// PushPlan is what a push will do.
type PushPlan struct {
	// To is the run that is pushed to.
	To *mibitracker.Run
	// Files are the files that fit the run, in the order in which they were
	// found.
	Files []PushFile
	// Mismatches are the files that do not fit it.
	Mismatches []Failure
	// Left are the files of folders that are no MIBItiffs, or that were not
	// looked at, and stay where they are.
	Left []Failure

	client  *mibitracker.Client
	options PushOptions
	// patience overrides how long a server that is away is waited for.
	patience patience
}

// Totals counts the files that are to be pushed, their bytes, how many of them
// replace others, and the files that are skipped.
func (p *PushPlan) Totals() (files int, bytes int64, replaces, skipped int) {
	for i := range p.Files {
		switch f := &p.Files[i]; {
		case f.State == PushSkipped:
			skipped++
		case f.open():
			files++
			bytes += f.Size
			if f.Replaces {
				replaces++
			}
		}
	}
	return files, bytes, replaces, skipped
}

// open says whether the file is still to be pushed.
func (f *PushFile) open() bool { return f.State == PushPlanned || f.State == PushFailed }

// PushResult is what a push did.
type PushResult struct {
	// Run is the run's label.
	Run string
	// Files are those of the plan.
	Files []PushFile
	// Failures are the files that do not fit and those that failed.
	Failures []Failure
	// Bytes is how many bytes of files the server took.
	Bytes int64
}

// ErrMismatch is wrapped by the errors for files that do not fit the run that
// they are pushed to.
var ErrMismatch = errors.New("does not fit the run")

// MismatchError is a push that was refused before a byte moved, because of
// files that do not fit the run. It is for errors.As; errors.Is(err,
// ErrMismatch) holds for it.
type MismatchError struct {
	// Run is the run's label.
	Run string
	// Files says of each file why it does not fit.
	Files []Failure
}

// Error names the run, and each file with its reason on a line of its own.
func (e *MismatchError) Error() string {
	var b strings.Builder
	files := "1 file does"
	if len(e.Files) != 1 {
		files = fmt.Sprintf("%d files do", len(e.Files))
	}
	fmt.Fprintf(&b, "nothing was pushed: %s not fit run %s", files, e.Run)
	for i := range e.Files {
		b.WriteString("\n  " + e.Files[i].Error())
	}
	return b.String()
}

// Is reports ErrMismatch.
func (e *MismatchError) Is(target error) bool { return target == ErrMismatch }
