package transfer

import (
	"crypto/sha256"
	"encoding/hex"
	"iter"
	"maps"
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
)

// manifestHead is a manifest without its lists.
type manifestHead struct {
	Format int    `json:"format"`
	Server string `json:"server"`
	Run    string `json:"run"`
	RunID  int64  `json:"run_id"`
	// RunPath is the run's folder in the server's storage, which no other run
	// has, on any server: it tells a server that has moved from another one.
	RunPath string `json:"run_path"`
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
		manifestHead: manifestHead{Format: manifestFormat, Server: server, Run: run.Label, RunID: run.ID, RunPath: run.Path},
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

// fits tells whether an entry can be one that a pull has written.
func (f *manifestFile) fits() bool {
	return isSHA256(f.SHA256) && f.Size >= 0 && f.Path != "" && f.ImageID != 0
}

// isSHA256 tells a SHA-256 in hexadecimal.
func isSHA256(text string) bool {
	sum, err := hex.DecodeString(text)
	return err == nil && len(sum) == sha256.Size
}
