package mibitrackertest

import (
	"bytes"
	"fmt"
)

func folder(number int) string { return fmt.Sprintf("Point%d/RowNumber0/Depth_Profile0", number) }

// pointName is the operator's name of an FOV.
func pointName(number int) string { return fmt.Sprintf("Tonsil_R1C%d", number) }

// xSteps is where an FOV lies along the slide, in the motor's steps.
func xSteps(number int) float64 { return firstX + stepX*float64(number-1) }

// runXML writes the instrument's file of a run of n FOVs.
func runXML(n, edge int) []byte {
	var out bytes.Buffer
	write := func(format string, args ...any) { _, _ = fmt.Fprintf(&out, format, args...) } // memory takes all
	write("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<DocRoot>\n  <Root RunTime=%q>\n", runTime().Format("2006-01-02T15:04:05"))
	for number := 1; number <= n; number++ {
		write("    <Point PointName=%q>\n", pointName(number))
		write("      <RowNumber0 XAttrib=\"%v\" YAttrib=\"%v\"/>\n", xSteps(number), allY)
		write("      <Depth_Profile AcquisitionTime=\"%v\" MassRange=\"%v\" XSize=\"%d\" YSize=\"%d\" MaxNumberOfLevels=\"1\"",
			dwell, massRange, edge, edge)
		write(" MassGain=\"%v\" MassOffset=\"%v\" TimeResolution=\"%v\"/>\n    </Point>\n", massGain, massOffset, timeBin)
	}
	write("  </Root>\n</DocRoot>\n")
	return out.Bytes()
}
