package e2e

import (
	"flag"
	"testing"
	"time"
)

var (
	memoryFOVs = flag.Int("memory-fovs", 20_000, "FOVs of the run whose plans are watched for their memory; of each there is hardly any data. 100,000 take minutes, and the same bound")
	memoryPush = flag.Int("memory-push", 5_000, "files that are to be pushed to it")
	memoryPull = flag.Int("memory-pull", 100, "FOVs of the run that is pulled")
)

// TestPullPlanMemory plans a pull of a run of a great many FOVs, and goes on
// with one of which everything is here.
func TestPullPlanMemory(t *testing.T) {
	mibi := manyMibi(t)
	many := newManyFOVs(t, *memoryFOVs)
	env, dir := homeWith(t, many.url, "token"), many.pulled(t)
	for _, args := range [][]string{
		{"pull", "many", "--out", t.TempDir(), "--dry-run", "--layout", "channels"},
		{"pull", "many", "--out", dir, "--json"},
		{"check", "many", dir},
	} {
		watchMemory(t, mibi, env, args...)
	}
}

// TestPullManyMemory pulls many small FOVs.
func TestPullManyMemory(t *testing.T) {
	mibi := manyMibi(t)
	many := newManyFOVs(t, *memoryPull)
	env, dir := homeWith(t, many.url, "token"), t.TempDir()
	watchMemory(t, mibi, env, "pull", "many", "--out", dir)
	if files := pulledFiles(t, dir); files.count != many.fovs {
		t.Errorf("%d files of %d", files.count, many.fovs)
	}
	dir = t.TempDir()
	watchMemory(t, mibi, env, "pull", "many", "--out", dir, "--layout", "channels", "--json")
	if files := pulledFiles(t, dir); files.count != 40*many.fovs {
		t.Errorf("%d files of %d", files.count, 40*many.fovs)
	}
	watchMemory(t, mibi, env, "pull", "many", "--out", dir, "--layout", "channels", "--json")
	watchMemory(t, mibi, env, "check", "many", dir)
}

// TestPushPlanMemory plans a push of a great many files to a run.
func TestPushPlanMemory(t *testing.T) {
	mibi := manyMibi(t)
	many := newManyFOVs(t, *memoryPush)
	env, dir := homeWith(t, many.url, "token"), many.toPush(t, *memoryPush)
	watchMemory(t, mibi, env, "push", dir, "--run", "many", "--dry-run", "--json")
}

// manyMibi is the program, where a run of many FOVs can be watched.
func manyMibi(t *testing.T) string {
	t.Helper()
	if raceDetector {
		t.Skip("the program that is watched is built without the race detector")
	}
	if testing.Short() {
		t.Skip("thousands of files take a while, and -short was asked for")
	}
	return builtMibi(t)
}

// watchMemory runs the program, and fails where it takes too much memory.
func watchMemory(t *testing.T, mibi string, env []string, args ...string) {
	t.Helper()
	began := time.Now()
	peak := pullPeak(t, mibi, env, args...)
	t.Logf("%q: at most %.1f MiB of memory, %v", args, float64(peak)/(1<<10), time.Since(began).Round(time.Millisecond))
	if peak >= maxPullMemory {
		t.Errorf("%q took %d KiB", args, peak)
	}
}
