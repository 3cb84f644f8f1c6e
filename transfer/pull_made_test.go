package transfer

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/openmibi/openmibi/mibi"
	"github.com/openmibi/openmibi/mibitiff"
)

func shaOf(content []byte) string {
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:])
}

// point is an available image of a number.
func point(t *testing.T, id int64, targets ...string) *fakeImage {
	t.Helper()
	number := fmt.Sprintf("Point%d", id)
	folder := number + "/RowNumber0/Depth_Profile0"
	return &fakeImage{id: id, number: number, folder: folder, status: "A", tiff: makeTIFF(t, folder, uint16(id), targets...)}
}

// makeTIFF makes a MIBItiff of 64×64 pixels whose counts depend on a seed.
func makeTIFF(t *testing.T, folder string, seed uint16, targets ...string) []byte {
	t.Helper()
	return sizedTIFF(t, 64, folder, seed, targets...)
}

// sizedTIFF makes a MIBItiff of size×size pixels.
func sizedTIFF(t *testing.T, size int, folder string, seed uint16, targets ...string) []byte {
	t.Helper()
	if len(targets) == 0 {
		targets = []string{"CD3", "CD45", "HLA-A/B"}
	}
	fov, _, _ := strings.Cut(folder, "/")
	meta := mibi.Metadata{
		Run: mibi.Text("run"), Coordinates: mibi.Pair(1, 2), Size: mibi.Float(25), Slide: mibi.Text("1"), FOVID: mibi.Text(fov),
		FOVName: mibi.Text("R1C1"), Folder: mibi.Text(folder), Dwell: mibi.Float(4), Scans: mibi.Int(1), Aperture: mibi.Text("B"),
		Instrument: mibi.Text("M"), Tissue: mibi.Text("T"), Panel: mibi.Text("P"), MassOffset: mibi.Float(0.1), MassGain: mibi.Float(0.6),
		TimeResolution: mibi.Float(0.5), Miscalibrated: mibi.Bool(false), CheckReg: mibi.Bool(false), Filename: mibi.Text("run.xml"),
		Description: mibi.Text("made"), Version: mibi.Text("1"), Date: time.Date(2024, 6, 13, 14, 26, 24, 0, time.UTC),
	}
	var channels []mibi.Channel
	var planes []mibitiff.Plane
	for n, target := range targets {
		rng := rand.New(rand.NewPCG(uint64(seed), uint64(n)))
		samples := make([]uint16, size*size)
		for i := range samples {
			samples[i] = uint16(rng.UintN(9))
		}
		plane, err := mibitiff.NewPlane(size, size, samples)
		if err != nil {
			t.Fatal(err)
		}
		channels, planes = append(channels, mibi.Channel{Mass: 100 + n, Target: target}), append(planes, plane)
	}
	var out bytes.Buffer
	if err := mibitiff.Write(&out, meta, channels, planes); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func channelsOf(t *testing.T, content []byte) []string {
	t.Helper()
	file, err := mibitiff.Open(bytes.NewReader(content), int64(len(content)))
	if err != nil {
		return nil // one that is broken on purpose
	}
	var names []string
	for _, c := range file.Channels() {
		names = append(names, c.Label())
	}
	return names
}

// grayPNG is an uploaded channel.
func grayPNG(t *testing.T) []byte {
	t.Helper()
	picture := image.NewGray(image.Rect(0, 0, 64, 64))
	picture.SetGray(3, 5, color.Gray{Y: 7})
	var out bytes.Buffer
	if err := png.Encode(&out, picture); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// tree gives the files below a folder with what is in them, but for the state's
// folder and the times in manifests.
func tree(t *testing.T, dir string) map[string]string {
	t.Helper()
	files := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.Name() == stateFolder {
			return fs.SkipDir
		}
		if !entry.IsDir() {
			content, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			rel, _ := filepath.Rel(dir, path)
			if entry.Name() != manifestName {
				files[filepath.ToSlash(rel)] = shaOf(content)
			} else {
				files[filepath.ToSlash(rel)] = "a manifest"
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}
