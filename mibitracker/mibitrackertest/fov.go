package mibitrackertest

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/openmibi/openmibi/mibi"
	"github.com/openmibi/openmibi/mibitiff"
	"github.com/openmibi/openmibi/mibitracker"
)

// FOV is one image of the lab's run, and what was made for it. What is made is
// the same on every computer, for the same number and edge.
type FOV struct {
	// Image is what the server said of it once the lab was filled.
	Image *mibitracker.Image
	// Metadata is that of the MIBItiff.
	Metadata mibi.Metadata
	// Channels and Planes belong together by index, in the order of the file's
	// pages. The samples are ion counts, as uint16.
	Channels []mibi.Channel
	Planes   []mibitiff.Plane
	// TIFF is the MIBItiff, and SHA256 its hash in hexadecimal.
	TIFF   []byte
	SHA256 string
	// SED is the content of the SED image, a PNG, where Image.SED names one.
	SED []byte
	// Extra is the content of the extra channel, a PNG, where
	// Image.ExtraChannels names one.
	Extra []byte
}

// Plane gives the samples of a channel by its label, such as "CD45", and
// whether there is one.
func (f *FOV) Plane(label string) (mibitiff.Plane, bool) {
	for i, c := range f.Channels {
		if c.Label() == label {
			return f.Planes[i], true
		}
	}
	return mibitiff.Plane{}, false
}

// The run: alike in its XML, its MIBItiffs, and in what the server makes of both.
const (
	runName      = "20240613_lab"
	instrument   = "MIBIscope"
	tissueName   = "Tonsil"
	slideName    = "1601"
	panelName    = "Small panel"
	dwell        = 4   // ms
	fovSize      = 400 // µm
	massRange    = 200 // Da
	massGain     = 0.6716
	massOffset   = 0.1095
	timeBin      = 0.5 // ns
	firstX       = -24100
	allY         = 149680
	stepX        = 5000 // from one FOV to the next
	stepsAMicron = 10   // of the motor
)

// runTime has no zone: instruments write none.
func runTime() time.Time { return time.Date(2024, 6, 13, 14, 26, 24, 0, time.UTC) }

// channels are the panel's, in page order. One has a name that has to be
// escaped wherever it goes.
func channels() []mibi.Channel {
	c := []mibi.Channel{
		{Mass: 89, Target: "dsDNA"}, {Mass: 141, Target: "CD45"}, {Mass: 159, Target: "CD3"},
		{Mass: 162, Target: "HLA class 1 A, B, and C"}, {Mass: 176, Target: "Na/K-ATPase"},
	}
	mibi.SortChannels(c)
	return c
}

// newFOV makes the FOV of a number, from 1, in its run.
func newFOV(number, edge int) (*FOV, error) {
	point := fmt.Sprintf("Point%d", number)
	f := &FOV{
		Channels: channels(),
		Metadata: mibi.Metadata{
			Run: mibi.Text(runName), Filename: mibi.Text(runName + ".xml"), Date: runTime(),
			FOVID: mibi.Text(point), FOVName: mibi.Text(pointName(number)), Folder: mibi.Text(folder(number)),
			Coordinates: mibi.Pair(xSteps(number)/stepsAMicron, allY/stepsAMicron), Size: mibi.Float(fovSize),
			Slide: mibi.Text(slideName), Tissue: mibi.Text(tissueName), Panel: mibi.Text(panelName),
			Instrument: mibi.Text(instrument), Aperture: mibi.Text("B"), Dwell: mibi.Float(dwell), Scans: mibi.Int(1),
			MassGain: mibi.Float(massGain), MassOffset: mibi.Float(massOffset), TimeResolution: mibi.Float(timeBin),
			Miscalibrated: mibi.Bool(false), CheckReg: mibi.Bool(false),
			Description: mibi.Text("made by a program, not by an instrument"),
		},
	}
	for _, c := range f.Channels {
		plane, err := mibitiff.NewPlane(edge, edge, counts(number, c.Mass, edge*edge))
		if err != nil {
			return nil, err
		}
		f.Planes = append(f.Planes, plane)
	}
	var out bytes.Buffer
	if err := mibitiff.Write(&out, f.Metadata, f.Channels, f.Planes); err != nil {
		return nil, err
	}
	f.TIFF = out.Bytes()
	sum := sha256.Sum256(f.TIFF)
	f.SHA256 = hex.EncodeToString(sum[:])
	return f, nil
}

// counts makes n pixels of which most saw no ion, as most do. No two channels
// and no two FOVs are alike.
func counts(number, mass, n int) []uint16 {
	source := rand.NewPCG(uint64(number), uint64(mass))
	samples := make([]uint16, n)
	for i := range samples {
		samples[i] = uint16(max(source.Uint64()%16, 11) - 11)
	}
	samples[0]++ // a single pixel is not empty either
	return samples
}

// sedPicture and extraPicture are an SED image and an extra channel, as PNGs.
func sedPicture(edge int) ([]byte, error) {
	return picture(edge, func(x, y int) uint8 { return uint8(x ^ y) })
}

func extraPicture(edge int) ([]byte, error) {
	return picture(edge, func(x, y int) uint8 {
		if x%8 == 0 || y%8 == 0 {
			return 255
		}
		return 0
	})
}

func picture(edge int, at func(x, y int) uint8) ([]byte, error) {
	samples := make([]uint8, 0, edge*edge)
	for y := range edge {
		for x := range edge {
			samples = append(samples, at(x, y))
		}
	}
	plane, err := mibitiff.NewPlane(edge, edge, samples)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	err = plane.EncodePNG(&out)
	return out.Bytes(), err
}
