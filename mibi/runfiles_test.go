package mibi_test

import (
	"fmt"
	"testing"

	"github.com/openmibi/openmibi/mibi"
)

func TestParseRawFileName(t *testing.T) {
	t.Parallel()
	for name, want := range map[string][2]int{
		"fov-1-scan-1.bin": {1, 1}, "fov-0012-scan-3.bin": {12, 3}, "fov-1-scan-1.json": {}, "fov--scan-1.bin": {}, "fov-1-scan-.bin": {},
		"fov-1.bin": {}, "xfov-1-scan-1.bin": {}, "fov-+1-scan-1.bin": {}, "fov-99999999999-scan-1.bin": {}, "": {},
	} {
		order, scan, ok := mibi.ParseRawFileName(name)
		if [2]int{order, scan} != want || ok != (want != [2]int{}) {
			t.Errorf("%q: order %d, scan %d, %t; want %v", name, order, scan, ok, want)
		}
	}
}

func TestParseImageFileName(t *testing.T) {
	t.Parallel()
	for file, want := range map[string]struct {
		order int
		name  string
	}{
		"fov-1.tiff": {order: 1}, "fov-012.tif": {order: 12}, "fov-03-R1C2.tiff": {3, "R1C2"}, "fov-3-scan-1.tiff": {3, "scan-1"}, "fov-4--.tiff": {4, "-"}, "fov-4-a.b µ.tiff": {4, "a.b µ"},
		"fov-.tiff": {}, "fov-1-.tiff": {}, "fov-x.tiff": {}, "fov-+1.tiff": {}, "fov-1.TIFF": {}, "xfov-1.tiff": {}, "fov-1": {}, "fov-1.bin": {}, "fov-99999999999.tiff": {}, "": {}, ".tiff": {},
	} {
		order, name, ok := mibi.ParseImageFileName(file)
		if order != want.order || name != want.name || ok != (want.order != 0) {
			t.Errorf("%q: order %d, name %q, %t; want %v", file, order, name, ok, want)
		}
	}
}

func ExampleParseImageFileName() {
	fmt.Println(mibi.ParseImageFileName("fov-03-R1C2.tiff"))
	// Output: 3 R1C2 true
}

func ExampleParseRawFileName() {
	fmt.Println(mibi.ParseRawFileName("fov-03-scan-1.bin"))
	// Output: 3 1 true
}
