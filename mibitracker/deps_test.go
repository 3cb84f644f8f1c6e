package mibitracker_test

import (
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"
)

// A user of the client compiles what the client imports: the standard
// library, the codec, and its compression library.
func TestDependencies(t *testing.T) {
	t.Parallel()
	out, err := exec.CommandContext(t.Context(), "go", "list", "-deps", "-test", "-f", "{{if not .Standard}}{{.ImportPath}}{{end}}", ".").CombinedOutput()
	if err != nil {
		t.Skipf("go list cannot run here: %v", err)
	}
	allowed := regexp.MustCompile(`^(github\.com/openmibi/openmibi/(mibi|mibitiff|mibitracker|internal/adler|internal/deflate|internal/inflate|internal/tiff|internal/pixels)|github\.com/klauspost/compress|go\.uber\.org/goleak)(_test|\.test|/.*)?( \[.*\])?$`)
	for line := range strings.Lines(string(out)) {
		if line = strings.TrimSpace(line); line != "" && !allowed.MatchString(line) {
			t.Errorf("the client reaches %s", line)
		}
	}
}

// Each method that sends something names its route.
func TestRoutesAreNamed(t *testing.T) {
	t.Parallel()
	route := regexp.MustCompile(`(?m)^//mibi:route (GET|POST|PUT|PATCH|DELETE|OPTIONS) (/\S*)$`)
	method := regexp.MustCompile(`(?m)^//mibi:route.*\n(?://.*\n)*func \(s \*\w+Service\) \w+|^func \(s \*(\w+Service)\) ([A-Z]\w+)`)
	entries, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	routes := 0
	for _, e := range entries {
		if !strings.HasSuffix(e.Name(), ".go") || strings.HasSuffix(e.Name(), "_test.go") {
			continue
		}
		src, err := os.ReadFile(e.Name())
		if err != nil {
			t.Fatal(err)
		}
		routes += len(route.FindAll(src, -1))
		for _, m := range method.FindAllSubmatch(src, -1) {
			if len(m[2]) > 0 {
				t.Errorf("%s: %s.%s does not name its route", e.Name(), m[1], m[2])
			}
		}
		for _, m := range route.FindAllSubmatch(src, -1) {
			if !strings.HasSuffix(string(m[2]), "/") {
				t.Errorf("%s: route %s does not end in a slash", e.Name(), m[2])
			}
		}
	}
	if routes < 20 {
		t.Errorf("only %d routes are named", routes)
	}
}
