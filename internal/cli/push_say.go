package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/openmibi/openmibi/transfer"
)

// maxLeft is how many files are named that are left where they are.
const maxLeft = 5

// sayLeft names what is not looked at: somebody may have meant it.
func (o *push) sayLeft(p *transfer.PushPlan) {
	for i, f := range p.Left {
		if i == maxLeft {
			o.g.note("%d more files are left where they are; --json lists all.", len(p.Left)-maxLeft)
			return
		}
		o.g.note("Left where it is: %s: %v", f.Path, f.Err)
	}
}

// sayPlan tells the plan in one line, and what is to be known of it.
func (o *push) sayPlan(p *transfer.PushPlan) {
	files, bytes, replaces, skipped := p.Totals()
	var parts []string
	if files > 0 {
		text := fmt.Sprintf("%s to push (%s)", counted(files, "file"), size(bytes))
		if replaces > 0 {
			text += fmt.Sprintf(", of which %d replace what the server has", replaces)
		}
		parts = append(parts, text)
	}
	if skipped > 0 {
		parts = append(parts, fmt.Sprintf("%s there already", counted(skipped, "file")))
	}
	if n := len(p.Mismatches); n > 0 {
		parts = append(parts, fmt.Sprintf("%s not fitting", counted(n, "file")))
	}
	o.g.note("Run %s: %s.", p.To.Label, strings.Join(parts, "; "))
	unsure := 0
	for i := range p.Files {
		f := &p.Files[i]
		if f.State == transfer.PushSkipped && f.Unverified != "" {
			unsure++
		}
		if !o.dryRun && f.Replaces && f.Channels < f.ReplacesChannels {
			o.g.warn(fmt.Sprintf("%s has %s, the server's file of %s has %d", f.Path, counted(f.Channels, "channel"), f.FOV, f.ReplacesChannels))
		}
	}
	if unsure > 0 {
		o.g.note("%s skipped because their images are available: the server gives no hashes to compare. --force pushes them again.", counted(unsure, "file"))
	}
}

// saySummary tells what was done, and what to do next.
func (o *push) saySummary(r *transfer.PushResult, ended error) {
	count := map[transfer.PushState]int{}
	bytes := int64(0)
	for i := range r.Files {
		f := &r.Files[i]
		count[f.State]++
		switch f.State {
		case transfer.PushPushed, transfer.PushProcessing, transfer.PushAvailable:
			bytes += f.Size
		}
	}
	taken := count[transfer.PushPushed] + count[transfer.PushProcessing] + count[transfer.PushAvailable]
	text := fmt.Sprintf("Pushed %s (%s)", counted(taken, "file"), size(bytes))
	if n := count[transfer.PushAvailable]; n > 0 && n == taken {
		text += ", available now"
	} else if n > 0 {
		text += fmt.Sprintf(", %d available now", n)
	}
	for _, part := range []struct {
		n    int
		what string
	}{
		{count[transfer.PushSkipped], "there already"}, {len(r.Failures), "failed"},
		{count[transfer.PushProcessing], "still processed by the server"}, {count[transfer.PushPlanned], "not pushed"},
	} {
		if part.n > 0 {
			text += fmt.Sprintf(", %d %s", part.n, part.what)
		}
	}
	o.g.note("%s.", text)
	if n := count[transfer.PushPushed] + count[transfer.PushProcessing]; n > 0 {
		o.g.note("The server processes what it took; mibi image list --run %s --status error lists what it could not.", shellWord(r.Run))
	}
	if errors.Is(ended, context.Canceled) && count[transfer.PushPlanned] > 0 { // else the error says it
		o.g.note("The same push goes on where this one ended.")
	}
}
