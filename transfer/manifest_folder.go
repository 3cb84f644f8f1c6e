package transfer

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"iter"
	"maps"
	"os"
	"path/filepath"
	"slices"
)

// manifestFolder is what is known of one folder: its files by their paths, and
// whether an image was split into them.
type manifestFolder struct {
	files map[string]*manifestFile
	whole *manifestSplit // nil where none was
}

// split takes over that an image was split, and forgets the files that were made
// of another version of it.
func (d *manifestFolder) split(s *manifestSplit) {
	d.whole = s
	maps.DeleteFunc(d.files, func(_ string, f *manifestFile) bool {
		return f.ImageID == s.ImageID && f.By != ByPicture && f.Version != s.Version
	})
}

// read reads what stands in a piece of text.
func (d *manifestFolder) read(source manifestSource, piece []byte) error {
	switch source {
	case inFiles:
		return eachOf(piece, func(f *manifestFile) { d.files[f.Path] = f })
	case inSplits:
		return eachOf(piece, func(s *manifestSplit) { d.whole = s })
	case inMemory, inJournal:
	}
	for lines := json.NewDecoder(bytes.NewReader(piece)); ; {
		var line journalLine
		switch err := lines.Decode(&line); {
		case err == io.EOF:
			return nil
		case err != nil:
			return err
		case line.File != nil:
			d.files[line.File.Path] = line.File
		case line.Split != nil:
			d.split(line.Split)
		}
	}
}

// eachOf reads elements of a list, with what stands between them.
func eachOf[T any](piece []byte, do func(*T)) error {
	piece = bytes.TrimLeft(piece, ", \t\r\n")
	list := make([]byte, 0, len(piece)+2)
	list = append(append(append(list, '['), piece...), ']')
	var all []*T
	if err := json.Unmarshal(list, &all); err != nil {
		return err
	}
	for _, v := range all {
		do(v)
	}
	return nil
}

// manyFolders is how many folders stay read: more than are worked on at once.
const manyFolders = 2 * (mostJobs + finishers)

// folder reads what is known of a folder.
func (m *manifest) folder(key string) (manifestFolder, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	d, err := m.known(key)
	if err != nil || d == nil {
		return manifestFolder{}, err
	}
	// It is as it is now: others may go on with the one that is known.
	return manifestFolder{files: maps.Clone(d.files), whole: d.whole}, nil
}

// known gives a folder that stays read for a while; nil where nothing is known
// of it.
func (m *manifest) known(key string) (*manifestFolder, error) {
	n := m.places.find(key)
	if n < 0 || m.lately[n] != nil {
		return m.lately[n], nil
	}
	d, err := m.readFolder(n)
	if err != nil {
		return nil, err
	}
	if len(m.lately) >= manyFolders {
		clear(m.lately)
	}
	m.lately[n] = d
	return d, nil
}

// readFolder reads a folder where it stands.
func (m *manifest) readFolder(n int) (*manifestFolder, error) {
	d := &manifestFolder{files: map[string]*manifestFile{}}
	of := m.places.folders.at(n)
	for piece := of.first; piece > 0; piece = m.places.pieces.at(int(piece)).next {
		place := m.places.pieces.at(int(piece)).place()
		content, err := m.content(place)
		if err == nil {
			err = d.read(place.source, content)
		}
		if err != nil {
			return nil, err
		}
	}
	return d, nil
}

// content reads a place.
func (m *manifest) content(at manifestPlace) ([]byte, error) {
	if at.source == inMemory {
		return m.memory[at.at : at.at+at.size], nil
	}
	from, err := m.texts.open(m.dir, at.source)
	if err != nil {
		return nil, err
	}
	content := make([]byte, at.size)
	if _, err := from.ReadAt(content, at.at); err != nil {
		return nil, err
	}
	return content, nil
}

// at gives the file of a path; nil where none is known, or where what was known
// of it is not to be read any more: it is then looked at itself.
func (m *manifest) at(path string) *manifestFile {
	m.mu.Lock()
	defer m.mu.Unlock()
	d, err := m.known(pathKey(path))
	if err != nil || d == nil {
		return nil
	}
	return d.files[path]
}

// all goes over the folders in their order, and over the files of each in that of
// their names. An error ends it.
func (m *manifest) all() iter.Seq2[*manifestFile, error] {
	return func(yield func(*manifestFile, error) bool) {
		m.mu.Lock()
		order := m.places.sorted()
		m.mu.Unlock()
		for _, n := range order {
			m.mu.Lock()
			d, err := m.readFolder(int(n))
			m.mu.Unlock()
			if err != nil {
				yield(nil, err)
				return
			}
			for _, path := range slices.Sorted(maps.Keys(d.files)) {
				if !yield(d.files[path], nil) {
					return
				}
			}
		}
	}
}

// manifestTexts are the files that a manifest is read from, open while they are
// needed.
type manifestTexts struct {
	manifest, journal io.ReaderAt
	opened            []io.Closer
}

// open gives the text of a source.
func (t *manifestTexts) open(dir string, source manifestSource) (io.ReaderAt, error) {
	text, path := &t.manifest, filepath.Join(dir, manifestName)
	if source == inJournal {
		text, path = &t.journal, journalPath(dir)
	}
	if *text == nil {
		file, err := os.Open(path)
		if err != nil {
			return nil, err
		}
		*text, t.opened = file, append(t.opened, file)
	}
	return *text, nil
}

// close closes the files; they are opened again where they are needed.
func (m *manifest) close() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	var errs []error
	for _, file := range m.texts.opened {
		errs = append(errs, file.Close())
	}
	m.texts = manifestTexts{}
	return errors.Join(errs...)
}
