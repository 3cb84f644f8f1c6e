package e2e

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"runtime/metrics"
	"sync/atomic"
	"testing"
	"time"

	"github.com/openmibi/openmibi/internal/pixels"
	"github.com/openmibi/openmibi/internal/server"
	"github.com/openmibi/openmibi/internal/synth"
	"github.com/openmibi/openmibi/mibi"
	"github.com/openmibi/openmibi/mibitiff"
	"github.com/openmibi/openmibi/mibitracker"
)

const (
	maxHeap   = 32 << 20
	heapPages = 64
)

var memorySize = flag.Int64("memory-size", 1<<28, "about how many bytes the file of the memory test has")

// TestMemory sends a large MIBItiff up and brings it down again, through a
// server in a process of its own, and watches this process's heap.
//
// It does not run beside other tests: their memory would count.
func TestMemory(t *testing.T) {
	if testing.Short() {
		t.Skip("a large file takes a while, and -short was asked for")
	}
	if raceDetector {
		t.Skip("the race detector's own memory is on the heap")
	}
	folder := t.TempDir()
	// The file, the server's copy, its channels, and the two downloads.
	if free, known := freeSpace(folder); known && free < 5*uint64(*memorySize) {
		t.Skipf("%d MiB are free on the disk, %d are needed", free>>20, 5**memorySize>>20)
	}
	ctx := t.Context()
	path, f := largeFile(t, folder)
	data := filepath.Join(folder, "data")
	if _, err := server.AddUser(ctx, data, email, password, true); err != nil {
		t.Fatal(err)
	}
	p := start(t, orders{Data: data, Lease: 15 * time.Second})
	defer p.stop(t)
	client := login(t, p.url)
	run := f.createRun(ctx, t, client)
	image := f.imageIn(t, run)

	source, err := mibitracker.FromFile(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("a MIBItiff of %d bytes (%.2f GiB)", source.Size, float64(source.Size)/(1<<30))
	inBounds(t, "upload", source.Size, func() error {
		_, err := client.Uploads.MIBItiff(ctx, run.ID, source)
		return err
	})
	began := time.Now()
	wait, cancel := context.WithTimeout(ctx, 10*time.Minute)
	defer cancel()
	got, err := client.Images.WaitAvailable(wait, image, f.sha256)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("processed in %v", time.Since(began).Round(time.Millisecond))
	where, err := got.TIFFPath()
	if err != nil {
		t.Fatal(err)
	}
	inBounds(t, "Files.Download", source.Size, func() error {
		down, err := client.Files.Download(ctx, where, filepath.Join(folder, "down.tiff"))
		if err == nil && (down.SHA256 != f.sha256 || down.Size != source.Size) {
			t.Errorf("downloaded %+v", down)
		}
		return err
	})
	if sum := hashFile(t, filepath.Join(folder, "down.tiff")); sum != f.sha256 {
		t.Errorf("the downloaded file's SHA-256 is %s, not %s", sum, f.sha256)
	}
	inBounds(t, "Files.Open", source.Size, func() error {
		stream, err := client.Files.Open(ctx, where)
		if err != nil {
			return err
		}
		defer func() { _ = stream.Close() }()
		sum := sha256.New()
		if n, err := io.Copy(sum, stream); err != nil || n != source.Size || hexOf(sum) != f.sha256 {
			t.Errorf("read %d bytes, SHA-256 %s, %v", n, hexOf(sum), err)
		}
		return nil
	})
}

// largeFile writes a MIBItiff of float32 noise, which nothing can compress.
func largeFile(t *testing.T, folder string) (path string, f *fov) {
	t.Helper()
	images, err := synth.Run(21, 1, synth.Small())
	if err != nil {
		t.Fatal(err)
	}
	f = newFOVOf(t, images)
	path = filepath.Join(folder, "large.tiff")
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.New()
	w, err := mibitiff.NewWriter(io.MultiWriter(file, sum), images[0].Metadata, mibitiff.WithLevel(1))
	if err != nil {
		t.Fatal(err)
	}
	edge := 1
	for edge*edge*4*heapPages < int(*memorySize) {
		edge++
	}
	samples := make([]float32, edge*edge)
	rng := rand.New(rand.NewPCG(1, 2))
	for i := range samples {
		samples[i] = float32(rng.Float64() * 1000)
	}
	plane, err := pixels.Of(edge, edge, samples)
	if err != nil {
		t.Fatal(err)
	}
	for n := range heapPages {
		samples[n] = float32(n) // so that no two pages are alike
		if err := w.WriteChannel(mibi.Channel{Mass: n + 1, Target: fmt.Sprintf("T%03d", n)}, plane); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
	f.sha256, f.channels = hexOf(sum), heapPages
	return path, f
}

func hexOf(h interface{ Sum([]byte) []byte }) string { return hex.EncodeToString(h.Sum(nil)) }

func hashFile(t *testing.T, path string) string {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	sum := sha256.New()
	if _, err := io.Copy(sum, file); err != nil {
		t.Fatal(err)
	}
	return hexOf(sum)
}

// sampled does something and watches the heap meanwhile: live objects, and dead
// ones that are not swept yet.
func sampled(t *testing.T, what string, size int64, do func(looked <-chan struct{}) error) (highest uint64) {
	t.Helper()
	runtime.GC()
	sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	metrics.Read(sample)
	before := sample[0].Value.Uint64()
	var peak, samples atomic.Uint64
	stop, stopped, looked := make(chan struct{}), make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		tick := time.NewTicker(2 * time.Millisecond)
		defer tick.Stop()
		for {
			metrics.Read(sample)
			peak.Store(max(peak.Load(), sample[0].Value.Uint64()))
			samples.Add(1)
			select {
			case <-tick.C:
			case looked <- struct{}{}:
			case <-stop:
				return
			}
		}
	}()
	began := time.Now()
	err := do(looked)
	took := time.Since(began)
	close(stop)
	<-stopped
	if err != nil {
		t.Fatalf("%s: %v", what, err)
	}
	t.Logf("%s: %v (%.0f MiB/s), heap at most %.1f MiB (%.1f MiB before), %d samples", what, took.Round(time.Millisecond),
		float64(size)/(1<<20)/took.Seconds(), float64(peak.Load())/(1<<20), float64(before)/(1<<20), samples.Load())
	return peak.Load()
}

// inBounds is sampled, and the heap has to stay small.
func inBounds(t *testing.T, what string, size int64, do func() error) {
	t.Helper()
	if peak := sampled(t, what, size, func(<-chan struct{}) error { return do() }); peak >= maxHeap {
		t.Errorf("%s: the heap grew to %.1f MiB, want less than %d", what, float64(peak)/(1<<20), maxHeap>>20)
	}
}

// A file that is held as a whole has to be seen, or the test above proves
// nothing.
func TestMemoryIsSeen(t *testing.T) {
	path := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(path, make([]byte, maxHeap), 0o600); err != nil {
		t.Fatal(err)
	}
	peak := sampled(t, "os.ReadFile", maxHeap, func(looked <-chan struct{}) error {
		content, err := os.ReadFile(path)
		<-looked // before it was read, perhaps
		<-looked
		runtime.KeepAlive(content)
		return err
	})
	if peak < maxHeap {
		t.Errorf("a file of %d bytes in memory showed as %d", maxHeap, peak)
	}
}
