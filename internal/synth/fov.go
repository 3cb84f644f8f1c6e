// Package synth makes FOVs that look like tissue: cells with nuclei and
// membranes in tumour and stroma, seen by a realistic panel as sparse ion
// counts. The demo, tests and benchmarks use them where no real data is.
package synth

import (
	"bytes"
	"fmt"
	"io"
	"runtime"
	"strconv"
	"sync"
	"time"

	"github.com/openmibi/openmibi/internal/pixels"
	"github.com/openmibi/openmibi/mibi"
	"github.com/openmibi/openmibi/mibitiff"
)

// Options shapes an FOV. Zero fields mean the defaults named with them.
type Options struct {
	// Size is the edge in pixels: 1024.
	Size int
	// Channels is the number of channels, from the panel's beginning: all 40.
	Channels int
	// Run is the run's name: "20240613_Openmibi_demo".
	Run string
	// Point is the FOV's number in its run: 1.
	Point int
}

// Small gives the options of an FOV for quick tests: 64x64 pixels, 5 channels.
func Small() Options { return Options{Size: 64, Channels: 5} }

// Image is a made FOV, complete for a MIBItiff.
type Image struct {
	Metadata mibi.Metadata
	// Channels and Planes belong together by index, in the panel's order.
	Channels []mibi.Channel
	Planes   []pixels.Plane
}

// The instrument's settings, alike in the image and the run XML.
const (
	defaultRun     = "20240613_Openmibi_demo"
	micronsPerSize = 400.0 / 1024 // µm a pixel
	massGain       = 0.6716
	massOffset     = 0.1095
	timeResolution = 0.5 // ns
	massRange      = 200
	dwell          = 4 // ms
	firstX, firstY = -24100, 149680
	pointStep      = 5000 // motor steps of 0.1 µm between two FOVs
)

// FOV makes one FOV of ion counts. The same seed and options make the same
// counts on one architecture. It fails on options that make no sense.
func FOV(seed uint64, o Options) (*Image, error) {
	if o.Size == 0 {
		o.Size = 1024
	}
	if o.Channels == 0 {
		o.Channels = len(panel)
	}
	if o.Run == "" {
		o.Run = defaultRun
	}
	if o.Point == 0 {
		o.Point = 1
	}
	if o.Size < 8 || o.Size > 16384 || o.Channels < 1 || o.Channels > len(panel) || o.Point < 1 {
		return nil, fmt.Errorf("an FOV of %d pixels, %d channels and point %d cannot be made", o.Size, o.Channels, o.Point)
	}
	tissue := grow(seed, o.Size)
	img := &Image{Metadata: metadata(o)}
	counts := make([][]uint16, o.Channels)
	next := make(chan int)
	var workers sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), o.Channels) {
		workers.Go(func() {
			for i := range next {
				counts[i] = tissue.count(seed, panel[i])
			}
		})
	}
	for i := range counts {
		next <- i
	}
	close(next)
	workers.Wait()
	for i, c := range counts {
		plane, err := pixels.Of(o.Size, o.Size, c)
		if err != nil {
			return nil, err
		}
		img.Channels = append(img.Channels, mibi.Channel{Mass: panel[i].mass, Target: panel[i].target})
		img.Planes = append(img.Planes, plane)
	}
	return img, nil
}

// Run makes n FOVs of one run, points 1 to n.
func Run(seed uint64, n int, o Options) ([]*Image, error) {
	var images []*Image
	for i := range n {
		o.Point = i + 1
		img, err := FOV(seed+uint64(i), o)
		if err != nil {
			return nil, err
		}
		images = append(images, img)
	}
	return images, nil
}

func metadata(o Options) mibi.Metadata {
	number := "Point" + strconv.Itoa(o.Point)
	x, y := position(o.Point)
	return mibi.Metadata{
		Run:            mibi.Text(o.Run),
		Coordinates:    mibi.Pair(x/10, y/10),
		Size:           mibi.Float(micronsPerSize * float64(o.Size)),
		Slide:          mibi.Text("1601"),
		FOVID:          mibi.Text(number),
		FOVName:        mibi.Text(pointName(o.Point)),
		Folder:         mibi.Text(number + "/RowNumber0/Depth_Profile0"),
		Dwell:          mibi.Float(dwell),
		Scans:          mibi.Int(1),
		Aperture:       mibi.Text("B"),
		Instrument:     mibi.Text("MIBIscope1"),
		Tissue:         mibi.Text("Breast [Invasive carcinoma]"),
		Panel:          mibi.Text("Synthetic immuno-oncology"),
		MassOffset:     mibi.Float(massOffset),
		MassGain:       mibi.Float(massGain),
		TimeResolution: mibi.Float(timeResolution),
		Miscalibrated:  mibi.Bool(false),
		CheckReg:       mibi.Bool(false),
		Filename:       mibi.Text(o.Run + ".xml"),
		Description:    mibi.Text("made by a program, not by an instrument"),
		Date:           runTime(),
	}
}

func runTime() time.Time { return time.Date(2024, 6, 13, 14, 26, 24, 0, time.UTC) }

func position(point int) (x, y float64) { return firstX + pointStep*float64(point-1), firstY }

func pointName(point int) string { return fmt.Sprintf("Breast_R%dC%d", (point-1)/4+1, (point-1)%4+1) }

// WriteTIFF writes the FOV as a MIBItiff.
func (i *Image) WriteTIFF(w io.Writer, opts ...mibitiff.WriterOption) error {
	return mibitiff.Write(w, i.Metadata, i.Channels, i.Planes, opts...)
}

// TIFF is the FOV as the bytes of a MIBItiff.
func (i *Image) TIFF(opts ...mibitiff.WriterOption) ([]byte, error) {
	var out bytes.Buffer
	if err := i.WriteTIFF(&out, opts...); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}
