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

// readJournal takes the journal over. A line that cannot be read, as the last
// one of a computer that lost its power, is passed over: what it noted is looked
// at again.
func (m *manifest) readJournal() error {
	file, err := openRegular(journalPath(m.dir))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.texts.journal, m.texts.opened = file, append(m.texts.opened, file)
	lines := bufio.NewReaderSize(file, maxJournalLine)
	for at := int64(0); ; {
		text, err := lines.ReadSlice('\n')
		size, long := int64(len(text)), false
		for errors.Is(err, bufio.ErrBufferFull) {
			text, err = lines.ReadSlice('\n')
			size, long = size+int64(len(text)), true
		}
		var line journalLine
		if !long && json.Unmarshal(text, &line) == nil {
			m.take(line, manifestPlace{source: inJournal, at: at, size: size})
		}
		if at += size; err != nil {
			return nil //nolint:nilerr // its end, or a disk that does not give more of it
		}
	}
}

// journal is the journal of the pull that runs, and the manifest that it goes
// on with. It may be used by several goroutines.
type journal struct {
	mu    sync.Mutex
	known *manifest
	file  *os.File
	size  int64 // in bytes; -1 where a line could not be written
	dirty bool

	begun    chan struct{} // closed when the first manifest is written; nil without
	begunErr error         // of that, once begun is closed
}

// openJournal goes on with the journal of a run's folder.
func openJournal(m *manifest) (*journal, error) {
	file, err := os.OpenFile(journalPath(m.dir), os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o666) //nolint:gosec // the user's umask says who may read it
	if err != nil {
		return nil, err
	}
	info, err := file.Stat()
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	j := &journal{known: m, file: file, size: info.Size(), dirty: info.Size() > 0}
	if j.dirty {
		// Whatever a last line lacks, the next one begins anew.
		if _, err := file.WriteString("\n"); err != nil {
			return nil, errors.Join(err, file.Close())
		}
		j.size++
	}
	return j, nil
}

// begin writes the folder's first manifest, while the first files come already.
// A journal goes with a manifest, which says of which run it is: no line is noted
// before.
func (j *journal) begin() {
	j.begun = make(chan struct{})
	go func() {
		defer close(j.begun)
		j.begunErr = j.known.put()
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
	text = append(text, '\n')
	if _, err := j.file.Write(text); err != nil || j.size < 0 {
		j.size = -1 // where it stands nobody knows
		return errors.Join(err, j.known.add(l))
	}
	j.known.mu.Lock()
	defer j.known.mu.Unlock()
	j.known.take(l, manifestPlace{source: inJournal, at: j.size, size: int64(len(text))})
	j.size += int64(len(text))
	return nil
}

// entry gives what is known of a path; nil for nothing.
func (j *journal) entry(path string) *manifestFile {
	return j.known.at(path)
}

// holding gives what is known of an image's TIFF in the state's folder.
func (j *journal) holding(image int64) (heldTIFF, bool) {
	j.known.mu.Lock()
	defer j.known.mu.Unlock()
	h, ok := j.known.held[image]
	return h, ok
}

// close ends the journal: the manifest is written where anything is new.
func (j *journal) close() error {
	err := j.wait()
	j.mu.Lock()
	defer j.mu.Unlock()
	err = errors.Join(err, j.file.Close())
	if j.dirty {
		err = errors.Join(err, j.known.save())
	} else {
		err = errors.Join(err, j.known.close(), j.known.endJournal())
	}
	return errors.Join(err, j.known.close())
}

// endJournal ends a journal that the manifest has taken over, but for what it
// says of TIFFs that are held still.
func (m *manifest) endJournal() error {
	dir := m.dir
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
