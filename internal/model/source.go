package model

import (
	"errors"
	"fmt"
	"slices"
)

// MaxPageBytes is what one page of an uploaded TIFF may take once decoded: 256
// MiB, which is 8192 × 8192 pixels of float32. A file of a few kilobytes can
// announce any size, and a page in work takes some times its own.
const MaxPageBytes = 256 << 20

// ErrSource is what errors of [Source.Check] wrap: a MIBItiff that does not
// belong to the image it came for.
var ErrSource = errors.New("the TIFF does not belong here")

// SourceError is an [ErrSource] with a reason for people.
type SourceError struct{ Reason string }

func (e *SourceError) Error() string { return e.Reason }

// Is makes errors.Is(err, ErrSource) true.
func (e *SourceError) Is(target error) bool { return target == ErrSource }

// Source is what a MIBItiff says about itself.
type Source struct {
	Run      string   // mibi.run
	Folder   string   // mibi.folder
	Channels []string // the names of its SIMS channels
}

// Check tells whether the TIFF belongs to an image of a run: it names the run
// by its label or its name, it has the image's folder exactly, and none of its
// channels has the name of an extra channel of the image. (Contract: Uploading
// a MIBItiff, step 3.) Both who accepts an upload and who processes it ask
// here. The error is a [SourceError].
func (s Source) Check(run Run, folder string, channels []Channel) error {
	if s.Run == "" || s.Run != run.Label && s.Run != run.Name {
		return &SourceError{fmt.Sprintf("the TIFF is of run %q, this is run %q", s.Run, run.Label)}
	}
	if s.Folder != folder {
		return &SourceError{fmt.Sprintf("the TIFF is of folder %q, the image's folder is %q", s.Folder, folder)}
	}
	for _, c := range channels {
		if c.Kind == ChannelExtra && slices.Contains(s.Channels, c.Name) {
			return &SourceError{fmt.Sprintf("the TIFF has a channel %q, and so has the image among its extra channels; "+
				"rename one of the two", c.Name)}
		}
	}
	return nil
}
