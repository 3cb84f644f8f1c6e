package transfer

import (
	"errors"

	"github.com/openmibi/openmibi/mibitracker"
)

// Layout is how the files of a pulled run lie in its folder.
type Layout string

const (
	// MIBItiff is one file an FOV, as the server has it: <FOV>.tiff.
	MIBItiff Layout = "mibitiff"
	// Channels is a folder an FOV with one TIFF of one page a channel, the data
	// type kept: <FOV>/<channel>.tiff. Segmentation pipelines read it.
	Channels Layout = "channels"
)

// PullOptions say what is pulled, and into where. Of the zero value only Dir
// has to be given.
type PullOptions struct {
	// Dir is the folder in which the run gets one of its own, named after its
	// label.
	Dir string
	// Layout is how the files lie there; MIBItiff where it is empty, or Channels
	// where Channels names some.
	Layout Layout
	// SubFolder is the name of a folder within each FOV's for its channels;
	// empty for none. It goes with the layout Channels.
	SubFolder string
	// FOVs are the FOVs to pull: an image's number, its folder, or how it is
	// called here. All where it is empty.
	FOVs []string
	// Channels are the channels to pull, by their exact names; all of the TIFF
	// where it is empty. They go with the layout Channels.
	Channels []string
	// Include and Exclude are globs (see Filter) on FOVs, or in the layout
	// Channels on FOV/channel.
	Include, Exclude []string
	// Jobs is how many FOVs are pulled at once; 4 where it is 0 or less, and at
	// most 64.
	Jobs int
	// Events is told what happens while the plan runs; nil for nobody.
	Events func(Event)
}

// PullState is how far a file of a pull is.
type PullState string

const (
	// PullNew is a file that is not here.
	PullNew PullState = "new"
	// PullPartial is a file of which an earlier pull left a part.
	PullPartial PullState = "partial"
	// PullChanged is a file that is here, and that the server has another
	// version of.
	PullChanged PullState = "changed"
	// PullEdited is a file that is here, and that is not what the server gave.
	PullEdited PullState = "edited"
	// PullWhole is a file that is here as the server has it.
	PullWhole PullState = "whole"
	// PullPulled is a file that this pull has brought.
	PullPulled PullState = "pulled"
)

// Verification says by what a file is known to be whole, for people.
type Verification string

const (
	// BySHA256 is the server's SHA-256 of the whole file.
	BySHA256 Verification = "SHA-256"
	// BySizeAndZlib is a whole file of a server that names no SHA-256.
	BySizeAndZlib Verification = "size and zlib checksums only"
	// ByZlib is a channel that was read out of a file on the server by ranges.
	ByZlib Verification = "zlib checksums only"
	// ByPicture is a channel of which the server's picture was fetched.
	ByPicture Verification = "the picture's own checksums only"
)

// PullFOV is one FOV of a pull.
type PullFOV struct {
	// FOV is how the FOV is called here: the image's number, or its folder where
	// images of the run share a number. ImageID is the image's id.
	FOV     string
	ImageID int64
	// Path is its file here, or its folder in the layout Channels.
	Path string
	// Size is how many bytes its TIFF has, or -1 where the server does not say.
	Size int64
	// Here is how many bytes of it an earlier pull has left.
	Here int64
	// State says what has to be done.
	State PullState
	// Channels are the channels that are wanted, in the layout Channels; empty
	// where the server does not list them.
	Channels []string

	n       int // in the plan
	image   *pullImage
	hasSlot bool // see puller.take
	ranges  bool // the channels are read out of the TIFF on the server
	kept    []PulledFile
}

// PullPlan is what a pull will do.
type PullPlan struct {
	// From is the run, Dir its folder here.
	From *mibitracker.Run
	Dir  string
	// Layout is how the files lie there.
	Layout Layout
	// Failures are the FOVs and channels that are known not to be there.
	Failures []Failure

	pull   *puller
	images *runImages
	rows   rows[planRow]
	lists  sharedLists // of channels
}

// PulledFile is one file that is here, whole.
type PulledFile struct {
	// FOV, ImageID and Channel say what is in it; Channel is empty for a
	// MIBItiff.
	FOV     string
	ImageID int64
	Channel string
	// Path is the file here; Size is in bytes, SHA256 its content's in
	// hexadecimal.
	Path   string
	Size   int64
	SHA256 string
	// State is PullPulled, or PullWhole where it was here before.
	State PullState
	// Replaced is PullChanged or PullEdited where it took the place of another
	// one; empty else.
	Replaced PullState
	// Verified says by what it is known to be whole.
	Verified Verification
}

// PullResult is what a pull did.
type PullResult struct {
	// Run is the run's label, Dir its folder here.
	Run    string
	Dir    string
	Layout Layout
	// FileCount is how many files are here and whole; see Files. Edited is how
	// many of them took the place of one that had been changed here.
	FileCount, Edited int
	// Failures are the FOVs and channels that could not be pulled.
	Failures []Failure
	// FOVs is how many FOVs were pulled, Here how many were whole before, and
	// Untried how many were not come to when the pull ended early.
	FOVs, Here, Untried int
	// Bytes is how many bytes were moved for files that are whole now.
	Bytes int64
	// Verified is the weakest of the files' verifications; empty without files.
	Verified Verification

	plan   *PullPlan
	kept   []int32 // of each FOV of the plan: which of its files are here
	keeps  keptSets
	server string
}

var (
	// ErrNoTIFF is wrapped by the failure of an image that has no TIFF yet.
	ErrNoTIFF = errors.New("it has no data yet")
	// ErrNoChannel is wrapped by the failure of an image that has not a channel
	// that others of its run have.
	ErrNoChannel = errors.New("no such channel")
	// ErrFolderInUse is wrapped by the error for a folder that another pull works
	// in.
	ErrFolderInUse = errors.New("another pull works in this folder")
	// ErrOtherRun is wrapped by the error for a folder that holds another run, or
	// one of another server.
	ErrOtherRun = errors.New("the folder belongs to another run")
	// ErrManifest is wrapped by the error for a manifest that cannot be read.
	ErrManifest = errors.New("the manifest cannot be read")
)
