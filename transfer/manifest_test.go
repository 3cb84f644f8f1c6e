package transfer

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
)

func madeLines() []journalLine {
	when := time.Date(2024, 6, 13, 1, 2, 3, 456789, time.UTC)
	sum := strings.Repeat("0a", 32)
	return []journalLine{
		{File: &manifestFile{Path: "Point1.tiff", FOV: "Point1", ImageID: 1, Size: 5, SHA256: sum, By: BySHA256, Version: sum, ModTime: when}},
		{File: &manifestFile{Path: "Point1/a/<b>.tiff", FOV: "Point1", ImageID: 1, Channel: "<b>", Size: 0, SHA256: sum, By: ByZlib, Version: sum, ModTime: when}},
		{Split: &manifestSplit{ImageID: 1, Folder: "Point1/a", Version: sum}},
	}
}

func madeManifest(t testing.TB, dir string) *manifest {
	t.Helper()
	m := newManifest(dir, "https://mibi.example.org", testRun())
	for _, line := range madeLines() {
		if err := m.add(line); err != nil {
			t.Fatal(err)
		}
	}
	return m
}

// entries are the files of a manifest, and the images that were split.
func entries(t *testing.T, m *manifest) (files []manifestFile, splits []manifestSplit) {
	t.Helper()
	for f, err := range m.all() {
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, *f)
	}
	for n := range m.places.folders.n {
		split, err := m.splitOf(n)
		if err != nil {
			t.Fatal(err)
		}
		if split != nil {
			splits = append(splits, *split)
		}
	}
	return files, splits
}

func TestManifestRoundTrip(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	m := madeManifest(t, dir)
	files, splits := entries(t, m)
	var text bytes.Buffer
	if err := m.write(&text); err != nil || strings.Count(text.String(), "\n") != 7 || len(files) != 2 || len(splits) != 1 {
		t.Errorf("%s\n%v", text.String(), err)
	}
	if err := os.Mkdir(filepath.Join(dir, stateFolder), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := m.save(); err != nil {
		t.Fatal(err)
	}
	// As people's programs may write it, too.
	var pretty bytes.Buffer
	if err := json.Indent(&pretty, text.Bytes(), "", "\t"); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		back, err := loadManifest(dir, m.Server, testRun())
		if err != nil {
			t.Fatal(err)
		}
		filesBack, splitsBack := entries(t, back)
		if !reflect.DeepEqual(files, filesBack) || !reflect.DeepEqual(splits, splitsBack) || back.manifestHead != m.manifestHead {
			t.Errorf("back as %+v %+v, of %+v", filesBack, splitsBack, back.manifestHead)
		}
		if err := back.close(); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, manifestName), pretty.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// What the journal says later holds, of files and of images that were split; what
// is read of a folder is what was noted, read lately or not.
func TestManifestLater(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, stateFolder), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := madeManifest(t, dir).save(); err != nil {
		t.Fatal(err)
	}
	m, err := loadManifest(dir, "https://mibi.example.org", testRun())
	if err != nil {
		t.Fatal(err)
	}
	j, err := openJournal(m)
	if err != nil {
		t.Fatal(err)
	}
	sum := strings.Repeat("0b", 32)
	file := func(path, version string, by Verification) *manifestFile {
		return &manifestFile{Path: path, FOV: "Point1", ImageID: 1, Channel: "c", Size: 7, SHA256: sum, By: by, Version: version}
	}
	for n, line := range []journalLine{
		{File: file("Point1/a/old.tiff", "", BySHA256)}, {File: file("Point1/a/picture.tiff", "", ByPicture)},
		{File: file("Point1/a/<b>.tiff", sum, BySHA256)}, {Split: &manifestSplit{ImageID: 1, Folder: "Point1/a", Version: sum}},
		{File: file("Point1/a/new.tiff", "tag", BySHA256)}, {File: file("Point2/a/x.tiff", sum, BySHA256)},
	} {
		if n%2 == 0 {
			m.at("Point1/a/<b>.tiff")
		}
		if err := j.note(line); err != nil {
			t.Fatal(err)
		}
	}
	files, splits := entries(t, m)
	var paths []string
	for _, f := range files {
		paths = append(paths, f.Path)
		if got := m.at(f.Path); got == nil || !reflect.DeepEqual(*got, f) {
			t.Errorf("%s is %+v, and lately %+v", f.Path, f, got)
		}
	}
	want := []string{"Point1.tiff", "Point1/a/<b>.tiff", "Point1/a/new.tiff", "Point1/a/picture.tiff", "Point2/a/x.tiff"}
	if !slices.Equal(paths, want) || len(splits) != 1 || splits[0].Version != sum {
		t.Errorf("%q, %+v", paths, splits)
	}
	if m.at("Point1/a/old.tiff") != nil || m.at("Point1/a/<b>.tiff").Size != 7 {
		t.Error("what the journal says does not hold")
	}
	killed, err := loadManifest(dir, m.Server, testRun())
	if err != nil {
		t.Fatal(err)
	}
	if err := j.close(); err != nil {
		t.Fatal(err)
	}
	again, err := loadManifest(dir, m.Server, testRun())
	if err != nil {
		t.Fatal(err)
	}
	for name, other := range map[string]*manifest{"after a kill": killed, "after the end": again} {
		if got, split := entries(t, other); name == "after the end" && (!reflect.DeepEqual(got, files) || !reflect.DeepEqual(split, splits)) {
			t.Errorf("%s: %+v", name, got)
		}
		if err := other.close(); err != nil {
			t.Fatal(err)
		}
	}
}

// The journal of a pull that was killed at any byte is read as far as it goes.
func TestJournalCutOff(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, stateFolder), 0o755); err != nil {
		t.Fatal(err)
	}
	empty := newManifest(dir, "https://mibi.example.org", testRun())
	if err := empty.save(); err != nil {
		t.Fatal(err)
	}
	j, err := openJournal(empty)
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range madeLines()[:2] {
		if err := j.note(line); err != nil {
			t.Fatal(err)
		}
	}
	if err := j.file.Close(); err != nil {
		t.Fatal(err)
	}
	whole, err := os.ReadFile(journalPath(dir))
	if err != nil {
		t.Fatal(err)
	}
	first := bytes.IndexByte(whole, '\n')
	for n := range whole {
		if err := os.WriteFile(journalPath(dir), whole[:n], 0o600); err != nil {
			t.Fatal(err)
		}
		m, err := loadManifest(dir, empty.Server, testRun())
		if err != nil {
			t.Fatal(err)
		}
		files, _ := entries(t, m)
		got := len(files)
		if err := m.close(); err != nil {
			t.Fatal(err)
		}
		want := 0
		if n >= first {
			want++
		}
		if n >= len(whole)-1 {
			want++
		}
		if got != want {
			t.Fatalf("of %d bytes %d files were read, want %d", n, got, want)
		}
	}
}

func FuzzManifest(f *testing.F) {
	var text bytes.Buffer
	if err := madeManifest(f, "").write(&text); err != nil {
		f.Fatal(err)
	}
	f.Add(text.Bytes())
	f.Add([]byte(`{"format":1,"files":[{"path":"../../x","image_id":1,"size":-1}],"split":null,"other":{"a":[1]}}`))
	f.Add([]byte(`{"format":1,"files":{}}`))
	f.Add([]byte(`[]`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		m := newManifest("", "", testRun())
		if m.read(bytes.NewReader(raw)) != nil {
			return
		}
		n := 0
		for entry, err := range m.all() {
			if err != nil {
				t.Fatal(err)
			}
			if !isSHA256(entry.SHA256) || entry.Size < 0 || entry.Path == "" {
				t.Errorf("took %+v", entry)
			}
			n++
		}
		var out bytes.Buffer
		if err := m.write(&out); err != nil {
			return // a time that JSON cannot hold
		}
		again := newManifest("", "", testRun())
		if err := again.read(bytes.NewReader(out.Bytes())); err != nil {
			t.Fatalf("not read again: %v\n%s", err, out.Bytes())
		}
		for _, err := range again.all() {
			if err != nil {
				t.Fatal(err)
			}
			n--
		}
		if n != 0 {
			t.Errorf("%d files fewer are read again\n%s", n, out.Bytes())
		}
	})
}
