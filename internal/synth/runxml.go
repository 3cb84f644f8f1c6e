package synth

import (
	"bytes"
	"encoding/xml"
	"fmt"
)

// RunXML writes the run XML that fits these FOVs, point after point; they are
// one run's, as Run makes them. Its file's name is to be Filename of their
// metadata.
func RunXML(images []*Image) ([]byte, error) {
	type rowNumber struct {
		XAttrib float64 `xml:"XAttrib,attr"`
		YAttrib float64 `xml:"YAttrib,attr"`
	}
	type depthProfile struct {
		AcquisitionTime   float64 `xml:"AcquisitionTime,attr"`
		MassRange         float64 `xml:"MassRange,attr"`
		XSize             int     `xml:"XSize,attr"`
		YSize             int     `xml:"YSize,attr"`
		MaxNumberOfLevels int     `xml:"MaxNumberOfLevels,attr"`
		MassGain          float64 `xml:"MassGain,attr"`
		MassOffset        float64 `xml:"MassOffset,attr"`
		TimeResolution    float64 `xml:"TimeResolution,attr"`
	}
	type point struct {
		PointName    string `xml:"PointName,attr"`
		RowNumber0   rowNumber
		DepthProfile depthProfile `xml:"Depth_Profile"`
	}
	type root struct {
		RunTime string `xml:"RunTime,attr"`
		Point   []point
	}
	doc := struct {
		XMLName xml.Name `xml:"DocRoot"`
		Root    root
	}{Root: root{RunTime: runTime().Format("2006-01-02T15:04:05")}}
	for i, img := range images {
		want := fmt.Sprintf("Point%d/RowNumber0/Depth_Profile0", i+1)
		if got := img.Metadata.Folder.String(); got != want || len(img.Planes) == 0 {
			return nil, fmt.Errorf("FOV %d of the run has folder %q, want %q", i+1, got, want)
		}
		x, y := position(i + 1)
		doc.Root.Point = append(doc.Root.Point, point{
			PointName:  img.Metadata.FOVName.String(),
			RowNumber0: rowNumber{x, y},
			DepthProfile: depthProfile{
				AcquisitionTime: dwell, MassRange: massRange,
				XSize: img.Planes[0].Width(), YSize: img.Planes[0].Height(), MaxNumberOfLevels: 1,
				MassGain: massGain, MassOffset: massOffset, TimeResolution: timeResolution,
			},
		})
	}
	var out bytes.Buffer
	out.WriteString(xml.Header)
	enc := xml.NewEncoder(&out)
	enc.Indent("", "  ")
	if err := enc.Encode(doc); err != nil {
		return nil, err
	}
	out.WriteByte('\n')
	return out.Bytes(), nil
}
