package e2e

import (
	"encoding/json"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

var (
	pullKills = flag.Int("pull-kills", 20, "how many times a pull is killed")
	pullSeed  = flag.Uint64("pull-seed", 0, "the seed of the moments; 0 picks one")
	pullSize  = flag.Int("pull-size", 3<<20, "about how many bytes each FOV of the killed pull has")
	pullRate  = flag.Float64("pull-rate", 12e6, "how fast files come in the killed pull, in bytes a second; 0 is any")
)

// killedPull is a run that is pulled and killed, and what it has to become.
type killedPull struct {
	mibi         string
	kind         killedKind
	proxy        *counter
	env          []string
	want         map[string][]byte
	manifest     map[string]any
	files, other int64 // bytes that an uninterrupted pull moves
	rng          *rand.Rand
}

// TestKilledPull kills a pull, as kill -9 does, at random moments, and begins it
// again each time. Nothing half ever stands under a final name; in the end all
// files are those of a pull that nobody killed; and hardly anything of them has
// been moved twice.
func TestKilledPull(t *testing.T) {
	const fovs = 20
	s, mibi := killSite(t, fovs, *pullSize)
	seed := *pullSeed
	if seed == 0 {
		seed = rand.Uint64()
	}
	t.Logf("-pull-seed=%d -pull-kills=%d -pull-size=%d -pull-rate=%g", seed, *pullKills, *pullSize, *pullRate)
	for name, kind := range killedKinds() {
		t.Run(name, func(t *testing.T) {
			k := newKilledPull(t, s, mibi, *pullRate, kind)
			k.rng = rand.New(rand.NewPCG(seed, 1))
			k.reference(t, fovs)
			k.kill(t)
		})
	}
}

// killedKind is a way to pull, and how many files it makes of each FOV.
type killedKind struct {
	args  []string
	files int
}

func killedKinds() map[string]killedKind {
	chosen := killedKind{files: 36}
	for n := range chosen.files {
		chosen.args = append(chosen.args, "--channel", fmt.Sprintf("T%02d", n+n/9)) // nine of ten
	}
	return map[string]killedKind{
		"mibitiff": {[]string{"--layout", "mibitiff"}, 1},
		"channels": {[]string{"--layout", "channels"}, 40},
		"chosen":   chosen,
	}
}

// killSite is a server with the run that is pulled, and the program.
func killSite(t *testing.T, fovs, size int) (s *site, mibi string) {
	t.Helper()
	if raceDetector {
		t.Skip("the program that is killed is built without the race detector")
	}
	if testing.Short() {
		t.Skip("it kills a pull 20 times, and -short was asked for")
	}
	s = newSite(t)
	s.noisyRun(t, "killed", fovs, size)
	return s, builtMibi(t)
}

func newKilledPull(t *testing.T, s *site, mibi string, rate float64, kind killedKind) *killedPull {
	t.Helper()
	proxy := newCounter(t, s.url, rate)
	c := s.client(t, alice)
	if err := c.Login(t.Context()); err != nil {
		t.Fatal(err)
	}
	return &killedPull{mibi: mibi, kind: kind, proxy: proxy, env: homeWith(t, proxy.url, c.Token())}
}

// start starts a pull into a folder, by the program that before is, if any.
func (k *killedPull) start(t *testing.T, dir string, before ...string) *exec.Cmd {
	t.Helper()
	args := slices.Concat(before, []string{k.mibi, "pull", "killed", "--out", dir, "--quiet"}, k.kind.args)
	cmd := exec.CommandContext(t.Context(), args[0], args[1:]...)
	cmd.Env, cmd.Stderr = k.env, t.Output()
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return cmd
}

// reference pulls once without a kill.
func (k *killedPull) reference(t *testing.T, fovs int) {
	t.Helper()
	dir := t.TempDir()
	if err := k.start(t, dir).Wait(); err != nil {
		t.Fatal(err)
	}
	k.want, k.manifest = pulled(t, filepath.Join(dir, "killed")), manifestOf(t, filepath.Join(dir, "killed"))
	k.files, k.other = k.proxy.files.Swap(0), k.proxy.other.Swap(0)
	if want := fovs * k.kind.files; len(k.want) != want {
		t.Fatalf("%d files, want %d", len(k.want), want)
	}
}

// manifestOf reads a manifest, but for what tells of times.
func manifestOf(t *testing.T, dir string) map[string]any {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dir, "manifest.json"))
	if err != nil {
		t.Fatal(err)
	}
	var m map[string]any
	if err := json.Unmarshal(text, &m); err != nil {
		t.Fatal(err)
	}
	files, _ := m["files"].([]any)
	for _, one := range files {
		if file, ok := one.(map[string]any); ok {
			delete(file, "mtime")
		}
	}
	if len(files) == 0 {
		t.Error("the manifest names no files")
	}
	return m
}

// kill pulls with kills.
func (k *killedPull) kill(t *testing.T) {
	t.Helper()
	dir := t.TempDir()
	killed := 0
	for killed < *pullKills {
		cmd := k.start(t, dir)
		// At a moment that leaves something for the kills to come: some of them
		// fall while nothing comes.
		left := k.files - k.proxy.files.Load()
		share := max(2*left/int64(*pullKills-killed+1), 1)
		delay := time.Duration(k.rng.IntN(20)) * time.Millisecond
		k.proxy.when(k.rng.Int64N(share), func() { time.AfterFunc(delay, func() { _ = cmd.Process.Kill() }) })
		err := cmd.Wait()
		k.proxy.when(0, nil)
		k.halfway(t, dir)
		if t.Failed() {
			t.Fatalf("after kill %d", killed+1)
		}
		if err == nil {
			break // it had come to its end
		}
		if cmd.ProcessState.ExitCode() >= 0 {
			t.Fatalf("it was not killed, but ended with %v", err)
		}
		killed++
	}
	if killed < *pullKills*3/4 {
		t.Errorf("only %d kills", killed)
	}
	k.end(t, dir)
	files, other := k.proxy.files.Load(), k.proxy.other.Load()
	twice := float64(files-k.files) / float64(k.files)
	t.Logf("%d kills: %d bytes of files moved, of %d: %.2f %% twice; beside them %d bytes of answers, %d without kills", killed, files, k.files, 100*twice, other, k.other)
	if twice >= 0.05 || twice < 0 {
		t.Errorf("%.1f %% were moved twice", 100*twice)
	}
}

// end pulls to the end: the folder is that of a pull that nobody killed.
func (k *killedPull) end(t *testing.T, dir string) {
	t.Helper()
	if err := k.start(t, dir).Wait(); err != nil {
		t.Fatal(err)
	}
	dir = filepath.Join(dir, "killed")
	intact(t, pulled(t, dir), k.want, true)
	if diff := cmp.Diff(k.manifest, manifestOf(t, dir)); diff != "" {
		t.Errorf("the manifest is another one: %s", diff)
	}
	if left, err := os.ReadDir(filepath.Join(dir, ".mibi-pull")); err == nil {
		t.Errorf("the pull's own folder has stayed: %v", left)
	}
}
