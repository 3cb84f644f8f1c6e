package mibitiff_test

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/openmibi/openmibi/mibitiff"
)

// realFiles returns the folder of real MIBItiffs, or skips the test.
func realFiles(t testing.TB) string {
	t.Helper()
	root := os.Getenv("MIBI_TESTDATA")
	if root == "" {
		t.Skip("MIBI_TESTDATA is not set: no real files to read")
	}
	folder := filepath.Join(root, "mibitiff")
	if _, err := os.Stat(folder); err != nil {
		t.Skipf("no real files to read: %v", err)
	}
	return folder
}

// expectedPage is one page of a real file as another reader saw it.
type expectedPage struct {
	Type    string  `json:"type"`
	Mass    int     `json:"mass"`
	Target  string  `json:"target"`
	DType   string  `json:"dtype"`
	Shape   [2]int  `json:"shape"`
	Sum     float64 `json:"sum"`
	Max     float64 `json:"max"`
	NonZero int     `json:"nonzero"`
	SHA256  string  `json:"sha256"`
}

func TestReadRealFiles(t *testing.T) {
	t.Parallel()
	folder := realFiles(t)
	text, err := os.ReadFile(filepath.Join(folder, "expected.json"))
	if err != nil {
		t.Fatal(err)
	}
	var expected map[string][]expectedPage
	if err := json.Unmarshal(text, &expected); err != nil {
		t.Fatal(err)
	}
	if len(expected) == 0 {
		t.Fatal("expected.json names no file")
	}
	for name, pages := range expected {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f, err := mibitiff.OpenFile(filepath.Join(folder, name))
			if err != nil {
				t.Fatal(err)
			}
			defer f.Close()
			if got := len(f.Pages()); got != len(pages) {
				t.Fatalf("%d pages, want %d", got, len(pages))
			}
			for i, want := range pages {
				comparePage(t, f, i, want)
			}
		})
	}
}

func comparePage(t *testing.T, f *mibitiff.File, i int, want expectedPage) {
	t.Helper()
	page := f.Pages()[i]
	plane, err := f.ReadPlane(t.Context(), i)
	if err != nil {
		t.Fatal(err)
	}
	stats, sum := plane.Stats(), plane.SHA256()
	got := expectedPage{
		Type: string(page.Type), Mass: page.Channel.Mass, Target: page.Channel.Target,
		DType: plane.DType().String(), Shape: [2]int{plane.Height(), plane.Width()},
		Sum: stats.Sum, Max: stats.Max, NonZero: stats.NonZero, SHA256: hex.EncodeToString(sum[:]),
	}
	if got != want {
		t.Errorf("page %d:\n got %+v\nwant %+v", i, got, want)
	}
}

func TestRealFileSurvivesBeingWrittenAgain(t *testing.T) {
	t.Parallel()
	path := filepath.Join(realFiles(t), "cohort-point1-raw.tiff")
	original, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	in, err := mibitiff.Open(bytes.NewReader(original), int64(len(original)))
	if err != nil {
		t.Fatal(err)
	}
	var planes []mibitiff.Plane
	for _, page := range in.Pages() {
		plane, err := in.ReadPlane(t.Context(), page.Index)
		if err != nil {
			t.Fatal(err)
		}
		planes = append(planes, plane)
	}
	var out bytes.Buffer
	if err := mibitiff.Write(&out, in.Metadata(), in.Channels(), planes); err != nil {
		t.Fatal(err)
	}
	again, err := mibitiff.Open(bytes.NewReader(out.Bytes()), int64(out.Len()))
	if err != nil {
		t.Fatal(err)
	}
	for i, page := range in.Pages() {
		plane, err := again.ReadPlane(t.Context(), i)
		if err != nil {
			t.Fatal(err)
		}
		if again.Pages()[i] != page || !plane.Equal(planes[i]) {
			t.Errorf("page %d differs: %+v, was %+v", i, again.Pages()[i], page)
		}
	}
	for _, description := range descriptions(t, original) {
		if !bytes.Contains(out.Bytes(), description) {
			t.Errorf("the description was not written to the same bytes:\n%s", description)
		}
	}
}

// descriptions cuts the JSON of every page out of a file by its first and last
// characters.
func descriptions(t *testing.T, file []byte) [][]byte {
	t.Helper()
	var found [][]byte
	for {
		start := bytes.Index(file, []byte(`{"mibi.run"`))
		if start < 0 {
			break
		}
		end := bytes.IndexByte(file[start:], 0)
		found = append(found, file[start:start+end])
		file = file[start+end:]
	}
	if len(found) == 0 {
		t.Fatal("the file holds no description")
	}
	return found
}
