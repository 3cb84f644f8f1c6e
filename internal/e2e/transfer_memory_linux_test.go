package e2e

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/openmibi/openmibi/internal/server"
	"github.com/openmibi/openmibi/internal/synth"
	"github.com/openmibi/openmibi/mibi"
	"github.com/openmibi/openmibi/mibitiff"
	"github.com/openmibi/openmibi/mibitracker"
)

// maxPullMemory is what the program may take to pull, with its own code: VmHWM,
// in KiB.
const maxPullMemory = 64 << 10

var (
	pullMemoryFOVs = flag.Int("pull-memory-fovs", 8, "FOVs of the run whose pull is watched for its memory")
	pullMemoryEdge = flag.Int("pull-memory-edge", 1536, "pixels along their edge; each has two pages of float32")
)

// TestPullMemory pulls FOVs of large pages, and
// watches the memory of the program.
func TestPullMemory(t *testing.T) {
	if raceDetector {
		t.Skip("the program that is watched is built without the race detector")
	}
	if testing.Short() {
		t.Skip("large files take a while, and -short was asked for")
	}
	mibi := builtMibi(t)
	data := filepath.Join(t.TempDir(), "data")
	if _, err := server.AddUser(t.Context(), data, email, password, true); err != nil {
		t.Fatal(err)
	}
	p := start(t, orders{Data: data, Lease: 15 * time.Second})
	defer p.stop(t)
	client := login(t, p.url)
	largeRun(t, client, "large", *pullMemoryFOVs, *pullMemoryEdge)
	env := homeWith(t, p.url, client.Token())
	for _, args := range [][]string{
		{"--layout", "mibitiff"}, {"--layout", "channels"}, {"--layout", "channels", "--channel", "Noise"},
	} {
		dir := t.TempDir()
		peak := pullPeak(t, mibi, env, append([]string{"pull", "large", "--out", dir, "--quiet"}, args...)...)
		files := pulledFiles(t, dir)
		t.Logf("%q: %d files of %.1f MiB, at most %.1f MiB of memory", args, files.count, float64(files.bytes)/(1<<20), float64(peak)/(1<<10))
		if peak >= maxPullMemory {
			t.Errorf("%q took %d KiB", args, peak)
		}
		if want := *pullMemoryFOVs * map[int]int{0: 2, 1: 1}[len(args)/4]; args[1] == "channels" && files.count != want {
			t.Errorf("%q brought %d files, want %d", args, files.count, want)
		}
	}
}

// largeRun makes a run of FOVs with a page that nothing can compress, and one
// that is mostly empty.
func largeRun(t *testing.T, c *mibitracker.Client, label string, fovs, edge int) {
	t.Helper()
	small := synth.Small()
	small.Run = label
	images, err := synth.Run(5, fovs, small)
	if err != nil {
		t.Fatal(err)
	}
	f := newFOVOf(t, images)
	run := f.createRun(t.Context(), t, c)
	rng := rand.New(rand.NewPCG(8, 9))
	noise, sparse := make([]float32, edge*edge), make([]float32, edge*edge)
	for i := range noise {
		noise[i] = float32(rng.Float64() * 1000)
		if i%11 == 0 {
			sparse[i] = float32(rng.IntN(5))
		}
	}
	path := filepath.Join(t.TempDir(), "fov.tiff")
	for n, image := range images {
		noise[n], sparse[n] = float32(n), 1 // so that no two are alike
		if err := writePages(path, image.Metadata, edge, noise, sparse); err != nil {
			t.Fatal(err)
		}
		source, err := mibitracker.FromFile(path)
		if err == nil {
			_, err = c.Uploads.MIBItiff(t.Context(), run.ID, source)
		}
		if err == nil {
			f.folder = image.Metadata.Folder.String()
			_, err = c.Images.WaitAvailable(t.Context(), f.imageIn(t, run), "")
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

func writePages(path string, meta mibi.Metadata, edge int, noise, sparse []float32) error {
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	w, err := mibitiff.NewWriter(file, meta, mibitiff.WithLevel(1))
	for i, samples := range [][]float32{noise, sparse} {
		var plane mibitiff.Plane
		if err == nil {
			plane, err = mibitiff.NewPlane(edge, edge, samples)
		}
		if err == nil {
			err = w.WriteChannel(mibi.Channel{Mass: i + 1, Target: []string{"Noise", "Sparse"}[i]}, plane)
		}
	}
	if err == nil {
		err = w.Close()
	}
	return errors.Join(err, file.Close())
}

// pullPeak runs the program, and gives the most memory that it had, in KiB.
func pullPeak(t *testing.T, mibi string, env []string, args ...string) (peak int) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), mibi, args...)
	var said bytes.Buffer
	cmd.Env, cmd.Stderr = env, &said
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	// The peak stays in the file until the program ends: what the last moments
	// add to it alone is not seen.
	status := fmt.Sprintf("/proc/%d/status", cmd.Process.Pid)
	for {
		select {
		case err := <-ended:
			if err != nil {
				t.Fatalf("mibi %q: %v\n%s", args, err, said.String())
			}
			if peak == 0 {
				t.Fatal("its memory was not seen")
			}
			return peak
		case <-tick.C:
			text, err := os.ReadFile(status)
			if err != nil {
				continue
			}
			var now int
			_, after, _ := strings.Cut(string(text), "VmHWM:")
			if _, err := fmt.Sscan(after, &now); err == nil {
				peak = max(peak, now)
			}
		}
	}
}

type folderSize struct {
	count int
	bytes int64
}

// pulledFiles counts the TIFFs that were pulled.
func pulledFiles(t *testing.T, dir string) (size folderSize) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, e os.DirEntry, err error) error {
		if err != nil || e.IsDir() || filepath.Ext(path) != ".tiff" {
			return err
		}
		info, err := e.Info()
		if err == nil {
			size.count++
			size.bytes += info.Size()
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return size
}
