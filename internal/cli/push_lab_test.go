package cli_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strconv"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/openmibi/openmibi/internal/synth"
	"github.com/openmibi/openmibi/internal/tiff"
)

// fovs writes the FOVs of a run to a folder, Point1.tiff to PointN.tiff of five
// channels, and RUN.xml with points for two more FOVs: fovs FOLDER N [RUN]. Where
// the run is named they have other counts than otherwise, and four channels.
func fovs(ts *testscript.TestScript, neg bool, args []string) {
	seed, options := uint64(7), synth.Small()
	switch {
	case neg || len(args) < 2 || len(args) > 3:
		ts.Fatalf("usage: fovs FOLDER N [RUN]")
	case len(args) == 3:
		seed, options.Channels, options.Run = 8, 4, args[2]
	}
	folder := ts.MkAbs(args[0])
	ts.Check(os.MkdirAll(folder, 0o700))
	n, err := strconv.Atoi(args[1])
	ts.Check(err)
	images, err := synth.Run(seed, n+2, options)
	ts.Check(err)
	xml, err := synth.RunXML(images)
	ts.Check(err)
	ts.Check(os.WriteFile(filepath.Join(folder, images[0].Metadata.Filename.String()), xml, 0o600))
	for i, image := range images[:n] {
		content, err := image.TIFF()
		ts.Check(err)
		ts.Check(os.WriteFile(filepath.Join(folder, fmt.Sprintf("Point%d.tiff", i+1)), content, 0o600))
	}
}

// damage turns bits of the first page's samples over: damage FILE. The index
// stays as it was.
func damage(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: damage FILE")
	}
	path := ts.MkAbs(args[0])
	content, err := os.ReadFile(path)
	ts.Check(err)
	file, err := tiff.Open(bytes.NewReader(content), int64(len(content)), tiff.Options{})
	ts.Check(err)
	offsets, _ := file.Pages[0].Tag(tiff.StripOffsets)
	at, ok := offsets.Uint(0)
	if !ok {
		ts.Fatalf("%s has no strip", path)
	}
	for i := range uint64(16) {
		content[at+20+i] ^= 0x55
	}
	ts.Check(os.WriteFile(path, content, 0o600))
}
