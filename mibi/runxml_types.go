package mibi

import "time"

// RunXML is what a run XML says of a run: its date and its FOVs. The run's
// name is not in it: by convention it is the file's name without extension.
type RunXML struct {
	// RunTime is the start of the run, without a time zone in most files
	// (then UTC here). The zero time means unknown: RunTime was missing, or
	// 0001-01-01T00:00:00 as after a crash.
	RunTime time.Time
	// FOVs are in the file's order, which is the order of acquisition.
	FOVs []RunFOV
}

// RunFOV is one FOV of a run XML: a Depth_Profile or Chemical_Image element.
type RunFOV struct {
	// Number is the FOV's point, "Point1", "Point2", ..., the first part of
	// Folder.
	Number string
	// Folder is "Point<j>/RowNumber<k>/Depth_Profile<n>".
	Folder string
	// PointName is the operator's name for the point; nil where absent.
	PointName *string
	// XAttrib and YAttrib are the stage position in motor steps of 0.1 µm.
	XAttrib, YAttrib float64
	// Dwell is the AcquisitionTime in ms; 0 where absent.
	Dwell float64
	// Depths is MaxNumberOfLevels, the number of scans; 1 where absent.
	Depths int
	// Frame and FrameHeight are XSize and YSize in pixels: the FOV's own,
	// else those of the first FOV that has them, else 0.
	Frame, FrameHeight int
	// TimeBin (TimeResolution), MassGain, MassOffset and MassRange are of
	// the run, as its first FOV that states them says: after a crash the
	// later ones lack them. nil where no FOV states them.
	TimeBin, MassGain, MassOffset, MassRange *float64
}
