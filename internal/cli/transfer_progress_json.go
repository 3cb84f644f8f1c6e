package cli

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/openmibi/openmibi/transfer"
)

// eventLine is a JSON line about one file.
type eventLine struct {
	Event   transfer.EventKind `json:"event"`
	FOV     string             `json:"fov"`
	ImageID int64              `json:"image_id"`
	Path    string             `json:"path"`
	Moved   int64              `json:"moved"` // in bytes; -1 where it is unknown
	Total   int64              `json:"total"` // in bytes; -1 where it is unknown
	Error   *string            `json:"error"`
}

// totalsLine is a JSON line about all files.
type totalsLine struct {
	Event   string `json:"event"` // "totals"
	FOVs    int    `json:"fovs"`  // 0 where nobody can know
	Done    int    `json:"done"`
	Skipped int    `json:"skipped"`
	Failed  int    `json:"failed"`
	Moved   int64  `json:"moved"` // in bytes
	Total   int64  `json:"total"` // in bytes; -1 where it is unknown
	Rate    int64  `json:"rate"`  // in bytes per second, of late
}

// eventJSON writes an event; of one file's Moved, one a second.
func (p *transferProgress) eventJSON(e transfer.Event) {
	if now := time.Now(); e.Kind != transfer.Moved {
		delete(p.moved, e.Path)
	} else if last, told := p.moved[e.Path]; told && now.Sub(last) < p.every {
		return
	} else {
		p.moved[e.Path] = now
	}
	line := eventLine{Event: e.Kind, FOV: e.FOV, ImageID: e.ImageID, Path: e.Path, Moved: e.Moved, Total: e.Total}
	if e.Err != nil {
		text := e.Err.Error()
		line.Error = &text
	}
	p.writeJSON(line)
}

func (p *transferProgress) totalsJSON() {
	t := &p.tally
	p.writeJSON(totalsLine{
		Event: "totals", FOVs: t.fovs, Done: t.done, Skipped: t.skipped, Failed: t.failed,
		Moved: t.moved, Total: t.bytes, Rate: int64(p.meter.rate()),
	})
}

func (p *transferProgress) writeJSON(line any) {
	text, err := json.Marshal(line)
	if err == nil {
		// What a terminal would obey is escaped as JSON has it.
		_, _ = fmt.Fprintln(aside{p.g}, printable(string(text)))
	}
}
