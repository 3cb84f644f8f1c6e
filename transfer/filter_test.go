package transfer

import (
	"errors"
	"strings"
	"testing"
	"time"
)

func TestFilter(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		include, exclude string // with spaces between globs
		yes, no          string
	}{
		{"", "", "a a/b", ""},
		{"Point1", "", "Point1 Point1/CD3 a/Point1/b", "Point10 xPoint1 point1"},
		{"Point*", "Point1?", "Point1 Point2/x", "Point10 Point12/x FOV1"},
		{"/Point1", "", "Point1 Point1/CD3", "a/Point1"},
		{"Point1/CD*", "", "Point1/CD3 Point1/CD45 a/Point1/CD8", "Point1/dsDNA Point1 Point2/CD3"},
		{"**/CD3", "", "CD3 a/CD3 a/b/CD3", "a/CD31"},
		{"a/**/z", "", "a/z a/b/z a/b/c/z", "a/bz az"},
		{"a/**", "", "a/b a/b/c", "a b/x"},
		{"CD3,CD8", "", "CD3,CD8", "CD3"},
		{"{CD3,CD8,HLA {1,2}}", "", "", "CD4"},
		{"{CD3,CD8,HLA{1,2}}", "", "CD3 CD8 HLA1 x/HLA2", "CD4 HLA3 HLA"},
		{"CD[0-9]", "", "CD3 a/CD9", "CD CDx CD33"},
		{"CD[!0-9]*", "", "CDx CD-3", "CD3 CD/x"},
		{`\*x \[y`, "", "*x [y", "ax y"},
		{"[]x]", "", "] x", "[]"},
		{"dir/", "", "dir/a dir", "dirx"},
		{"β*", "µ?", "β-tubulin", "µm"},
		{"*.tiff", "", "a.tiff b/c.tiff", "atiff a.tif"},
		{"", "**", "", "a a/b"},
		{"a.b+c(d)|e$", "", "a.b+c(d)|e$", "aXb+c(d)|e$"},
	} {
		f, err := NewFilter(strings.Fields(tt.include), strings.Fields(tt.exclude))
		if tt.include == "{CD3,CD8,HLA {1,2}}" { // a space cuts the test's globs
			if err == nil {
				t.Errorf("%q was taken", tt.include)
			}
			continue
		}
		if err != nil {
			t.Errorf("%q %q: %v", tt.include, tt.exclude, err)
			continue
		}
		for _, path := range strings.Fields(tt.yes) {
			if !f.Match(path) {
				t.Errorf("include %q, exclude %q: not %q", tt.include, tt.exclude, path)
			}
		}
		for _, path := range strings.Fields(tt.no) {
			if f.Match(path) {
				t.Errorf("include %q, exclude %q: %q", tt.include, tt.exclude, path)
			}
		}
	}
	var none *Filter
	if !none.Match("a") {
		t.Error("no filter does not match")
	}
}

func TestFilterRefuses(t *testing.T) {
	t.Parallel()
	for _, pattern := range []string{"", "/", "[a", "[", "[]", "{a", "a}", `a\`, "[z-a]", strings.Repeat("a", maxGlob+1), "a\xff"} {
		var bad *PatternError
		if _, err := NewFilter(nil, []string{pattern}); !errors.As(err, &bad) || bad.Pattern != pattern {
			t.Errorf("%.20q: %v", pattern, err)
		}
	}
}

func FuzzFilter(f *testing.F) {
	f.Add("Point*/{CD3,[!a-z]?}", "Point1/CD3")
	f.Add("**/a/**/*", strings.Repeat("a/", 50))
	f.Add(`[]\x]&&~`, "x")
	f.Fuzz(func(t *testing.T, pattern, path string) {
		start := time.Now()
		filter, err := NewFilter([]string{pattern}, nil)
		var bad *PatternError
		switch {
		case errors.As(err, &bad):
			return
		case err != nil:
			t.Fatalf("untyped error %v", err)
		}
		filter.Match(path)
		if len(path) < 1000 && time.Since(start) > 10*time.Second {
			t.Errorf("%q took %v", pattern, time.Since(start))
		}
		// What a glob without anything special in it matches is itself.
		if !strings.ContainsAny(pattern, `*?[]{}\,/`) && !filter.Match(pattern) {
			t.Errorf("%q does not match itself", pattern)
		}
	})
}
