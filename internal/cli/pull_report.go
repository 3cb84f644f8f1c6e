package cli

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/openmibi/openmibi/mibitracker"
	"github.com/openmibi/openmibi/transfer"
)

// pullReport is what `mibi pull --json` prints.
type pullReport struct {
	Run    string          `json:"run"`
	Dir    string          `json:"dir"`
	Layout transfer.Layout `json:"layout"`
	// Verified is the weakest of the files' verifications; null without files.
	Verified *string       `json:"verified"`
	Files    longList      `json:"files"`
	Failures []pullFailure `json:"failures"`
}

// pulledFile is a file that is here, whole.
type pulledFile struct {
	FOV      string                `json:"fov"`
	ImageID  int64                 `json:"image_id"`
	Channel  string                `json:"channel,omitempty"`
	Path     string                `json:"path"`
	Size     int64                 `json:"size"` // in bytes
	SHA256   string                `json:"sha256"`
	State    transfer.PullState    `json:"state"`              // pulled, or whole where it was here before
	Replaced transfer.PullState    `json:"replaced,omitempty"` // changed or edited, of the file before
	Verified transfer.Verification `json:"verified"`
}

// pullFailure is an FOV, or a channel of one, that is not here.
type pullFailure struct {
	FOV     string `json:"fov"`
	ImageID int64  `json:"image_id"`
	Error   string `json:"error"`
}

func pullReportOf(r *transfer.PullResult) pullReport {
	out := pullReport{Run: r.Run, Dir: r.Dir, Layout: r.Layout, Verified: textOrNull(string(r.Verified)), Failures: pullFailuresOf(r.Failures)}
	out.Files = newLongList(func(yield func(pulledFile, error) bool) {
		for f, err := range r.Files() {
			if !yield(pulledFile(f), err) {
				return
			}
		}
	})
	return out
}

func (r pullReport) long() longList { return r.Files }

func pullFailuresOf(failures []transfer.Failure) []pullFailure {
	out := []pullFailure{}
	for i := range failures {
		out = append(out, pullFailure{failures[i].FOV, failures[i].ImageID, failures[i].Err.Error()})
	}
	return out
}

// pullPlan is what `mibi pull --dry-run --json` prints.
type pullPlan struct {
	Run      string          `json:"run"`
	Server   string          `json:"server"`
	Dir      string          `json:"dir"`
	Layout   transfer.Layout `json:"layout"`
	Bytes    *int64          `json:"bytes"` // to move; null where the server does not say
	Here     int64           `json:"here"`  // bytes that are here
	Files    longList        `json:"files"`
	Failures []pullFailure   `json:"failures"`
}

// plannedFOV is an FOV's file, or its folder of channels.
type plannedFOV struct {
	FOV      string             `json:"fov"`
	ImageID  int64              `json:"image_id"`
	Channels []string           `json:"channels,omitempty"`
	Path     string             `json:"path"`
	Size     *int64             `json:"size"` // of its TIFF in bytes; null where it is not known before
	Here     int64              `json:"here"`
	State    transfer.PullState `json:"state"`
}

func pullPlanned(p *transfer.PullPlan, c *mibitracker.Client) pullPlan {
	move, here, unknown := p.Bytes()
	out := pullPlan{
		Run: p.From.Label, Server: c.BaseURL(), Dir: p.Dir, Layout: p.Layout, Bytes: &move, Here: here,
		Failures: pullFailuresOf(p.Failures),
	}
	if unknown {
		out.Bytes = nil
	}
	out.Files = newLongList(func(yield func(plannedFOV, error) bool) {
		for f := range p.FOVs() {
			line := plannedFOV{FOV: f.FOV, ImageID: f.ImageID, Channels: f.Channels, Path: f.Path, Here: f.Here, State: f.State}
			if f.Size >= 0 {
				line.Size = &f.Size
			}
			if !yield(line, nil) {
				return
			}
		}
	})
	return out
}

func (p pullPlan) long() longList { return p.Files }

// pullTable shows what would be pulled: one row an FOV.
func pullTable(t *table, p *transfer.PullPlan) {
	t.whole = true // what a path ends with is what tells it from others
	heads := []string{"FOV", "ID", "STATE", "SIZE", "PATH"}
	if p.Layout == transfer.Channels {
		heads = slices.Insert(heads, 4, "CHANNELS")
	}
	t.head(heads...)
	for f := range p.FOVs() {
		var bytes any
		switch {
		case f.Size >= 0 && t.width > 0:
			bytes = size(f.Size)
		case f.Size >= 0:
			bytes = f.Size
		}
		cells := []any{f.FOV, f.ImageID, string(f.State), bytes}
		if p.Layout == transfer.Channels {
			var channels any
			if n := len(f.Channels); n > 0 {
				channels = n
			}
			cells = append(cells, channels)
		}
		t.row(append(cells, f.Path)...)
	}
}

// pullFailures lists what is not here. It is partly done where anything is, or
// where no more was to be had.
func pullFailures(failures []transfer.Failure, part bool) error {
	if len(failures) == 0 {
		return nil
	}
	var b strings.Builder
	b.WriteString(counted(len(failures), "failure") + ":")
	for i := range failures {
		b.WriteString("\n  " + failures[i].FOV + ": " + failures[i].Err.Error())
	}
	err := errors.New(b.String())
	if part {
		return partly(err)
	}
	return err
}

// sayPlan tells a person what will be pulled from where to where.
func (o *pull) sayPlan(p *transfer.PullPlan, c *mibitracker.Client) {
	move, _, unknown := p.Bytes()
	count := map[transfer.PullState]int{}
	for f := range p.FOVs() {
		count[f.State]++
	}
	var here []string
	for _, s := range []struct {
		state transfer.PullState
		words string
	}{
		{transfer.PullWhole, "here"}, {transfer.PullPartial, "half here"},
		{transfer.PullChanged, "changed on the server"}, {transfer.PullEdited, "changed here, to be replaced"},
	} {
		if n := count[s.state]; n > 0 {
			here = append(here, fmt.Sprintf("%d %s", n, s.words))
		}
	}
	amount := size(move) + " to move"
	if unknown {
		amount = "as much as their channels take"
		if p.Layout == transfer.MIBItiff {
			amount = "of sizes that the server does not say"
		}
		if move > 0 {
			amount = "more than " + size(move) + " to move"
		}
	}
	states := ""
	if len(here) > 0 {
		states = " (" + strings.Join(here, ", ") + ")"
	}
	o.g.note("Run %s of %s: %s%s, %s, into %s", p.From.Label, c.BaseURL(), counted(p.Len(), "FOV"), states, amount, p.Dir)
}

// saySummary tells a person what was done.
func (o *pull) saySummary(r *transfer.PullResult) {
	text := fmt.Sprintf("Pulled %s (%s)", counted(r.FOVs, "FOV"), size(r.Bytes))
	if r.Here > 0 {
		were := "were"
		if r.Here == 1 {
			were = "was"
		}
		text += fmt.Sprintf(", %d %s here", r.Here, were)
	}
	if n := len(r.Failures); n > 0 {
		text += fmt.Sprintf(", %d failed", n)
	}
	if r.Untried > 0 {
		text += fmt.Sprintf(", %d not tried", r.Untried)
	}
	if r.Edited > 0 {
		text += fmt.Sprintf("; %s that had been changed here replaced", counted(r.Edited, "file"))
	}
	if r.Verified != "" {
		text += "; verified by " + string(r.Verified)
	}
	o.g.note("%s.", text)
}
