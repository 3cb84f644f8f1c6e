package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"image"
	"image/png"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/openmibi/openmibi/internal/tiff"
)

// manyPages saves a MIBItiff whose pages have the types that kind gives, after
// one channel.
func manyPages(t *testing.T, pages int, kind func(i int) string) string {
	t.Helper()
	var file bytes.Buffer
	w := tiff.NewWriter(&file)
	for i := range pages {
		description := `{"image.type": "SIMS", "channel.mass": 1, "channel.target": "a"}`
		if i > 0 {
			text, err := json.Marshal(kind(i))
			if err != nil {
				t.Fatal(err)
			}
			description = `{"image.type": ` + string(text) + `}`
		}
		if err := w.WritePage([]tiff.Field{
			tiff.LongField(tiff.ImageWidth, 1), tiff.LongField(tiff.ImageLength, 1), tiff.ShortField(tiff.BitsPerSample, 16),
			tiff.ShortField(tiff.Compression, 1), tiff.ShortField(tiff.PhotometricInterpretation, 1),
			tiff.TextField(tiff.ImageDescription, description), tiff.TextField(tiff.Software, "IonpathMIBIv1.0"),
		}, []byte{1, 0}); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "many.tiff")
	save(t, path, file.Bytes())
	return path
}

// One channel of a file with as many pages, each of a type of its own, as a
// file may have.
func TestExtractAmongManyTypes(t *testing.T) {
	t.Parallel()
	const pages = 40_000
	path, out := manyPages(t, pages, func(i int) string { return fmt.Sprintf("type %x", i) }), t.TempDir()
	var stdout, stderr bytes.Buffer
	code := run(t.Context(), []string{"tiff", "extract", path, "--out", out, "--channel", "a"}, Streams{In: strings.NewReader(""), Out: &stdout, Err: &stderr})
	if code != 0 {
		t.Errorf("code %d: %.300s", code, &stderr)
	}
	if entries, err := os.ReadDir(out); err != nil || len(entries) != 1 {
		t.Errorf("%v, %v", entries, err)
	}
	// A type that is not there is not told with all that are.
	stderr.Reset()
	code = run(t.Context(), []string{"tiff", "extract", path, "--out", out, "--page", "SED"}, Streams{In: strings.NewReader(""), Out: &stdout, Err: &stderr})
	if code == 0 || stderr.Len() > 2000 {
		t.Errorf("code %d, %d bytes of error", code, stderr.Len())
	}
}

// Pages of other types lie beside the channels, and nowhere else.
func TestExtractStaysInItsFolder(t *testing.T) {
	t.Parallel()
	kinds := []string{"", "../up", "/etc/x", `..\up`, "a", "A", "A", "\x1b[31m", "..", ".", "CON", "b\x00c", "SED", "sed", "%", strings.Repeat("x", 1000), "c%page5"}
	path, dir := manyPages(t, len(kinds), func(i int) string { return kinds[i] }), t.TempDir()
	out := filepath.Join(dir, "deep", "out")
	args := []string{"tiff", "extract", path, "--out", out, "--channel", "a"}
	for _, kind := range kinds[1:] {
		if !strings.Contains(kind, "\x00") {
			args = append(args, "--page", kind)
		}
	}
	var stdout, stderr bytes.Buffer
	if code := run(t.Context(), args, Streams{In: strings.NewReader(""), Out: &stdout, Err: &stderr}); code != 0 {
		t.Fatalf("%d: %s", code, &stderr)
	}
	entries, err := os.ReadDir(out)
	if err != nil || len(entries) != len(kinds)-1 {
		t.Errorf("%d files of %d pages: %v", len(entries), len(kinds)-1, err)
	}
	for _, up := range []string{dir, filepath.Dir(out)} {
		if entries, err := os.ReadDir(up); err != nil || len(entries) != 1 {
			t.Errorf("%s holds %v, %v", up, entries, err)
		}
	}
	if strings.Contains(stdout.String()+stderr.String(), "\x1b") {
		t.Error("the terminal obeys a page's type")
	}
}

// What is written replaces a link, and not what the link shows.
func TestExtractReplacesLinks(t *testing.T) {
	t.Parallel()
	path, dir := manyPages(t, 1, nil), t.TempDir()
	precious, out := filepath.Join(dir, "precious"), filepath.Join(dir, "out")
	save(t, precious, []byte("precious"))
	if err := os.Mkdir(out, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(precious, filepath.Join(out, "a.tiff")); err != nil {
		t.Skip(err)
	}
	printed[[]extracted](t, "tiff", "extract", path, "--out", out, "--json")
	if content, err := os.ReadFile(precious); err != nil || string(content) != "precious" {
		t.Errorf("%q, %v", content, err)
	}
}

// An interrupt ends the look at a folder, not only the joining.
func TestJoinInterruptedWhileItLooks(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	var small bytes.Buffer
	if err := png.Encode(&small, image.NewGray(image.Rect(0, 0, 1, 1))); err != nil {
		t.Fatal(err)
	}
	for i := range 50 {
		save(t, filepath.Join(dir, fmt.Sprintf("%d.png", i)), small.Bytes())
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	o := tiffJoin{g: &globals{}, output: filepath.Join(dir, "out.tiff")}
	if folder, err := o.open(ctx, dir); err == nil {
		t.Errorf("%d pictures were looked at", len(folder.pictures))
	}
}

// A list of metadata that is no list of channels is not kept entry by entry.
// This counts what is allocated, so nothing runs beside it.
func TestJoinListsThatAreNone(t *testing.T) {
	text := []byte(`{"channels": [` + strings.Repeat("0,", 4<<20) + "0]}")
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	if _, err := parseJoinMetadata(text); err == nil {
		t.Error("zeros are channels")
	}
	runtime.ReadMemStats(&after)
	if used := after.TotalAlloc - before.TotalAlloc; used > 24*uint64(len(text)) {
		t.Errorf("%d bytes of memory for %d", used, len(text))
	}
}
