package transfer

import (
	"fmt"
	"slices"

	"github.com/openmibi/openmibi/mibitracker"
)

// Validate finds out whether the options make sense, without asking a server or
// looking at a folder: else it is a *UsageError or a *PatternError.
func (o PullOptions) Validate() error {
	_, err := o.complete()
	return err
}

// Validate is as that of [PullOptions].
func (o PushOptions) Validate() error { return validate(o.Jobs, o.Include, o.Exclude) }

// Validate is as that of [PullOptions].
func (o WatchOptions) Validate() error { return validate(o.Jobs, o.Include, o.Exclude) }

// Validate is as that of [PullOptions].
func (o CheckOptions) Validate() error {
	if err := named(o.FOVs, o.Channels); err != nil {
		return err
	}
	return validate(o.Jobs, o.Include, o.Exclude)
}

// complete gives the options with what they do not say.
func (o PullOptions) complete() (PullOptions, error) {
	if err := named(o.FOVs, o.Channels); err != nil {
		return o, err
	}
	if err := validate(o.Jobs, o.Include, o.Exclude); err != nil {
		return o, err
	}
	o.Jobs = jobsOf(o.Jobs, usualJobs)
	if o.Layout == "" {
		o.Layout = MIBItiff
		if len(o.Channels) > 0 {
			o.Layout = Channels
		}
	}
	switch {
	case o.Layout != MIBItiff && o.Layout != Channels:
		return o, &UsageError{fmt.Sprintf("there is no layout %q, but %s and %s", o.Layout, MIBItiff, Channels)}
	case o.Layout == MIBItiff && len(o.Channels) > 0:
		return o, &UsageError{"channels are chosen in the layout channels: the layout mibitiff has each file as the server has it, whole"}
	case o.Layout == MIBItiff && o.SubFolder != "":
		return o, &UsageError{"a sub-folder is for channels: it goes with the layout channels"}
	}
	return o, subFolder(o.SubFolder)
}

// named refuses an empty name, which most often is a script's variable that was
// not set.
func named(fovs, channels []string) error {
	if slices.Contains(fovs, "") || slices.Contains(channels, "") {
		return &UsageError{"the name of an FOV or a channel is empty"}
	}
	return nil
}

func validate(jobs int, include, exclude []string) error {
	if jobs > mostJobs {
		return &UsageError{fmt.Sprintf("at most %d are worked on at once, not %d", mostJobs, jobs)}
	}
	_, err := NewFilter(include, exclude)
	return err
}

const (
	usualJobs = 4
	mostJobs  = 64
)

// jobsOf is how many FOVs or files are worked on at once: usual where the options
// do not say.
func jobsOf(given, usual int) int {
	if given <= 0 {
		return usual
	}
	return given
}

// runGiven refuses what is no run that a server has.
func runGiven(run *mibitracker.Run) error {
	if run == nil || run.ID <= 0 {
		return &UsageError{"it takes a run as the server gives it, with its id"}
	}
	return nil
}
