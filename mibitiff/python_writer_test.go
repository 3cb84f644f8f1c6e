package mibitiff_test

import (
	"bytes"
	"compress/zlib"
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/openmibi/openmibi/internal/tiff"
	"github.com/openmibi/openmibi/mibi"
	"github.com/openmibi/openmibi/mibitiff"
)

// mibilibDir is the environment variable that names a checkout of the field's
// Python client.
const mibilibDir = "MIBILIB_DIR"

// TestFilesEqualThePythonTools lets the Python tools write images of every
// kind, and writes them here with the very strips that they compressed: the
// files are the same to the byte, directories, values, gaps and all. Then each
// side reads what the other wrote.
func TestFilesEqualThePythonTools(t *testing.T) {
	t.Parallel()
	python := pythonWithTools(t)
	folder := t.TempDir()
	cases := writtenCases(t)
	writeWithPython(t, python, cases, folder)
	var paths []string
	type file struct {
		of   *writtenCase
		name string
	}
	var files []file
	for i := range cases {
		c := &cases[i]
		t.Run(c.name, func(t *testing.T) {
			if refusal, err := os.ReadFile(filepath.Join(folder, c.name+".error")); err == nil {
				t.Fatalf("the Python tools refuse it: %s", refusal)
			}
			for _, name := range c.fileNames() {
				want, err := os.ReadFile(filepath.Join(folder, name))
				if err != nil {
					t.Fatal(err)
				}
				compareFiles(t, name, want, c.write(t, name, mibitiff.WithStrips(stripsOf(t, want))))
				own := c.write(t, name)
				compareRead(t, c, openBytes(t, want))
				compareRead(t, c, openBytes(t, own))
				path := filepath.Join(folder, "ours-"+strings.ReplaceAll(name, "/", "-"))
				if err := os.WriteFile(path, own, 0o600); err != nil {
					t.Fatal(err)
				}
				files = append(files, file{c, name})
				paths = append(paths, filepath.Join(folder, name), path)
			}
		})
	}
	seen := readWithPython(t, python, paths)
	for i, f := range files {
		compareSeen(t, f.of, f.name, seen[2*i], seen[2*i+1])
	}
}

// compareFiles wants two files to be the same.
func compareFiles(t *testing.T, name string, want, got []byte) {
	t.Helper()
	if at := firstDifference(got, want); !bytes.Equal(got, want) {
		t.Errorf("%s differs from byte %d on, of %d and %d bytes\nthe Python tools: %q\nhere: %q", name, at, len(want), len(got), around(want, at), around(got, at))
	}
}

// compareSeen compares what the Python tools see in a file of theirs and in the
// same one of this package.
func compareSeen(t *testing.T, c *writtenCase, name string, theirs, ours map[string]any) {
	t.Helper()
	if !reflect.DeepEqual(theirs, ours) {
		t.Errorf("the Python tools read another image from %s written here: %s", name, cmp.Diff(theirs, ours))
	}
	refusal, refused := theirs["image"].(string)
	if c.unread == "any" {
		return
	}
	if refused != (c.unread != "") || !strings.HasPrefix(refusal, c.unread) {
		t.Errorf("%s is read as %v", name, theirs["image"])
	}
}

// fileNames returns the files of a case as the Python tools name them.
func (c *writtenCase) fileNames() []string {
	if !c.single {
		return []string{c.name + ".tiff"}
	}
	var names []string
	for _, channel := range c.channels {
		names = append(names, c.name+"/"+strings.NewReplacer("/", "-", `\`, "-").Replace(channel.Target)+".tiff")
	}
	return names
}

// write writes a file of the case here.
func (c *writtenCase) write(t *testing.T, name string, opts ...mibitiff.WriterOption) []byte {
	t.Helper()
	opts = append(c.options(), opts...)
	if !c.single {
		var out bytes.Buffer
		if err := mibitiff.Write(&out, c.meta, c.channels, c.planes, opts...); err != nil {
			t.Fatal(err)
		}
		return out.Bytes()
	}
	// Only the strips of one file are at hand: so one channel is written.
	dir := t.TempDir()
	i := slices.Index(c.fileNames(), name)
	one := *c
	one.channels, one.planes = c.channels[i:i+1], c.planes[i:i+1]
	if c.ranges != nil {
		one.ranges = c.ranges[i : i+1]
	}
	opts = append(one.options(), opts[len(c.options()):]...)
	if err := mibitiff.WriteFolder(t.Context(), dir, c.meta, one.channels, mibitiff.Planes(one.planes), opts...); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(filepath.Join(dir, filepath.Base(name)))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// stripsOf returns a stand-in for the compression that finds in a file the
// strip of the same samples.
func stripsOf(t *testing.T, file []byte) func(raw []byte) ([]byte, error) {
	t.Helper()
	f, err := tiff.Open(bytes.NewReader(file), int64(len(file)), tiff.Options{})
	if err != nil {
		t.Fatal(err)
	}
	strips := map[[32]byte][]byte{}
	for i := range f.Pages {
		at, _ := f.Pages[i].Tag(tiff.StripOffsets)
		count, _ := f.Pages[i].Tag(tiff.StripByteCounts)
		start, _ := at.Uint(0)
		length, _ := count.Uint(0)
		strip := file[start : start+length]
		z, err := zlib.NewReader(bytes.NewReader(strip))
		if err != nil {
			t.Fatal(err)
		}
		raw, err := io.ReadAll(z)
		if err != nil {
			t.Fatal(err)
		}
		strips[sha256.Sum256(raw)] = strip
	}
	return func(raw []byte) ([]byte, error) {
		strip, ok := strips[sha256.Sum256(raw)]
		if !ok {
			return nil, fmt.Errorf("no strip holds these %d bytes", len(raw))
		}
		return strip, nil
	}
}

func firstDifference(a, b []byte) int {
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			return i
		}
	}
	return min(len(a), len(b))
}

func around(b []byte, i int) []byte { return b[max(0, i-40):min(len(b), i+40)] }

// compareRead compares what is read here with what the case was made of.
func compareRead(t *testing.T, c *writtenCase, f *mibitiff.File) {
	t.Helper()
	want := c.meta.Upgrade()
	dropped := want.DroppedKeys()
	var user []mibi.UserValue
	for _, u := range want.User {
		if !slices.Contains(dropped, u.Key) {
			user = append(user, u)
		}
	}
	want.User = user
	want.Date = want.Date.Truncate(1e9)
	got := f.Metadata()
	if !reflect.DeepEqual(got, want) {
		t.Errorf("metadata\n%+v\nwant\n%+v", got, want)
	}
	for i, page := range f.Pages() {
		switch page.Type {
		case mibitiff.SIMS:
			at := slices.Index(c.channels, page.Channel)
			if at < 0 {
				t.Fatalf("channel %v", page.Channel)
			}
			comparePlane(t, f, i, converted(t, c.planes[at], page.DType))
		case mibitiff.SED:
			comparePlane(t, f, i, *c.sed)
		case mibitiff.Optical:
			rgb, err := f.ReadRGB(t.Context(), i)
			if err != nil || !reflect.DeepEqual(rgb, *c.optical) {
				t.Errorf("the optical image differs: %v", err)
			}
		}
	}
}

func comparePlane(t *testing.T, f *mibitiff.File, i int, want mibitiff.Plane) {
	t.Helper()
	got, err := f.ReadPlane(t.Context(), i)
	if err != nil || !got.Equal(want) {
		t.Errorf("page %d differs: %v", i, err)
	}
}

// pythonWithTools returns a Python that can import the field's tools, or skips
// the test.
func pythonWithTools(t *testing.T) func(ctx context.Context, args ...string) *exec.Cmd {
	t.Helper()
	dir := os.Getenv(mibilibDir)
	if dir == "" {
		t.Skipf("%s does not name a checkout of the field's Python client", mibilibDir)
	}
	python := pythonWithTifffile(t)
	command := func(ctx context.Context, args ...string) *exec.Cmd {
		cmd := exec.CommandContext(ctx, python, args...)
		cmd.Env = append(os.Environ(), "PYTHONPATH="+dir, "PYTHONDONTWRITEBYTECODE=1")
		return cmd
	}
	if out, err := command(t.Context(), "-c", "from mibidata import mibi_image, tiff").CombinedOutput(); err != nil {
		t.Skipf("Python does not import mibidata from %s: %v\n%s", dir, err, out)
	}
	return command
}

// array is what python_write.py takes for samples.
type array struct {
	Path  string `json:"path"`
	DType string `json:"dtype"`
	Shape []int  `json:"shape"`
}

func saveArray(t *testing.T, path, dtype string, samples []byte, shape ...int) *array {
	t.Helper()
	if err := os.WriteFile(path, samples, 0o600); err != nil {
		t.Fatal(err)
	}
	return &array{path, dtype, shape}
}

func writeWithPython(t *testing.T, python func(context.Context, ...string) *exec.Cmd, cases []writtenCase, folder string) {
	t.Helper()
	raw := t.TempDir()
	var listed []string
	for _, c := range cases {
		width, height := c.planes[0].Width(), c.planes[0].Height()
		var samples []byte
		var channels [][]any
		for i, p := range c.planes {
			samples = p.AppendBytes(samples)
			channels = append(channels, []any{c.channels[i].Mass, c.channels[i].Target})
		}
		spec := map[string]any{
			"name": c.name, "single": c.single, "big": c.big, "channels": channels, "sed": nil, "optical": nil, "ranges": nil, "force": nil,
			"date":   c.meta.Date.Format("2006-01-02T15:04:05.000"),
			"planes": saveArray(t, filepath.Join(raw, c.name+".sims"), c.planes[0].DType().String(), samples, len(c.planes), height, width),
		}
		if c.force != 0 {
			spec["force"] = c.force.String()
		}
		if c.sed != nil {
			spec["sed"] = saveArray(t, filepath.Join(raw, c.name+".sed"), c.sed.DType().String(), c.sed.Bytes(), c.sed.Height(), c.sed.Width())
		}
		if c.optical != nil {
			spec["optical"] = saveArray(t, filepath.Join(raw, c.name+".optical"), "uint8", c.optical.Pix, c.optical.Height, c.optical.Width, 3)
		}
		if c.ranges != nil {
			var ranges [][2]float64
			for _, r := range c.ranges {
				ranges = append(ranges, [2]float64{r.Min, r.Max})
			}
			spec["ranges"] = ranges
		}
		text, err := json.Marshal(spec)
		if err != nil {
			t.Fatal(err)
		}
		// The metadata may hold what only Python's json reads.
		var members []string
		for key, v := range c.meta.All() {
			members = append(members, mibi.Text(strings.TrimPrefix(key, "mibi.")).JSON()+": "+v.JSON())
		}
		for _, key := range c.meta.DroppedKeys() {
			members = append(members, mibi.Text(key).JSON()+": 1")
		}
		listed = append(listed, strings.TrimSuffix(string(text), "}")+`, "metadata": {`+strings.Join(members, ", ")+"}}")
	}
	spec := filepath.Join(raw, "cases.json")
	if err := os.WriteFile(spec, []byte("["+strings.Join(listed, ",\n")+"]"), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := python(t.Context(), "testdata/python_write.py", spec, folder).CombinedOutput(); err != nil {
		t.Fatalf("python_write.py: %v\n%s", err, out)
	}
}

func readWithPython(t *testing.T, python func(context.Context, ...string) *exec.Cmd, paths []string) []map[string]any {
	t.Helper()
	var complaint bytes.Buffer
	command := python(t.Context(), append([]string{"testdata/python_read.py"}, paths...)...)
	command.Stderr = &complaint
	out, err := command.Output()
	if err != nil {
		t.Fatalf("python_read.py: %v\n%s", err, complaint.String())
	}
	var seen []map[string]any
	if err := json.Unmarshal(out, &seen); err != nil {
		t.Fatal(err)
	}
	return seen
}
