package transfer

import (
	"bufio"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
)

// The journal notes each file as it becomes whole, so that a pull that is
// killed forgets nothing. The next one reads it behind the manifest. It lies
// with what is half in a hidden folder of the run's.
const (
	stateFolder = ".mibi-pull"
	journalName = "journal.jsonl"
	// maxJournalLine is the longest line that is read; it holds a path.
	maxJournalLine = 64 << 10
)

func journalPath(dir string) string { return filepath.Join(dir, stateFolder, journalName) }

// heldTIFF is an image's TIFF that is whole in the state's folder, until its
// channels are written.
type heldTIFF struct {
	ImageID int64        `json:"image_id"`
	Size    int64        `json:"size"`
	SHA256  string       `json:"sha256"`
	Version string       `json:"version"`
	By      Verification `json:"verified"`
}

// heldPath is where an image's TIFF grows and is held.
func heldPath(dir string, image int64) string {
	return filepath.Join(dir, stateFolder, strconv.FormatInt(image, 10)+tiffExtension)
}

// journalLine is one line: one of its fields.
type journalLine struct {
	File  *manifestFile  `json:"file,omitempty"`
	Split *manifestSplit `json:"split,omitempty"`
	Held  *heldTIFF      `json:"held,omitempty"`
}

// take takes a line over.
func (m *manifest) take(l journalLine) {
	switch {
	case l.File != nil && l.File.fits():
		m.add(l.File)
	case l.Split != nil:
		m.split(*l.Split)
	case l.Held != nil:
		m.held[l.Held.ImageID] = *l.Held
	}
}

// readJournal takes the journal over. A line that cannot be read, as the last
// one of a computer that lost its power, is passed over: what it noted is looked
// at again.
func (m *manifest) readJournal(dir string) error {
	file, err := openRegular(journalPath(dir))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }()
	lines := bufio.NewReaderSize(file, maxJournalLine)
	for {
		text, prefix, err := lines.ReadLine()
		if err != nil {
			return nil //nolint:nilerr // its end, or a disk that does not give more of it
		}
		var line journalLine
		if !prefix && json.Unmarshal(text, &line) == nil {
			m.take(line)
		}
	}
}

// journal is the journal of the pull that runs, and the manifest that it goes
// on with. It may be used by several goroutines.
type journal struct {
	mu    sync.Mutex
	known *manifest
	file  *os.File
	dirty bool

	begun    chan struct{} // closed when the first manifest is written; nil without
	begunErr error         // of that, once begun is closed
}

// openJournal goes on with the journal of a run's folder.
func openJournal(dir string, m *manifest) (*journal, error) {
	file, err := os.OpenFile(journalPath(dir), os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o666) //nolint:gosec // the user's umask says who may read it
	if err != nil {
		return nil, err
	}
	info, err := file.Stat()
	if err == nil && info.Size() > 0 {
		// Whatever a last line lacks, the next one begins anew.
		_, err = file.WriteString("\n")
	}
	if err != nil {
		_ = file.Close()
		return nil, err
	}
	return &journal{known: m, file: file, dirty: info.Size() > 0}, nil
}

// begin writes the folder's first manifest, while the first files come already.
// A journal goes with a manifest, which says of which run it is: no line is noted
// before.
func (j *journal) begin(dir string) {
	j.begun = make(chan struct{})
	go func() {
		defer close(j.begun)
		j.begunErr = j.known.put(dir)
	}()
}

// wait waits for the first manifest.
func (j *journal) wait() error {
	if j.begun == nil {
		return nil
	}
	<-j.begun
	return j.begunErr
}

// note writes a line, and takes it over.
func (j *journal) note(l journalLine) error {
	text, err := json.Marshal(l)
	if err != nil {
		return err
	}
	if err := j.wait(); err != nil {
		return err
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	j.dirty = true
	j.known.take(l)
	_, err = j.file.Write(append(text, '\n'))
	return err
}

// entry gives what is known of a path; nil for nothing.
func (j *journal) entry(path string) *manifestFile {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.known.at(path)
}

// holding gives what is known of an image's TIFF in the state's folder.
func (j *journal) holding(image int64) (heldTIFF, bool) {
	j.mu.Lock()
	defer j.mu.Unlock()
	h, ok := j.known.held[image]
	return h, ok
}

// close ends the journal: the manifest is written where anything is new.
func (j *journal) close(dir string) error {
	err := j.wait()
	j.mu.Lock()
	defer j.mu.Unlock()
	err = errors.Join(err, j.file.Close())
	if !j.dirty {
		return errors.Join(err, j.known.endJournal(dir))
	}
	return errors.Join(err, j.known.save(dir))
}

// endJournal ends a journal that the manifest has taken over, but for what it
// says of TIFFs that are held still.
func (m *manifest) endJournal(dir string) error {
	var left []journalLine
	for _, id := range slices.Sorted(maps.Keys(m.held)) {
		if _, err := os.Lstat(heldPath(dir, id)); err == nil {
			held := m.held[id]
			left = append(left, journalLine{Held: &held})
		}
	}
	if len(left) == 0 {
		err := os.Remove(journalPath(dir))
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		return err
	}
	_, err := writeWhole(filepath.Dir(journalPath(dir)), journalPath(dir), func(w io.Writer) error {
		enc := json.NewEncoder(w)
		for _, line := range left {
			if err := enc.Encode(line); err != nil {
				return err
			}
		}
		return nil
	})
	return err
}
