package mibi

import (
	"strconv"
	"strings"
)

// RunJSON is what the run JSON of a newer instrument says of a run ("Run JSON"
// in the format notes). The run's name is not in it: by convention it is the
// file's name without extension.
type RunJSON struct {
	// FOVs are all the run's FOVs in the file's order, those of regions with
	// what their region says in common. RunOrder has the order of acquisition.
	FOVs []RunJSONFOV
	// Regions are the tiled regions of the run; none where it has single FOVs.
	Regions []RunRegion
}

// RunRegion is a region that is covered with FOVs: an entry of rois.
type RunRegion struct {
	// Name is the operator's name for the region.
	Name string
	// XMargin and YMargin are in µm.
	XMargin, YMargin float64
	// First and Count say which of the run's FOVs are the region's:
	// FOVs[First : First+Count].
	First, Count int
}

// RunJSONFOV is one FOV of a run JSON. What the file does not say is zero,
// empty or nil.
type RunJSONFOV struct {
	// Name is the operator's name for the FOV.
	Name string
	// RunOrder numbers the FOVs from 1. It is in the names of the FOV's files
	// and in its id; 0 where absent.
	RunOrder int
	// Scans is scanCount, or the length of the list scans; 1 where absent.
	Scans int
	// Center is the stage position of the middle in µm.
	Center *RunPosition
	// Size is the length of a side in µm.
	Size float64
	// FrameWidth and FrameHeight are in pixels.
	FrameWidth, FrameHeight int
	// Grid is the place in a tiled region, in FOVs.
	Grid *RunPosition
	// Timing is the timingDescription, such as "0.5 ms", see Dwell.
	Timing string
	// Preset, Aperture and PresetName are the imagingPreset's preset, aperture
	// and displayName, as the instrument names them.
	Preset, Aperture, PresetName string
	// SectionID and SlideID are MIBItracker's ids.
	SectionID, SlideID *int64
	// StandardTarget is what the instrument was standardized on.
	StandardTarget string
	// Notes are the operator's.
	Notes string
}

// RunPosition is a place: X and Y in the units of its field.
type RunPosition struct {
	// X is the first coordinate.
	X float64 `json:"x"`
	// Y is the second.
	Y float64 `json:"y"`
}

// ID returns the FOV's id, "FOV3" for run order 3, or "" without a run order.
func (f *RunJSONFOV) ID() string {
	if f.RunOrder == 0 {
		return ""
	}
	return "FOV" + strconv.Itoa(f.RunOrder)
}

// Dwell returns the dwell time in ms that Timing names, and whether it is one.
func (f *RunJSONFOV) Dwell() (float64, bool) {
	number, ok := strings.CutSuffix(strings.TrimSpace(f.Timing), "ms")
	ms, isNumber := decimal(number)
	if !ok || !isNumber || ms <= 0 {
		return 0, false
	}
	return ms, true
}
