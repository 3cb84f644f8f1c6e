package transfer

import (
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Of a server that names no hashes, the TIFF may be replaced between two pulls:
// a folder never has channels of both.
func TestPullMixesNoVersions(t *testing.T) {
	t.Parallel()
	for name, noRanges := range map[string]bool{"ranges": false, "no ranges": true} {
		for _, then := range []PullOptions{{Channels: []string{"CD3", "CD45"}}, {Layout: Channels}} {
			b, dir := newBackend(t, point(t, 1)), t.TempDir()
			b.noHash, b.noRanges = true, noRanges
			b.pull(PullOptions{Dir: dir, Channels: []string{"CD3"}})
			b.images[0].tiff = makeTIFF(t, b.images[0].folder, 77)
			if noRanges && len(then.Channels) > 0 {
				continue // of pictures nobody says what they were made of
			}
			then.Dir = dir
			b.pull(then)
			fresh := then
			fresh.Dir = t.TempDir()
			b.pull(fresh)
			got := tree(t, filepath.Join(dir, "run-A"))
			for file, want := range tree(t, filepath.Join(fresh.Dir, "run-A")) {
				if got[file] != want {
					t.Errorf("%s, then %q %q: %s is not of the version that the others are of", name, then.Layout, then.Channels, file)
				}
			}
		}
	}
}

// A picture may have another type than its channel: where the TIFF comes, its
// pages take the pictures' places.
func TestPullPagesReplacePictures(t *testing.T) {
	t.Parallel()
	b, dir := newBackend(t, point(t, 1)), t.TempDir()
	b.noRanges = true
	b.pull(PullOptions{Dir: dir, Channels: []string{"CD3"}})
	if got := b.pull(PullOptions{Dir: dir, Layout: Channels}); got.Verified != BySHA256 || got.FileCount != 3 {
		t.Errorf("%+v", got)
	}
}

// A TIFF that an earlier pull has left is not taken for one of another size.
func TestPullHeldTIFFOfAnotherSize(t *testing.T) {
	t.Parallel()
	b, dir := newBackend(t, point(t, 1)), t.TempDir()
	b.noHash = true
	b.pull(PullOptions{Dir: dir})
	run, image := filepath.Join(dir, "run-A"), b.images[0]
	if err := os.MkdirAll(filepath.Join(run, stateFolder), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(filepath.Join(run, "Point1.tiff"), heldPath(run, 1)); err != nil {
		t.Fatal(err)
	}
	held := heldTIFF{ImageID: 1, Size: int64(len(image.tiff)), SHA256: shaOf(image.tiff), Version: shaOf(image.tiff), By: BySizeAndZlib}
	line, err := json.Marshal(journalLine{Held: &held})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(journalPath(run), line, 0o666); err != nil {
		t.Fatal(err)
	}
	image.tiff = sizedTIFF(t, 48, image.folder, 9)
	image.said = map[string]any{"tiff_size": len(image.tiff)}
	b.pull(PullOptions{Dir: dir})
	if got := tree(t, run)["Point1.tiff"]; got != shaOf(image.tiff) {
		t.Error("it was taken")
	}
}

// A channel that the server lists, and that the TIFF has not, fails its FOV
// alone, whether or not the other channels are here already.
func TestPullListedChannelIsMissing(t *testing.T) {
	t.Parallel()
	wrong, dir := point(t, 1), t.TempDir()
	wrong.sims = []string{"CD3", "Au"}
	b := newBackend(t, wrong, point(t, 2, "Au", "CD3"))
	b.first(func(w http.ResponseWriter, r *http.Request) bool {
		missing := strings.HasSuffix(r.URL.Path, "/channel_url/")
		if missing {
			http.Error(w, `{"detail": "Not found."}`, http.StatusNotFound)
		}
		return missing
	})
	for range 2 {
		result := b.pull(PullOptions{Dir: dir, Channels: []string{"Au"}})
		if len(result.Failures) != 1 || result.Failures[0].FOV != "Point1" || result.FileCount != 1 {
			t.Errorf("%+v", result)
		}
		b.pull(PullOptions{Dir: dir, Layout: Channels})
	}
}
