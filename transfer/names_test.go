package transfer

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
)

func TestNameImages(t *testing.T) {
	t.Parallel()
	images := []*pullImage{
		{id: 1, number: "Point1", folder: "Point1/RowNumber0/Depth_Profile0"},
		{id: 2, number: "Point1", folder: "Point1/RowNumber0/Depth_Profile1"},
		{id: 3, number: "Point2", folder: "Point2/RowNumber0/Depth_Profile0"},
		{id: 4, number: "manifest.json", folder: "x"},
		{id: 5, number: "Point2.tiff", folder: "y"},
	}
	nameImages(images)
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

func FuzzNameImages(f *testing.F) {
	f.Add("a", "a/b", "a", "a/b", "a/b (image 1)", "x")
	f.Add("", "", "..", "../..", "Manifest.json", "a.TIFF")
	f.Fuzz(func(t *testing.T, n1, f1, n2, f2, n3, f3 string) {
		images := []*pullImage{{id: 1, number: n1, folder: f1}, {id: 2, number: n2, folder: f2}, {id: 3, number: n3, folder: f3}}
		nameImages(images)
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
