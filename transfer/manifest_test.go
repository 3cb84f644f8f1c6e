package transfer

import (
	"bytes"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"
)

func madeManifest() *manifest {
	m := newManifest("https://mibi.example.org", testRun())
	when := time.Date(2024, 6, 13, 1, 2, 3, 456789, time.UTC)
	sum := strings.Repeat("0a", 32)
	m.add(&manifestFile{Path: "Point1.tiff", FOV: "Point1", ImageID: 1, Size: 5, SHA256: sum, By: BySHA256, Version: sum, ModTime: when})
	m.add(&manifestFile{Path: "Point1/a/<b>.tiff", FOV: "Point1", ImageID: 1, Channel: "<b>", Size: 0, SHA256: sum, By: ByZlib, Version: sum, ModTime: when})
	m.split(manifestSplit{ImageID: 1, Folder: "Point1/a", Version: sum})
	return m
}

func TestManifestRoundTrip(t *testing.T) {
	t.Parallel()
	m := madeManifest()
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, stateFolder), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := m.save(dir); err != nil {
		t.Fatal(err)
	}
	back, err := loadManifest(dir, m.Server, testRun())
	if err != nil || !reflect.DeepEqual(m, back) {
		t.Errorf("back as %+v, %v", back, err)
	}
	var text bytes.Buffer
	if err := m.write(&text); err != nil || strings.Count(text.String(), "\n") != 7 {
		t.Errorf("%s\n%v", text.String(), err)
	}
}

// The journal of a pull that was killed at any byte is read as far as it goes.
func TestJournalCutOff(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, stateFolder), 0o755); err != nil {
		t.Fatal(err)
	}
	empty := newManifest("https://mibi.example.org", testRun())
	if err := empty.save(dir); err != nil {
		t.Fatal(err)
	}
	j, err := openJournal(dir, empty)
	if err != nil {
		t.Fatal(err)
	}
	made := madeManifest()
	for f := range made.all() {
		if err := j.note(journalLine{File: f}); err != nil {
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
		got := 0
		for range m.all() {
			got++
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
	if err := madeManifest().write(&text); err != nil {
		f.Fatal(err)
	}
	f.Add(text.Bytes())
	f.Add([]byte(`{"format":1,"files":[{"path":"../../x","image_id":1,"size":-1}],"split":null,"other":{"a":[1]}}`))
	f.Add([]byte(`{"format":1,"files":{}}`))
	f.Add([]byte(`[]`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		m := newManifest("", testRun())
		if m.read(bytes.NewReader(raw)) != nil {
			return
		}
		for entry := range m.all() {
			if !isSHA256(entry.SHA256) || entry.Size < 0 || entry.Path == "" {
				t.Errorf("took %+v", entry)
			}
		}
		var out bytes.Buffer
		if err := m.write(&out); err != nil {
			return // a time that JSON cannot hold
		}
		again := newManifest("", testRun())
		if err := again.read(bytes.NewReader(out.Bytes())); err != nil {
			t.Fatalf("not read again: %v\n%s", err, out.Bytes())
		}
	})
}
