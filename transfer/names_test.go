package transfer

import (
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/openmibi/openmibi/mibi"
	"github.com/openmibi/openmibi/mibitracker"
)

func TestNameImages(t *testing.T) {
	t.Parallel()
	images := packed(
		pullImage{id: 1, number: "Point1", folder: "Point1/RowNumber0/Depth_Profile0"},
		pullImage{id: 2, number: "Point1", folder: "Point1/RowNumber0/Depth_Profile1"},
		pullImage{id: 3, number: "Point2", folder: "Point2/RowNumber0/Depth_Profile0"},
		pullImage{id: 4, number: "manifest.json", folder: "x"},
		pullImage{id: 5, number: "Point2.tiff", folder: "y"},
	)
	for i, want := range []struct{ fov, file string }{
		{"Point1/RowNumber0/Depth_Profile0", "Point1-RowNumber0-Depth_Profile0%ss"},
		{"Point1/RowNumber0/Depth_Profile1", "Point1-RowNumber0-Depth_Profile1%ss"},
		{"Point2", "Point2"},
		{"manifest.json", "manifest%2Ejson"},
		{"Point2.tiff", "Point2%2Etiff"},
	} {
		if got := images[i]; got.fov != want.fov || got.file != want.file {
			t.Errorf("image %d is called %q, in the file %q", got.id, got.fov, got.file)
		}
	}
}

// packed packs images, and names them.
func packed(images ...pullImage) (out []*pullImage) {
	r := &runImages{run: testRun(), lists: newSharedLists()}
	for _, i := range images {
		r.add(&mibitracker.Image{ID: i.id, Number: i.number, Folder: i.folder, Status: mibitracker.Statuses{"A"}})
	}
	nameImages(r)
	for n := range images {
		out = append(out, r.image(n))
	}
	return out
}

// Names are made by hashes, and are those that are made of all names at once.
func TestNamesOfMany(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(7, 7))
	for range 300 {
		var images []pullImage
		for n := range 1 + rng.IntN(12) {
			word := func() string { return []string{"a", "A", "a/b", "A/B", "b", "ſ", "s", "", "a (image 3)"}[rng.IntN(9)] }
			images = append(images, pullImage{id: int64(n + 1), number: word(), folder: word()})
		}
		got := packed(images...)
		want := namedAtOnce(images)
		for n := range images {
			if got[n].fov != want[n].fov || got[n].file != want[n].file {
				t.Errorf("of %+v image %d is %q in %q, want %q in %q", images, n, got[n].fov, got[n].file, want[n].fov, want[n].file)
			}
		}
	}
}

// namedAtOnce is the rule for names, written without hashes.
func namedAtOnce(images []pullImage) []pullImage {
	levels, names := make([]int, len(images)), make([]string, len(images))
	for again := true; again; {
		again = false
		first := map[string]int{}
		for n, i := range images {
			number := i.number
			if number == "" {
				number, _, _ = strings.Cut(i.folder, "/")
			}
			switch {
			case levels[n] == 0 && number != "":
				names[n] = number
			case levels[n] <= 1 && i.folder != "":
				names[n] = i.folder
			default:
				names[n] = strings.TrimSpace(fmt.Sprintf("%s (image %d)", i.folder, i.id))
			}
			other, taken := first[names[n]]
			if !taken {
				first[names[n]] = n
				continue
			}
			for _, m := range []int{n, other} {
				if levels[m] < 2 {
					levels[m]++
					again = true
				}
			}
		}
	}
	out := slices.Clone(images)
	for n, file := range mibi.FileNames(names) {
		out[n].fov, out[n].file = names[n], fitFolder(file)
	}
	return out
}

func FuzzNameImages(f *testing.F) {
	f.Add("a", "a/b", "a", "a/b", "a/b (image 1)", "x")
	f.Add("", "", "..", "../..", "Manifest.json", "a.TIFF")
	f.Fuzz(func(t *testing.T, n1, f1, n2, f2, n3, f3 string) {
		images := packed(pullImage{id: 1, number: n1, folder: f1}, pullImage{id: 2, number: n2, folder: f2}, pullImage{id: 3, number: n3, folder: f3})
		taken := map[string]string{manifestName: "the manifest", stateFolder: "the state"}
		for _, i := range images {
			for what, name := range map[string]string{"file": i.file + tiffExtension, "folder": i.file} {
				key := strings.ToLower(name)
				if other, ok := taken[key]; ok {
					t.Errorf("%q is the %s of image %d, and %s", name, what, i.id, other)
				}
				taken[key] = fmt.Sprintf("the %s of image %d", what, i.id)
				if !filepath.IsLocal(name) || strings.ContainsAny(name, `/\`) || len(name) > 255 {
					t.Errorf("%q is no name", name)
				}
			}
		}
	})
}
