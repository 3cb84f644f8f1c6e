package transfer

import (
	"path/filepath"
	"slices"
)

// planRow is an FOV of a plan: how far it is.
type planRow struct {
	here     int64
	image    int32 // among the run's
	channels int32 // which are wanted, among the plan's lists
	state    uint8 // one of rowStates
	ranges   bool
	adopts   bool // files of it are whole under entries that are not as they should be
}

var rowStates = [...]PullState{"", PullNew, PullPartial, PullChanged, PullEdited, PullWhole, PullPulled}

// fov unpacks an FOV.
func (p *PullPlan) fov(n int) *PullFOV {
	row := p.rows.at(n)
	image := p.images.image(int(row.image))
	f := &PullFOV{
		FOV: image.fov, ImageID: image.id, Path: p.pull.path(image), Size: image.size, Here: row.here,
		State: rowStates[row.state], Channels: p.lists.of(row.channels), n: n, image: image, ranges: row.ranges,
	}
	if f.ranges {
		f.Size = -1 // how much it is the file's index says
	}
	return f
}

// note notes how far an FOV is.
func (p *PullPlan) note(f *PullFOV) {
	row := p.rows.at(f.n)
	row.here, row.ranges, row.channels = f.Here, f.ranges, p.lists.add(f.Channels)
	row.noteState(f.State)
}

func (row *planRow) noteState(s PullState) { row.state = uint8(slices.Index(rowStates[:], s)) }

// path is an image's file here, or its folder in the layout Channels.
func (p *puller) path(image *pullImage) string {
	if p.options.Layout == MIBItiff {
		return filepath.Join(p.dir, image.file+tiffExtension)
	}
	return filepath.Join(p.dir, filepath.FromSlash(p.channelFolder(image)))
}
