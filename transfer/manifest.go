package transfer

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"os"
	"strings"
	"sync"
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

// manifest is what is known of a run's folder. Of the files it holds where in the
// manifest and in the journal they stand, and reads them there when they are
// asked for: a run may have millions. It may be used by several goroutines.
type manifest struct {
	manifestHead
	dir string // the run's folder; empty for a manifest of no folder

	mu      sync.Mutex // of what follows
	places  manifestPlaces
	layouts map[Layout]bool // of which there are files
	subs    map[string]bool // the folders in those of FOVs in which channels lie
	memory  []byte          // lines that stand nowhere else
	texts   manifestTexts
	held    map[int64]heldTIFF
	lately  map[int]*manifestFolder // folders that were read lately, by their number
}

func newManifest(dir, server string, run *mibitracker.Run) *manifest {
	return &manifest{
		manifestHead: manifestHead{Format: manifestFormat, Server: server, Run: run.Label, RunID: run.ID, RunPath: run.Path},
		dir:          dir, places: newManifestPlaces(), layouts: map[Layout]bool{}, subs: map[string]bool{},
		held: map[int64]heldTIFF{}, lately: map[int]*manifestFolder{},
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

// take takes a line over, which stands at a place. Of what a line before said of
// the same file it takes the place.
func (m *manifest) take(l journalLine, at manifestPlace) {
	switch {
	case l.File != nil && l.File.fits():
		m.takeFile(l.File, at)
		if l.File.Channel == "" {
			delete(m.held, l.File.ImageID) // it has got its name
		}
	case l.Split != nil:
		m.takeSplit(l.Split, at)
		if _, err := os.Lstat(heldPath(m.dir, l.Split.ImageID)); err != nil {
			delete(m.held, l.Split.ImageID)
		}
	case l.Held != nil:
		m.held[l.Held.ImageID] = *l.Held
	}
}

// takeFile takes a file over.
func (m *manifest) takeFile(f *manifestFile, at manifestPlace) {
	m.layouts[layoutOf(f)] = true
	folder, _ := cutPath(f.Path)
	if f.Channel != "" {
		_, sub, _ := strings.Cut(folder, "/")
		m.subs[sub] = true
	}
	n := m.places.note(pathKey(f.Path), at)
	if folder := m.lately[n]; folder != nil {
		folder.files[f.Path] = f
	}
}

// takeSplit takes over that an image was split.
func (m *manifest) takeSplit(s *manifestSplit, at manifestPlace) {
	n := m.places.note(folderKey(s.Folder), at)
	of := m.places.folders.at(n)
	of.split = of.last
	if folder := m.lately[n]; folder != nil {
		folder.split(s)
	}
}

// add takes a line over that stands nowhere yet.
func (m *manifest) add(l journalLine) error {
	line, err := json.Marshal(l)
	if err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	at := manifestPlace{source: inMemory, at: int64(len(m.memory)), size: int64(len(line))}
	m.memory = append(m.memory, line...)
	m.take(l, at)
	return nil
}

// forget forgets a TIFF that is not in the state's folder any more.
func (m *manifest) forget(image int64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.held, image)
}
