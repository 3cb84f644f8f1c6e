package cli

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/openmibi/openmibi/transfer"
)

// pushReport is what `mibi push --json` prints.
type pushReport struct {
	Run   string   `json:"run"`
	Files longList `json:"files"`
	// Failures are the files that do not fit the run, and those of Files that
	// failed.
	Failures []pushFailure `json:"failures"`
	// Left are the files of folders that were not looked at, or are no
	// MIBItiffs.
	Left []leftFile `json:"left"`
}

// pushedFile is a file that fits the run.
type pushedFile struct {
	Path     string             `json:"path"`
	FOV      string             `json:"fov"`
	ImageID  int64              `json:"image_id"`
	Size     int64              `json:"size"`   // in bytes
	SHA256   *string            `json:"sha256"` // null where nobody needed it yet
	State    transfer.PushState `json:"state"`
	Replaces bool               `json:"replaces"` // the image had other content
	// Unverified is why nobody can be sure; null for others.
	Unverified *string `json:"unverified"`
	Error      *string `json:"error"`
}

// pushFailure is a file that was not pushed.
type pushFailure struct {
	Path    string `json:"path"`
	FOV     string `json:"fov"`      // empty where none is known
	ImageID *int64 `json:"image_id"` // null where none is known
	Error   string `json:"error"`
}

// leftFile is a file that is left where it is.
type leftFile struct {
	Path   string `json:"path"`
	Reason string `json:"reason"`
}

// planned is the report of a plan that was not run.
func planned(p *transfer.PushPlan) pushReport { return pushReportOf(p, p.Files, p.Mismatches) }

func pushReportOf(p *transfer.PushPlan, files []transfer.PushFile, failures []transfer.Failure) pushReport {
	r := pushReport{Run: p.To.Label, Failures: []pushFailure{}, Left: []leftFile{}}
	r.Files = newLongList(func(yield func(pushedFile, error) bool) {
		for i := range files {
			if !yield(pushedFileOf(&files[i]), nil) {
				return
			}
		}
	})
	for _, f := range failures {
		out := pushFailure{Path: f.Path, FOV: f.FOV, Error: f.Err.Error()}
		if f.ImageID != 0 {
			out.ImageID = &f.ImageID
		}
		r.Failures = append(r.Failures, out)
	}
	for _, f := range p.Left {
		r.Left = append(r.Left, leftFile{f.Path, f.Err.Error()})
	}
	return r
}

func (r pushReport) long() longList { return r.Files }

func pushedFileOf(f *transfer.PushFile) pushedFile {
	out := pushedFile{
		Path: f.Path, FOV: f.FOV, ImageID: f.ImageID, Size: f.Size, SHA256: textOrNull(f.SHA256),
		State: f.State, Replaces: f.Replaces, Unverified: textOrNull(f.Unverified),
	}
	if f.Err != nil {
		out.Error = textOrNull(f.Err.Error())
	}
	return out
}

// planTable shows what would be done: one row a file.
func planTable(t *table, p *transfer.PushPlan) {
	t.head("ACTION", "FOV", "ID", "SIZE", "FILE", "NOTE")
	bytes := func(n int64) any {
		if t.width > 0 {
			return size(n)
		}
		return n
	}
	for i := range p.Files {
		f := &p.Files[i]
		t.row(pushAction(f), f.FOV, f.ImageID, bytes(f.Size), f.Path, pushNote(f))
	}
	for _, f := range p.Mismatches {
		t.row("refuse", f.FOV, "", "", f.Path, f.Err.Error())
	}
}

func pushAction(f *transfer.PushFile) string {
	switch {
	case f.State == transfer.PushSkipped:
		return "skip"
	case f.Replaces:
		return "replace"
	}
	return "push"
}

// pushNote is what somebody should know of a file before it is pushed.
func pushNote(f *transfer.PushFile) string {
	var notes []string
	if f.Replaces && f.ReplacesChannels > 0 && f.Channels != f.ReplacesChannels {
		notes = append(notes, fmt.Sprintf("%d channels instead of %d", f.Channels, f.ReplacesChannels))
	}
	if f.Unverified != "" {
		notes = append(notes, f.Unverified)
	}
	return strings.Join(notes, "; ")
}

// planFailures is how a plan for what was named ends that is not run.
func planFailures(p *transfer.PushPlan, named []string, refused bool) error {
	err := pushFailures(p.Files, p.Mismatches)
	if refused {
		err = &transfer.MismatchError{Run: p.To.Label, Files: p.Mismatches}
	}
	for i := range p.Mismatches {
		if f := &p.Mismatches[i]; slices.Contains(named, f.Path) && absent(f.Err) {
			return &notFoundError{err}
		}
	}
	return err
}

// pushFailures lists all failures; it is partly done where any file is there.
func pushFailures(files []transfer.PushFile, failures []transfer.Failure) error {
	if len(failures) == 0 {
		return nil
	}
	var b strings.Builder
	done, mismatched := 0, len(failures)
	for i := range files {
		if files[i].State == transfer.PushFailed {
			mismatched--
		} else {
			done++
		}
	}
	fmt.Fprintf(&b, "%d of %d files failed:", len(failures), len(files)+mismatched)
	for i := range failures {
		b.WriteString("\n  " + failures[i].Error())
	}
	err := errors.New(b.String())
	if done > 0 {
		return partly(err)
	}
	return err
}
