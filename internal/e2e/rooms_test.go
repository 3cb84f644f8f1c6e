package e2e

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/openmibi/openmibi"

// What the public packages reach, through however many others and in their
// tests too, is what every program that uses them has to carry: depguard looks
// only at what a file itself imports.
func TestReachOfThePublicPackages(t *testing.T) {
	t.Parallel()
	codec := []string{
		module + "/mibi", module + "/mibitiff", module + "/internal/adler", module + "/internal/deflate", module + "/internal/inflate", module + "/internal/tiff", module + "/internal/pixels",
		"github.com/klauspost/compress", "github.com/google/go-cmp",
	}
	client := append([]string{module + "/mibitracker", "go.uber.org/goleak"}, codec...)
	for name, allowed := range map[string][]string{
		"mibi":        {module + "/mibi", "github.com/google/go-cmp"},
		"mibitiff":    codec,
		"mibitracker": client,
		"transfer":    slices.Concat(client, []string{module + "/transfer", "golang.org/x/sync", "golang.org/x/sys", "github.com/gofrs/flock"}),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			paths := reach(t, "-test", "./"+name)
			if !slices.Contains(paths, module+"/"+name) {
				t.Fatalf("the list lacks the package itself: %q", paths)
			}
			for _, path := range paths {
				if !slices.ContainsFunc(allowed, func(room string) bool { return within(path, room) }) {
					t.Errorf("%s or its tests reach %s", name, path)
				}
			}
		})
	}
}

// The wire types of the server and of the client are written twice on purpose;
// were one side to reach the other, they could be wrong together.
func TestTheServerDoesNotReachTheClient(t *testing.T) {
	t.Parallel()
	paths := reach(t, "./internal/server")
	if !slices.Contains(paths, module+"/internal/store") {
		t.Fatalf("a server that reaches no store: %q", paths)
	}
	for _, path := range paths {
		if within(path, module+"/mibitracker") || within(path, module+"/internal/cli") {
			t.Errorf("the server reaches %s", path)
		}
	}
}

// within reports whether an import path is a package or lies below it.
func within(path, room string) bool { return path == room || strings.HasPrefix(path, room+"/") }

// reach lists the import paths that packages depend on, themselves among them,
// without the standard library.
func reach(t *testing.T, args ...string) []string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", append([]string{"list", "-deps", "-json=ImportPath,Standard"}, args...)...)
	cmd.Dir = "../.."
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v: %v: %s", cmd.Args, err, stderr.String())
	}
	var paths []string
	for decoder := json.NewDecoder(bytes.NewReader(out)); ; {
		var pkg struct {
			ImportPath string
			Standard   bool
		}
		if err := decoder.Decode(&pkg); errors.Is(err, io.EOF) {
			return paths
		} else if err != nil {
			t.Fatal(err)
		}
		// "p [p.test]" is p compiled for its test, "p.test" the test's program,
		// "p_test" the test's own package.
		path, _, _ := strings.Cut(pkg.ImportPath, " ")
		path = strings.TrimSuffix(strings.TrimSuffix(path, ".test"), "_test")
		if !pkg.Standard {
			paths = append(paths, path)
		}
	}
}
