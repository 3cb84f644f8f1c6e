package transfer

import (
	"bytes"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// Links that somebody has laid into a run's folder lead nothing out of it.
func TestPullWritesThroughNoLinks(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("links take a right that accounts there mostly lack")
	}
	for _, c := range []struct {
		name, link, to string
		layout         Layout
		refused        bool
	}{
		{"state", stateFolder, "", MIBItiff, true},
		{"journal", stateFolder + "/" + journalName, "victim", MIBItiff, true},
		{"lock", stateFolder + "/" + lockName, "nothing", MIBItiff, true},
		{"FOV", "Point1", "", Channels, true},
		{"sub-folder", "Point1/S", "", Channels, true},
		{"TIFF", "Point1.tiff", "victim", MIBItiff, false},
		{"channel", "Point1/CD3.tiff", "victim", Channels, false},
		{"held", stateFolder + "/1.tiff", "victim", MIBItiff, false},
		{"manifest", manifestName, "nothing", MIBItiff, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			b, outer := newBackend(t, point(t, 1)), t.TempDir()
			dir, outside := filepath.Join(outer, "in"), filepath.Join(outer, "out")
			if err := os.Mkdir(outside, 0o777); err != nil {
				t.Fatal(err)
			}
			o := PullOptions{Dir: dir, Layout: c.layout}
			if c.name == "sub-folder" {
				o.SubFolder = "S"
			}
			b.pull(PullOptions{Dir: dir, FOVs: []string{"Point1"}}) // there is a manifest
			for _, name := range []string{"victim", ".victim.part"} {
				if err := os.WriteFile(filepath.Join(outside, name), []byte("precious"), 0o666); err != nil {
					t.Fatal(err)
				}
			}
			link := filepath.Join(dir, "run-A", filepath.FromSlash(c.link))
			if err := os.RemoveAll(link); err != nil {
				t.Fatal(err)
			}
			if err := os.MkdirAll(filepath.Dir(link), 0o777); err != nil {
				t.Fatal(err)
			}
			if err := os.Symlink(filepath.Join(outside, c.to), link); err != nil {
				t.Fatal(err)
			}
			b.images[0].tiff = makeTIFF(t, b.images[0].folder, 9) // there is something to do
			result, err := b.tryPull(t.Context(), o)
			if refused := err != nil || len(result.Failures) > 0; refused != c.refused {
				t.Errorf("error %v, failures %v", err, result.Failures)
			}
			got := tree(t, outside)
			if len(got) != 2 || got["victim"] != shaOf([]byte("precious")) || got[".victim.part"] != shaOf([]byte("precious")) {
				t.Errorf("outside lie %v", got)
			}
		})
	}
}

// A manifest may say anything of where files lie: none outside is looked at.
func TestCheckFollowsNoManifest(t *testing.T) {
	t.Parallel()
	b, outer := newBackend(t, point(t, 1)), t.TempDir()
	dir := filepath.Join(outer, "in")
	b.pull(PullOptions{Dir: dir, Layout: Channels})
	for _, sub := range []string{"../../../out", "..", ".", "a/b", "C:", "/etc", ""} {
		name := filepath.Join(dir, "run-A", manifestName)
		raw, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		raw = bytes.Replace(raw, []byte(`"path":"Point1/CD3.tiff"`), []byte(`"path":"Point1/`+sub+`/CD3.tiff"`), 1)
		crafted := filepath.Join(outer, strings.NewReplacer("/", "_", ".", "_", ":", "_").Replace("crafted "+sub))
		if err := os.CopyFS(crafted, os.DirFS(filepath.Join(dir, "run-A"))); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(crafted, manifestName), raw, 0o666); err != nil {
			t.Fatal(err)
		}
		result, err := Check(t.Context(), b.client(), testRun(), CheckOptions{Dir: crafted})
		if err != nil {
			t.Fatal(err)
		}
		for f := range result.Files() {
			if filepath.Dir(f.Path) != filepath.Join(crafted, "Point1") {
				t.Errorf("%q: looked at %s", sub, f.Path)
			}
		}
	}
}
