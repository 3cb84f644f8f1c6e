package mibitracker_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/openmibi/openmibi/mibitracker"
)

var updateGolden = flag.Bool("update", false, "write the golden files anew, of what the Python client sends")

func goldenCalls(t *testing.T) []goldenCall {
	t.Helper()
	return slices.Concat(goldenSession(), goldenRoutes(), goldenRefusals(), goldenFiles(), goldenRuns(),
		goldenImageCopies(), goldenImages(t), goldenUploads(), goldenChannels(), goldenImageSets())
}

func goldenFile(name string) string { return filepath.Join("testdata", "golden", name+".json") }

// goldenSources writes the files that calls send.
func goldenSources(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for name, content := range goldenFolder {
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// The golden files say what the Python client, as its makers ship it, sends
// and makes of the answers. MIBILIB_DIR names a checkout of it; with -update
// they are written anew.
func TestGoldenIsWhatPythonSends(t *testing.T) {
	lib := os.Getenv("MIBILIB_DIR")
	if lib == "" {
		t.Skip("MIBILIB_DIR is not set: it names a checkout of the Python client (ionpath/mibilib)")
	}
	const python = "/usr/bin/python3"
	cmd := exec.CommandContext(t.Context(), python, "-c", "import mibitracker.request_helpers")
	cmd.Env, cmd.Dir = append(os.Environ(), "PYTHONPATH="+lib), t.TempDir()
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Skipf("%s cannot import the Python client: %v\n%s", python, err, out)
	}
	goldenAsk := startGoldenDriver(t, python, lib)
	dir := goldenSources(t)
	for _, call := range goldenCalls(t) {
		s := newStage(t, call.answers)
		made := wireCall{Outcome: goldenAsk(map[string]string{"call": call.name, "url": s.api.URL, "dir": dir}), Requests: s.requests()}
		raw := indentedJSON(t, made)
		if *updateGolden {
			if err := os.WriteFile(goldenFile(call.name), raw, 0o600); err != nil {
				t.Fatal(err)
			}
			continue
		}
		golden, err := os.ReadFile(goldenFile(call.name))
		if err != nil {
			t.Errorf("%v: run with -update", err)
			continue
		}
		if line, was, is := firstDifference(golden, raw); line > 0 {
			t.Errorf("%s: the Python client did otherwise than on record, in line %d: %s, now %s", call.name, line, was, is)
		}
	}
}

// firstDifference gives the number of the first line that differs, 0 if none
// does, and the line in each text.
func firstDifference(a, b []byte) (line int, inA, inB string) {
	x, y := strings.Split(string(a), "\n"), strings.Split(string(b), "\n")
	for i := range max(len(x), len(y)) {
		inA, inB = "", ""
		if i < len(x) {
			inA = strings.TrimSpace(x[i])
		}
		if i < len(y) {
			inB = strings.TrimSpace(y[i])
		}
		if i >= len(x) || i >= len(y) || x[i] != y[i] {
			return i + 1, inA, inB
		}
	}
	return 0, "", ""
}

// startGoldenDriver starts the driver, which makes one call after another.
func startGoldenDriver(t *testing.T, python, lib string) func(order map[string]string) wireOutcome {
	t.Helper()
	script, err := filepath.Abs(filepath.Join("testdata", "golden", "drive.py"))
	if err != nil {
		t.Fatal(err)
	}
	// Neither a proxy nor a .netrc of whoever runs this may take part.
	home := t.TempDir()
	// It ends with its input, after the test's context.
	cmd := exec.CommandContext(context.WithoutCancel(t.Context()), python, script)
	cmd.Env, cmd.Dir = append(os.Environ(), "PYTHONPATH="+lib, "HOME="+home, "NO_PROXY=*", "PYTHONDONTWRITEBYTECODE=1"), home
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = in.Close()
		if err := cmd.Wait(); err != nil {
			t.Error(err)
		}
	})
	answers := bufio.NewReader(out)
	return func(order map[string]string) wireOutcome {
		if err := json.NewEncoder(in).Encode(order); err != nil {
			t.Fatal(err)
		}
		line, err := answers.ReadBytes('\n')
		if err != nil && err != io.EOF {
			t.Fatal(err)
		}
		var outcome wireOutcome
		if err := json.Unmarshal(line, &outcome); err != nil {
			t.Fatalf("%s: the driver said %q: %v", order["call"], line, err)
		}
		return outcome
	}
}

func indentedJSON(t *testing.T, v any) []byte {
	t.Helper()
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(v); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// For the same call and the same answers our client sends what the Python
// client sends, but for meantDifferences.
func TestSameRequests(t *testing.T) {
	t.Parallel()
	calls := goldenCalls(t)
	dir := goldenSources(t)
	used := make([][]string, len(meantDifferences)) // the calls in which each was met
	for _, call := range calls {
		golden, err := os.ReadFile(goldenFile(call.name))
		if err != nil {
			t.Error(err)
			continue
		}
		var there wireCall
		if err := json.Unmarshal(golden, &there); err != nil {
			t.Fatalf("%s: %v", call.name, err)
		}
		for _, d := range wireDifferences(there, performGolden(t, call, dir)) {
			if i := slices.IndexFunc(meantDifferences, func(a wireDifference) bool { return a.covers(call.name, d) }); i >= 0 {
				used[i] = append(used[i], call.name)
				continue
			}
			t.Errorf("%s: %s", call.name, d)
		}
	}
	for i, a := range meantDifferences {
		if len(used[i]) == 0 {
			t.Errorf("the difference %q is not met any more", a.what)
		}
		for _, name := range a.calls {
			if !slices.Contains(used[i], name) {
				t.Errorf("the difference %q is not met any more in %s", a.what, name)
			}
		}
	}
}

// performGolden makes a call with our client and records it.
func performGolden(t *testing.T, call goldenCall, dir string) wireCall {
	t.Helper()
	s := newStage(t, call.answers)
	options := call.options
	if options == nil {
		options = []mibitracker.Option{mibitracker.WithPassword("a@example.org", "a-password"), mibitracker.WithRetries(3, 0, 0)}
	}
	var returned any
	client, err := mibitracker.New(s.api.URL+call.base, options...)
	if err == nil {
		returned, err = call.ours(t.Context(), client, dir)
	}
	made := wireCall{Requests: s.requests(), Outcome: wireOutcome{Raised: raisedHere(err)}}
	if err == nil {
		made.Outcome.Returned = returned
	} else {
		t.Logf("%s: %v", call.name, err)
	}
	return made
}
