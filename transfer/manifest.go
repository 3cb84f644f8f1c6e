package transfer

import (
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/openmibi/openmibi/mibitracker"
)

// The manifest lies in a run's folder and says what every file there is, for
// people, for pipelines, and for the next pull.
const (
	manifestName   = "manifest.json"
	manifestFormat = 1
	// maxManifest is what is read of one, in bytes.
	maxManifest = 512 << 20
)

// manifestHead is a manifest without its lists.
type manifestHead struct {
	Format int    `json:"format"`
	Server string `json:"server"`
	Run    string `json:"run"`
	RunID  int64  `json:"run_id"`
}

// manifestFile is one file of the run's folder.
type manifestFile struct {
	// Path is below the run's folder, with slashes. It is compared, and never
	// opened.
	Path    string       `json:"path"`
	FOV     string       `json:"fov"`
	ImageID int64        `json:"image_id"`
	Channel string       `json:"channel,omitempty"`
	Size    int64        `json:"size"`
	SHA256  string       `json:"sha256"`
	By      Verification `json:"verified"`
	// Version is the SHA-256 of the TIFF that it was made of, or the storage's
	// tag of it; empty where neither was told.
	Version string    `json:"version"`
	ModTime time.Time `json:"mtime"`
}

// manifestSplit says that all channels of an image's TIFF were written to
// files.
type manifestSplit struct {
	ImageID int64 `json:"image_id"`
	// Folder is where they lie, below the run's.
	Folder  string `json:"folder"`
	Version string `json:"version"`
}

// manifest is what is known of a run's folder.
type manifest struct {
	manifestHead
	files  map[string]map[string]*manifestFile // by folder, and name in it
	splits map[string]manifestSplit            // by folder
	// held are TIFFs that are whole in the state's folder, by image.
	held map[int64]heldTIFF
}

func newManifest(server string, run *mibitracker.Run) *manifest {
	return &manifest{
		manifestHead: manifestHead{Format: manifestFormat, Server: server, Run: run.Label, RunID: run.ID},
		files:        map[string]map[string]*manifestFile{}, splits: map[string]manifestSplit{}, held: map[int64]heldTIFF{},
	}
}

// add takes a file over, in place of the one of its path before.
func (m *manifest) add(f *manifestFile) {
	folder, name := cutPath(f.Path)
	if m.files[folder] == nil {
		m.files[folder] = map[string]*manifestFile{}
	}
	m.files[folder][name] = f
}

// at gives the file of a path; nil where none is known.
func (m *manifest) at(path string) *manifestFile {
	folder, name := cutPath(path)
	return m.files[folder][name]
}

// split takes over that an image was split, and forgets the files that were made of
// another version of it.
func (m *manifest) split(s manifestSplit) {
	m.splits[s.Folder] = s
	maps.DeleteFunc(m.files[s.Folder], func(_ string, f *manifestFile) bool {
		return f.ImageID == s.ImageID && f.By != ByPicture && f.Version != s.Version
	})
}

// all goes over the files in the order of their folders and names.
func (m *manifest) all() iter.Seq[*manifestFile] {
	return func(yield func(*manifestFile) bool) {
		for _, folder := range slices.Sorted(maps.Keys(m.files)) {
			for _, name := range slices.Sorted(maps.Keys(m.files[folder])) {
				if !yield(m.files[folder][name]) {
					return
				}
			}
		}
	}
}

// cutPath cuts a path before its last part.
func cutPath(path string) (folder, name string) {
	if at := strings.LastIndexByte(path, '/'); at >= 0 {
		return path[:at], path[at+1:]
	}
	return "", path
}

// loadManifest reads the manifest of a folder with what a pull that was
// killed has noted behind it. Where there is none it is empty. One of another
// run or server is ErrOtherRun, one that cannot be read ErrManifest.
func loadManifest(dir, server string, run *mibitracker.Run) (*manifest, error) {
	m := newManifest(server, run)
	name := filepath.Join(dir, manifestName)
	file, err := os.Open(name)
	if errors.Is(err, fs.ErrNotExist) {
		return m, nil // without its manifest a journal is of nobody knows what
	}
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }()
	if err := m.read(bufio.NewReader(io.LimitReader(file, maxManifest))); err != nil {
		return nil, fmt.Errorf("%w: %s: %w: move it away, and the files that are here are compared by their content",
			ErrManifest, name, err)
	}
	switch {
	case m.Server != server:
		return nil, fmt.Errorf("%w: %s is of the server %s, not of %s: pull into another folder",
			ErrOtherRun, name, m.Server, server)
	case m.Run != run.Label || m.RunID != run.ID:
		return nil, fmt.Errorf("%w: %s is of run %s with id %d, not of run %s with id %d: pull into another folder",
			ErrOtherRun, name, quoteName(m.Run), m.RunID, quoteName(run.Label), run.ID)
	}
	return m, m.readJournal(dir)
}

// read takes a manifest over, a file after the other, so that it is never
// whole in memory as text.
func (m *manifest) read(r io.Reader) error {
	dec := json.NewDecoder(r)
	if err := expect(dec, '{'); err != nil {
		return err
	}
	for dec.More() {
		key, err := dec.Token()
		if err != nil {
			return err
		}
		switch key {
		case "format":
			err = dec.Decode(&m.Format)
		case "server":
			err = dec.Decode(&m.Server)
		case "run":
			err = dec.Decode(&m.Run)
		case "run_id":
			err = dec.Decode(&m.RunID)
		case "files":
			err = eachElement(dec, func() error {
				var f manifestFile
				if err := dec.Decode(&f); err != nil {
					return err
				}
				if f.fits() {
					m.add(&f)
				}
				return nil
			})
		case "split":
			err = eachElement(dec, func() error {
				var s manifestSplit
				if err := dec.Decode(&s); err != nil {
					return err
				}
				m.splits[s.Folder] = s
				return nil
			})
		default:
			var other json.RawMessage
			err = dec.Decode(&other)
		}
		if err != nil {
			return err
		}
	}
	if err := expect(dec, '}'); err != nil {
		return err
	}
	if m.Format != manifestFormat {
		return fmt.Errorf("it is of format %d, and this program reads format %d", m.Format, manifestFormat)
	}
	return nil
}

func expect(dec *json.Decoder, want json.Delim) error {
	token, err := dec.Token()
	if err == nil && token != want {
		err = fmt.Errorf("it has %v where %v should be", token, want)
	}
	return err
}

func eachElement(dec *json.Decoder, do func() error) error {
	token, err := dec.Token()
	if err != nil || token == nil {
		return err
	}
	if token != json.Delim('[') {
		return fmt.Errorf("it has %v where a list should be", token)
	}
	for dec.More() {
		if err := do(); err != nil {
			return err
		}
	}
	return expect(dec, ']')
}

// fits tells whether an entry can be one that a pull has written.
func (f *manifestFile) fits() bool {
	return isSHA256(f.SHA256) && f.Size >= 0 && f.Path != "" && f.ImageID != 0
}

// isSHA256 tells a SHA-256 in hexadecimal.
func isSHA256(text string) bool {
	sum, err := hex.DecodeString(text)
	return err == nil && len(sum) == sha256.Size
}
