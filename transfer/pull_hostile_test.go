package transfer

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/openmibi/openmibi/mibitiff"
	"github.com/openmibi/openmibi/mibitracker"
)

// Whatever a server calls its images and channels, files lie in the run's folder
// and nowhere else, each under a name of its own.
func TestPullHostileNames(t *testing.T) {
	t.Parallel()
	numbers := []string{
		"..", ".", "CON", "manifest.json", "Manifest.JSON", "a", "A", "a.tiff", "a.TIFF", "../../etc/passwd", `..\..\x`, "C:", "nul.txt",
		strings.Repeat("x", 10_000), strings.Repeat("y/", 5_000), "same", "same", "", " ", "\x00", "\u202egnp", ".mibi-pull", "trailing. ",
	}
	var images []*fakeImage
	for n, number := range numbers {
		i := point(t, int64(n+1), "..", "manifest.json", "CON", strings.Repeat("c", 10_000), "a/../../b")
		i.number, i.folder = number, fmt.Sprintf("f%d", n)
		images = append(images, i)
	}
	// Two of one number and folder, and one that is called as they then are.
	images[15].folder, images[16].folder, images[16].tiff = "same/x", "same/x", images[15].tiff
	images[17].number, images[17].folder = "same/x (image 16)", "y"
	b := newBackend(t, images...)
	outer := t.TempDir()
	dir := filepath.Join(outer, "in")
	for _, layout := range []Layout{MIBItiff, Channels} {
		result := b.pull(PullOptions{Dir: dir, Layout: layout})
		if result.FOVs != len(images) || len(result.Failures) > 0 {
			t.Errorf("%s: %d of %d FOVs: %v", layout, result.FOVs, len(images), result.Failures)
		}
		again := b.pull(PullOptions{Dir: dir, Layout: layout})
		if again.Here != len(images) {
			t.Errorf("%s: %d of %d were here", layout, again.Here, len(images))
		}
	}
	files := tree(t, outer)
	if want := 1 + len(images) + 5*len(images); len(files) != want {
		t.Errorf("%d files, want %d", len(files), want)
	}
	folded := map[string]string{}
	for name := range files {
		if !strings.HasPrefix(name, "in/run-A/") {
			t.Errorf("file %q outside of the folder", name)
		}
		if other, taken := folded[strings.ToLower(name)]; taken {
			t.Errorf("%q and %q differ in case alone", name, other)
		}
		folded[strings.ToLower(name)] = name
		for part := range strings.SplitSeq(strings.TrimPrefix(name, "in/run-A/"), "/") {
			if len(part) > 255 || strings.ContainsAny(part, "\\:\x00") || part == "CON" {
				t.Errorf("%q is no name for a file", part)
			}
		}
	}
}

// What a server says of sizes is believed by nobody.
func TestPullHostileSizes(t *testing.T) {
	t.Parallel()
	good, long, wrong, negative, junk := point(t, 1), point(t, 2), point(t, 3), point(t, 4), point(t, 5)
	long.said = map[string]any{"tiff_size": int64(1) << 60}
	wrong.said = map[string]any{"tiff_sha256": strings.Repeat("ab", 32)}
	negative.said = map[string]any{"tiff_size": -5, "tiff_sha256": "not a hash"}
	junk.tiff, junk.sims = []byte("II*\x00 and nothing else"), []string{"CD3"}
	b := newBackend(t, good, long, wrong, negative, junk)
	for _, layout := range []Layout{MIBItiff, Channels} {
		dir := t.TempDir()
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		result := b.pull(PullOptions{Dir: dir, Layout: layout})
		runtime.ReadMemStats(&after)
		if took := after.TotalAlloc - before.TotalAlloc; took > 256<<20 {
			t.Errorf("%s: took %d bytes of memory", layout, took)
		}
		// A size that is only listed matters to nobody who has the hash.
		failed := map[string]error{}
		for _, f := range result.Failures {
			failed[f.FOV] = f.Err
		}
		want := []string{"Point3"}
		if layout == Channels {
			want = []string{"Point3", "Point5"}
		}
		if got := slices.Sorted(maps.Keys(failed)); !slices.Equal(got, want) {
			t.Errorf("%s: failed %v, want %q", layout, failed, want)
		}
		if !errors.Is(failed["Point3"], mibitracker.ErrCorrupt) {
			t.Errorf("%s: %v", layout, failed["Point3"])
		}
		for name := range tree(t, dir) {
			if strings.Contains(name, "Point3") {
				t.Errorf("%s: %s lies there", layout, name)
			}
		}
	}
}

// FOVs that have nothing to pull are told of, and the others are pulled.
func TestPullWhatIsNotThere(t *testing.T) {
	t.Parallel()
	good, waiting, failed, gone := point(t, 1), point(t, 2), point(t, 3), point(t, 4)
	waiting.status, waiting.tiff = "U", nil
	failed.status, failed.reason = "E", "page 3 is broken"
	sum := shaOf(gone.tiff)
	gone.tiff, gone.sims = nil, []string{"CD3"}
	gone.said = map[string]any{"tiff_sha256": sum}
	b := newBackend(t, good, waiting, failed, gone)
	result := b.pull(PullOptions{Dir: t.TempDir()})
	var said []string
	for i := range result.Failures {
		said = append(said, result.Failures[i].Error())
	}
	text := strings.Join(said, "\n")
	if len(said) != 3 || !errors.Is(result.Failures[0].Err, ErrNoTIFF) || !errors.Is(result.Failures[1].Err, mibitracker.ErrProcessing) ||
		!strings.Contains(text, "page 3 is broken") || !errors.Is(result.Failures[2].Err, mibitracker.ErrNotFound) || result.FOVs != 1 {
		t.Errorf("%s; %+v", text, result)
	}
}

func TestPullRefusesNames(t *testing.T) {
	t.Parallel()
	b := newBackend(t, point(t, 1), point(t, 2))
	for _, o := range []PullOptions{
		{FOVs: []string{"Point1", "point2"}}, {Channels: []string{"cd3"}}, {Channels: []string{"CD3", "nothing"}},
	} {
		var unknown *UnknownNameError
		_, err := PlanPull(t.Context(), b.client(), testRun(), o)
		if !errors.As(err, &unknown) || !errors.Is(err, mibitracker.ErrNotFound) || len(unknown.Known) < 2 {
			t.Errorf("%+v: %v", o, err)
		}
	}
	for _, o := range []PullOptions{
		{Layout: "folders"}, {Layout: MIBItiff, Channels: []string{"CD3"}}, {SubFolder: "x"}, {Layout: Channels, SubFolder: "../x"},
		{Layout: Channels, SubFolder: "a/b"}, {Jobs: 65},
	} {
		var bad *UsageError
		if _, err := PlanPull(t.Context(), b.client(), testRun(), o); !errors.As(err, &bad) {
			t.Errorf("%+v: %v", o, err)
		}
	}
	var bad *PatternError
	if _, err := PlanPull(t.Context(), b.client(), testRun(), PullOptions{Include: []string{"[a"}}); !errors.As(err, &bad) {
		t.Errorf("a broken glob: %v", err)
	}
}

// A page that is broken on the server keeps neither its FOV's other channels nor
// other FOVs from coming.
func TestPullBrokenPage(t *testing.T) {
	t.Parallel()
	for _, o := range []PullOptions{{Layout: Channels}, {Channels: []string{"CD3", "CD45"}}} {
		b := newBackend(t, point(t, 1), point(t, 2))
		file, err := mibitiff.Open(bytes.NewReader(b.images[0].tiff), int64(len(b.images[0].tiff)))
		if err != nil {
			t.Fatal(err)
		}
		page, err := file.Channel("CD3")
		if err != nil {
			t.Fatal(err)
		}
		// The samples of the page come again in its file of its own.
		var own bytes.Buffer
		if _, err := file.CopyPage(t.Context(), &own, page.Index); err != nil {
			t.Fatal(err)
		}
		strip := own.Bytes()[len(own.Bytes())/2:][:64]
		at := bytes.Index(b.images[0].tiff, strip)
		if at < 0 {
			t.Fatal("the page's samples are not found")
		}
		for i := range strip {
			b.images[0].tiff[at+i] ^= 0x5a
		}
		o.Dir = t.TempDir()
		for range 2 {
			result := b.pull(o)
			if len(result.Failures) != 1 || result.FOVs+result.Here != 1 || !strings.Contains(result.Failures[0].Error(), `channel "CD3"`) {
				t.Errorf("%+v", result)
			}
		}
		files := tree(t, filepath.Join(o.Dir, "run-A"))
		if _, there := files["Point1/CD3.tiff"]; there || files["Point1/CD45.tiff"] == "" || files["Point2/CD3.tiff"] == "" {
			t.Errorf("files %v", files)
		}
	}
}

// Sizes that no disk has are counted, and do not turn over.
func TestPullCountsHugeSizes(t *testing.T) {
	t.Parallel()
	var images []*fakeImage
	for n := range 6 {
		i := point(t, int64(n+1))
		i.said = map[string]any{"tiff_size": int64(1) << 62}
		images = append(images, i)
	}
	b := newBackend(t, images...)
	plan, err := PlanPull(t.Context(), b.client(), testRun(), PullOptions{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	if move, here, _ := plan.Bytes(); move <= 0 || here != 0 {
		t.Errorf("%d bytes to move, %d here", move, here)
	}
}
