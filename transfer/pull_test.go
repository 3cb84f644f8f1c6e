package transfer

import (
	"bytes"
	"errors"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/openmibi/openmibi/mibitiff"
)

// backends are servers that say more or less of their files.
func backends(t *testing.T, do func(t *testing.T, b *backend)) {
	t.Helper()
	for name, set := range map[string]func(*backend){
		"hashes":            func(*backend) {},
		"no hashes":         func(b *backend) { b.noHash = true },
		"no hashes or tags": func(b *backend) { b.noHash, b.noTags = true, true },
		"no ranges":         func(b *backend) { b.noHash, b.noRanges = true, true },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBackend(t, point(t, 1), point(t, 2), point(t, 3))
			set(b)
			do(t, b)
		})
	}
}

func TestPullMIBItiffs(t *testing.T) {
	t.Parallel()
	backends(t, func(t *testing.T, b *backend) {
		dir := t.TempDir()
		result := b.pull(PullOptions{Dir: dir})
		want := map[string]string{"run-A/manifest.json": "a manifest"}
		total := int64(0)
		for _, i := range b.images {
			want["run-A/"+i.number+".tiff"] = shaOf(i.tiff)
			total += int64(len(i.tiff))
		}
		if got := tree(t, dir); !maps.Equal(got, want) {
			t.Errorf("got %v, want %v", got, want)
		}
		verified := BySHA256
		if b.noHash {
			verified = BySizeAndZlib
		}
		if result.FOVs != 3 || result.Here != 0 || len(result.Failures) != 0 || result.Bytes != total || result.Verified != verified {
			t.Errorf("result %+v", result)
		}
		if asked, moved := b.forget(); moved != total || count(asked, "GET /images/") != 1 {
			t.Errorf("moved %d of %d bytes; asked %q", moved, total, asked)
		}

		// Again: one listing.
		result = b.pull(PullOptions{Dir: dir})
		if asked, moved := b.forget(); moved != 0 || !slices.Equal(asked, []string{"GET /images/"}) {
			t.Errorf("again moved %d bytes; asked %q", moved, asked)
		}
		if result.FOVs != 0 || result.Here != 3 || len(filesOf(t, result)) != 3 || filesOf(t, result)[0].State != PullWhole || filesOf(t, result)[2].Verified != verified {
			t.Errorf("again: %+v", result)
		}
	})
}

func TestPullChannels(t *testing.T) {
	t.Parallel()
	backends(t, func(t *testing.T, b *backend) {
		dir := t.TempDir()
		result := b.pull(PullOptions{Dir: dir, Layout: Channels, SubFolder: "TIFs"})
		want := map[string]string{"run-A/manifest.json": "a manifest"}
		for _, i := range b.images {
			for name, sum := range splitHere(t, i.tiff) {
				want["run-A/"+i.number+"/TIFs/"+name] = sum
			}
		}
		if got := tree(t, dir); len(want) != 10 || !maps.Equal(got, want) {
			t.Errorf("got %v, want %v", got, want)
		}
		if result.FOVs != 3 || len(filesOf(t, result)) != 9 || filesOf(t, result)[2].Channel != "HLA-A/B" {
			t.Errorf("result %+v", result)
		}
		noState(t, filepath.Join(dir, "run-A"))
		b.forget()
		result = b.pull(PullOptions{Dir: dir, Layout: Channels, SubFolder: "TIFs"})
		if asked, moved := b.forget(); moved != 0 || !slices.Equal(asked, []string{"GET /images/"}) {
			t.Errorf("again moved %d bytes; asked %q", moved, asked)
		}
		if result.Here != 3 || result.FileCount != 9 {
			t.Errorf("again: %+v", result)
		}
	})
}

// splitHere is what the pages of a TIFF are as files, by their names.
func splitHere(t *testing.T, content []byte) map[string]string {
	t.Helper()
	file, err := mibitiff.Open(bytes.NewReader(content), int64(len(content)))
	if err != nil {
		t.Fatal(err)
	}
	names := fileNames(channelsOf(t, content))
	files := map[string]string{}
	for _, page := range file.Pages() {
		var out bytes.Buffer
		if _, err := file.CopyPage(t.Context(), &out, page.Index); err != nil {
			t.Fatal(err)
		}
		files[names[page.Channel.Label()]] = shaOf(out.Bytes())
	}
	return files
}

func TestPullChosenChannels(t *testing.T) {
	t.Parallel()
	backends(t, func(t *testing.T, b *backend) {
		dir := t.TempDir()
		b.images[0].extra = map[string][]byte{"cell_boundaries": grayPNG(t), "unwanted": grayPNG(t)}
		b.images[1].tiff = makeTIFF(t, b.images[1].folder, 9, "CD45", "Moly") // has no CD3
		result := b.pull(PullOptions{Dir: dir, FOVs: []string{"Point1", "Point2"}, Channels: []string{"CD3", "cell_boundaries"}})
		got := slices.Sorted(maps.Keys(tree(t, dir)))
		if want := []string{"run-A/Point1/CD3.tiff", "run-A/Point1/cell_boundaries.tiff", "run-A/manifest.json"}; !slices.Equal(got, want) {
			t.Errorf("got %q, want %q", got, want)
		}
		if len(result.Failures) != 2 || result.Failures[0].FOV != "Point2" || !errors.Is(result.Failures[1].Err, ErrNoChannel) {
			t.Errorf("failures %v", result.Failures)
		}
		if b.noRanges {
			if result.Verified != ByPicture {
				t.Errorf("verified by %s", result.Verified)
			}
		} else {
			sums := splitHere(t, b.images[0].tiff)
			if sum := tree(t, dir)["run-A/Point1/CD3.tiff"]; sum != sums["CD3.tiff"] {
				t.Error("the channel is not the TIFF's page")
			}
		}
		for _, f := range []string{"CD3.tiff", "cell_boundaries.tiff"} {
			raw, err := os.ReadFile(filepath.Join(dir, "run-A", "Point1", f))
			if err != nil {
				t.Fatal(err)
			}
			plane, err := mibitiff.ReadPicture(t.Context(), bytes.NewReader(raw), int64(len(raw)))
			if err != nil || plane.Width() != 64 || f[0] == 'c' && plane.At(3, 5) != 7 {
				t.Errorf("%s: %v", f, err)
			}
		}
		b.forget()
		again := b.pull(PullOptions{Dir: dir, FOVs: []string{"Point1", "Point2"}, Channels: []string{"CD3", "cell_boundaries"}})
		if asked, _ := b.forget(); !slices.Equal(asked, []string{"GET /images/"}) || again.Here != 1 {
			t.Errorf("again asked %q, %+v", asked, again)
		}
	})
}

// Of a large file only the bytes of the chosen channels move.
func TestPullChosenChannelsMovesLittle(t *testing.T) {
	t.Parallel()
	targets := make([]string, 40)
	for i := range targets {
		targets[i] = "T" + string(rune('A'+i))
	}
	b := newBackend(t, point(t, 1))
	b.images[0].tiff = sizedTIFF(t, 256, b.images[0].folder, 1, targets...)
	b.pull(PullOptions{Dir: t.TempDir(), Channels: []string{"TC", "TD"}})
	asked, moved := b.forget()
	if whole := int64(len(b.images[0].tiff)); moved > whole/8 {
		t.Errorf("moved %d of %d bytes by %q", moved, whole, asked)
	}
	if n := count(asked, "GET /download/"); n != 1 {
		t.Errorf("asked for %d links", n)
	}
}

func TestPullFilters(t *testing.T) {
	t.Parallel()
	b := newBackend(t, point(t, 1), point(t, 2), point(t, 11))
	dir := t.TempDir()
	b.pull(PullOptions{Dir: dir, Include: []string{"Point1*"}, Exclude: []string{"*11"}})
	b.pull(PullOptions{Dir: dir, Layout: Channels, Include: []string{"Point2"}, Exclude: []string{"CD4?"}})
	got := slices.Sorted(maps.Keys(tree(t, dir)))
	want := []string{"run-A/Point1.tiff", "run-A/Point2/CD3.tiff", "run-A/Point2/HLA-A-B%-s.tiff", "run-A/manifest.json"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	b.forget()
	b.pull(PullOptions{Dir: dir, Layout: Channels, Include: []string{"Point2"}})
	got = slices.Sorted(maps.Keys(tree(t, filepath.Join(dir, "run-A", "Point2"))))
	if want := []string{"CD3.tiff", "CD45.tiff", "HLA-A-B%-s.tiff"}; !slices.Equal(got, want) {
		t.Errorf("then %q, want %q", got, want)
	}
}

// What a computer that edits, copies or loses files does to a folder.
func TestPullRepairs(t *testing.T) {
	t.Parallel()
	for _, layout := range []Layout{MIBItiff, Channels} {
		t.Run(string(layout), func(t *testing.T) {
			t.Parallel()
			b := newBackend(t, point(t, 1), point(t, 2), point(t, 3), point(t, 4))
			dir := t.TempDir()
			o := PullOptions{Dir: dir, Layout: layout}
			b.pull(o)
			b.forget()
			file := func(i int) string {
				if layout == MIBItiff {
					return filepath.Join(dir, "run-A", b.images[i].number+".tiff")
				}
				return filepath.Join(dir, "run-A", b.images[i].number, "CD45.tiff")
			}
			if err := os.Remove(file(0)); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(file(1), []byte("edited"), 0o600); err != nil {
				t.Fatal(err)
			}
			b.images[2].tiff = makeTIFF(t, b.images[2].folder, 77) // replaced on the server
			raw, err := os.ReadFile(file(3))
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(file(3), raw, 0o600); err != nil { // the same, later
				t.Fatal(err)
			}
			plan, err := PlanPull(t.Context(), b.client(), testRun(), o)
			if err != nil {
				t.Fatal(err)
			}
			var states []PullState
			for f := range plan.FOVs() {
				states = append(states, f.State)
			}
			first := PullNew
			if layout == Channels {
				first = PullPartial
			}
			if want := []PullState{first, PullEdited, PullChanged, PullWhole}; !slices.Equal(states, want) {
				t.Errorf("planned %q, want %q", states, want)
			}
			result, err := plan.Run(t.Context())
			if err != nil || result.FOVs != 3 || result.Here != 1 || len(result.Failures) > 0 {
				t.Errorf("result %+v, %v", result, err)
			}
			replaced := 0
			for _, f := range filesOf(t, result) {
				if f.Replaced == PullEdited {
					replaced++
				}
			}
			if replaced != 1 {
				t.Errorf("%d files are said to have replaced edited ones", replaced)
			}
			fresh := t.TempDir()
			b.pull(PullOptions{Dir: fresh, Layout: layout})
			if got, want := tree(t, dir), tree(t, fresh); !maps.Equal(got, want) {
				t.Errorf("repaired is %v, want %v", got, want)
			}
			b.forget()
			b.pull(o)
			if asked, _ := b.forget(); !slices.Equal(asked, []string{"GET /images/"}) {
				t.Errorf("then asked %q", asked)
			}
		})
	}
}

// Files that are what the server has are adopted, whoever brought them.
func TestPullAdopts(t *testing.T) {
	t.Parallel()
	b := newBackend(t, point(t, 1), point(t, 2))
	dir := t.TempDir()
	folder := filepath.Join(dir, "run-A")
	if err := os.Mkdir(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	for _, i := range b.images[:1] {
		if err := os.WriteFile(filepath.Join(folder, i.number+".tiff"), i.tiff, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	result := b.pull(PullOptions{Dir: dir})
	if _, moved := b.forget(); result.Here != 1 || result.FOVs != 1 || moved != int64(len(b.images[1].tiff)) {
		t.Errorf("moved %d bytes: %+v", moved, result)
	}
}

func count(asked []string, prefix string) (n int) {
	for _, a := range asked {
		if strings.HasPrefix(a, prefix) {
			n++
		}
	}
	return n
}
