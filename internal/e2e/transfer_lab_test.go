package e2e

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/openmibi/openmibi/internal/faulty"
	"github.com/openmibi/openmibi/internal/server"
	"github.com/openmibi/openmibi/internal/synth"
	"github.com/openmibi/openmibi/mibitracker"
)

// transferLab is a server in a process of its own, and the files of a run. What
// is pulled of it and pushed to it goes through the program mibi.
type transferLab struct {
	orders orders
	server *process
	first  *fov
	tiffs  map[string][]byte // by the FOV's number
	dir    string            // of the files
}

// newTransferLab starts a server over a folder that is empty.
func newTransferLab(t *testing.T, data string, fovs int) *transferLab {
	t.Helper()
	images, err := synth.Run(7, fovs, synth.Options{Size: 384, Channels: 6, Run: "transferred"})
	if err != nil {
		t.Fatal(err)
	}
	l := &transferLab{orders: orders{Data: data}, first: newFOVOf(t, images), tiffs: map[string][]byte{}, dir: t.TempDir()}
	for i, image := range images {
		content, err := image.TIFF()
		if err != nil {
			t.Fatal(err)
		}
		number := fmt.Sprintf("Point%d", i+1)
		l.tiffs[number] = content
		if err := os.WriteFile(filepath.Join(l.dir, number+".tiff"), content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := server.AddUser(t.Context(), data, alice, password, false); err != nil {
		t.Fatal(err)
	}
	l.start(t)
	t.Cleanup(func() { t.Log("the server:", <-l.server.ended) }) // with the test's context
	return l
}

// start starts the server, at the address that it had before.
func (l *transferLab) start(t *testing.T) {
	t.Helper()
	l.server = start(t, l.orders)
	l.orders.Addr = strings.TrimPrefix(l.server.url, "http://")
}

func (l *transferLab) client(t *testing.T, opts ...mibitracker.Option) *mibitracker.Client {
	t.Helper()
	c, err := mibitracker.New(l.server.url, append([]mibitracker.Option{mibitracker.WithPassword(alice, password)}, opts...)...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.CloseIdleConnections)
	return c
}

// proxy stands between the program and the server, and breaks what the plan says.
func (l *transferLab) proxy(t *testing.T, plan faulty.Plan) *faulty.Proxy {
	t.Helper()
	p, err := faulty.Start(t.Context(), faulty.Config{Backend: l.server.url, Plan: plan})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := p.Close(); err != nil {
			t.Error(err)
		}
	})
	return p
}

// newRun makes a run without data, of a label.
func (l *transferLab) newRun(t *testing.T, label string) *mibitracker.Run {
	t.Helper()
	c := l.client(t)
	instruments, err := c.Instruments.List(t.Context(), mibitracker.ListOptions{})
	if err != nil || len(instruments.Results) == 0 {
		t.Fatalf("instruments: %+v, %v", instruments, err)
	}
	run, err := c.Runs.Create(t.Context(), mibitracker.NewRun{
		XML: mibitracker.FromBytes(l.first.run+".xml", l.first.xml), Label: label, Instrument: instruments.Results[0].ID,
	})
	if err != nil {
		t.Fatal(err)
	}
	return run
}

// fill makes a run with all its data.
func (l *transferLab) fill(t *testing.T, label string) {
	t.Helper()
	run, c := l.newRun(t, label), l.client(t)
	for _, image := range run.ImageSet.Images {
		if _, err := c.Uploads.MIBItiff(t.Context(), run.ID, mibitracker.FromBytes("fov.tiff", l.tiffs[image.Number])); err != nil {
			t.Fatal(err)
		}
	}
	for _, image := range run.ImageSet.Images {
		l.processed(t, c, &image)
	}
}

// processed waits until the server has processed an image's file.
func (l *transferLab) processed(t *testing.T, c *mibitracker.Client, image *mibitracker.Image) {
	t.Helper()
	wait, cancel := context.WithTimeout(t.Context(), soon)
	defer cancel()
	if _, err := c.Images.WaitAvailable(wait, image.ID, hash(l.tiffs[image.Number])); err != nil {
		t.Fatal(err)
	}
}

// held tells what the server has of a run: how many images of it have data, each
// of which has to be the file's, and nothing else.
func (l *transferLab) held(t *testing.T, label string) (available int) {
	t.Helper()
	c := l.client(t)
	images, err := c.Runs.Images(t.Context(), label)
	if err != nil || len(images) != len(l.tiffs) {
		t.Fatalf("%d images, %v", len(images), err)
	}
	for _, image := range images {
		switch {
		case image.Failed():
			t.Errorf("%s could not be processed: %s", image.Number, image.ProcessingError)
		case image.Available():
			available++
			if image.TIFFSHA256 != hash(l.tiffs[image.Number]) {
				t.Errorf("%s is not the file that was pushed", image.Number)
			}
		}
	}
	return available
}

// pulled reads what stands under final names in a pulled run's folder.
func pulled(t *testing.T, dir string) map[string][]byte {
	t.Helper()
	files := map[string][]byte{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		switch {
		case errors.Is(err, fs.ErrNotExist) && path == dir:
			return nil
		case err != nil:
			return err
		case d.IsDir() && d.Name() == ".mibi-pull":
			return fs.SkipDir
		case d.IsDir() || d.Name() == "manifest.json":
			return nil
		}
		name, err := filepath.Rel(dir, path)
		if err == nil {
			files[filepath.ToSlash(name)], err = os.ReadFile(path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// whole are the files of an undisturbed pull in the layout mibitiff.
func (l *transferLab) whole() map[string][]byte {
	files := map[string][]byte{}
	for number, content := range l.tiffs {
		files[number+".tiff"] = content
	}
	return files
}

// intact fails the test for every file that is not as it has to be; all says
// that none may be missing.
func intact(t *testing.T, got, want map[string][]byte, all bool) {
	t.Helper()
	for _, name := range slices.Sorted(maps.Keys(got)) {
		if content, ok := want[name]; !ok || !bytes.Equal(got[name], content) {
			t.Errorf("under its final name %s has %d bytes, want %d", name, len(got[name]), len(content))
		}
	}
	if all && len(got) != len(want) {
		t.Errorf("%d files, want %d", len(got), len(want))
	}
}

// size is that of all files, in bytes.
func (l *transferLab) size() (n int) {
	for _, content := range l.tiffs {
		n += len(content)
	}
	return n
}

// available waits until the server has processed a run's every image.
func (l *transferLab) available(t *testing.T, label string) {
	t.Helper()
	c := l.client(t)
	images, err := c.Runs.Images(t.Context(), label)
	if err != nil {
		t.Fatal(err)
	}
	for _, image := range images {
		l.processed(t, c, &image)
	}
	if n := l.held(t, label); n != len(l.tiffs) {
		t.Errorf("%d of %d images are available", n, len(l.tiffs))
	}
}

// soon is how long what has to happen may take.
const soon = 2 * time.Minute
