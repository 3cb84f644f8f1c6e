package mibitracker

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"
	"unicode/utf8"
)

// A note is written after so many bytes and so much time, or after a multiple of
// either: what a process that is killed loses, where no judge decides in the end.
const (
	noteBytes, noteMost  = 256 << 10, 2 << 20
	noteEvery, noteLeast = 25 * time.Millisecond, 2 * time.Second

	maxNote = 64 << 10
)

// part is a file that is being downloaded, under its temporary name. Beside it
// lies a note of what its first bytes are: the version of the file, and their
// number and hash. So neither a crash between the two nor a disk that loses
// the last writes can make bytes of one file pass for those of another.
type part struct {
	file    *os.File
	lasting bool // has a name that a later download finds
	done    bool // has its last name
	how     trust
	version version
	size    int64 // in bytes
	noted   int64
	when    time.Time
}

// note is the JSON beside a part.
type note struct {
	Version version `json:"version"`
	// Length is how many bytes of the part are accounted for.
	Length int64 `json:"length"`
	// SHA256 is theirs, hexadecimal.
	SHA256 string `json:"sha256"`
}

// openPart opens the part of a target. One that lasts is found again by the
// key, and is held by one download at a time.
func openPart(target, key string, lasting bool) (*part, error) {
	folder, base := filepath.Split(target)
	name := "." + shortened(base) + "."
	if lasting {
		id := sha256.Sum256([]byte(key + "\x00" + base))
		if f, ok := openLasting(folder + name + hex.EncodeToString(id[:8]) + ".part"); ok {
			return &part{file: f, lasting: true}, nil
		}
	}
	f, err := openNew(folder + name + rand.Text() + ".part")
	if err != nil {
		return nil, err
	}
	return &part{file: f}, nil
}

// shortened keeps a temporary name within what file systems take.
func shortened(name string) string {
	const enough = 100
	if len(name) <= enough {
		return name
	}
	end := enough
	for !utf8.RuneStart(name[end]) {
		end--
	}
	return name[:end]
}

// openLasting opens and locks the file of a name. It fails if another download
// has it, if the name stands for something else, such as a link, and if the
// system has no locks.
func openLasting(name string) (*os.File, bool) {
	// Its owner may finish, which moves it away, between opening and locking.
	for range 10 {
		f, err := openLocked(name)
		if err != nil {
			return nil, false
		}
		held, err := f.Stat()
		if err == nil && !held.Mode().IsRegular() {
			err = fs.ErrInvalid
		}
		named, err2 := os.Lstat(name)
		switch {
		case err == nil && err2 == nil && os.SameFile(held, named):
			return f, true
		case err == nil && err2 == nil && !named.Mode().IsRegular(), err != nil:
			_ = closeLocked(f)
			return nil, false
		}
		_ = closeLocked(f)
	}
	return nil, false
}

func (p *part) noteName() string { return p.file.Name() + ".json" }

// kept gives how many first bytes of which version are there, hashes them, and
// leaves the file behind them. What is not accounted for is cut off, unless
// somebody will judge the whole.
func (p *part) kept(sum hash.Hash, how trust) (int64, version, error) {
	p.how = how
	n, length := p.readNote(), int64(0)
	info, err := p.file.Stat()
	if err != nil {
		return 0, version{}, err
	}
	switch {
	case !p.lasting:
	case how == trustHash:
		// Whichever version it is of: the hash will tell.
		n, length = note{Version: version{Size: -1}}, info.Size()
	case how == trustAll && n.Version.Validator != "" && (n.Version.Size < 0 || info.Size() <= n.Version.Size):
		length = info.Size()
	default:
		length = n.Length
	}
	if length > 0 {
		if err := p.hash(sum, length); err != nil || how == trustNotes && hex.EncodeToString(sum.Sum(nil)) != n.SHA256 {
			n, length = note{}, 0
			sum.Reset()
		}
	}
	if err := p.file.Truncate(length); err != nil {
		return 0, version{}, err
	}
	_, err = p.file.Seek(length, io.SeekStart)
	p.size, p.noted, p.when = length, length, time.Now()
	return length, n.Version, err
}

// begin takes the version that what comes is of. Where the end will be judged,
// this is all that has to be noted.
func (p *part) begin(v version, length int64, sum hash.Hash) {
	p.version = v
	if p.how == trustAll && length == 0 {
		p.noted = -1
		p.note(0, sum, true)
		p.noted = 0
	}
}

// readNote gives an empty note where there is none that can be used.
func (p *part) readNote() note {
	if !p.lasting {
		return note{}
	}
	f, err := os.Open(p.noteName())
	if err != nil {
		return note{}
	}
	defer func() { _ = f.Close() }()
	raw, err := io.ReadAll(io.LimitReader(f, maxNote))
	var n note
	if err != nil || json.Unmarshal(raw, &n) != nil || n.Version.Validator == "" || n.Length < 0 ||
		n.Version.Size < -1 || n.Version.Size >= 0 && n.Length > n.Version.Size {
		return note{}
	}
	return n
}

// hash feeds the first bytes to a hash.
func (p *part) hash(h hash.Hash, n int64) error {
	got, err := io.Copy(h, io.NewSectionReader(p.file, 0, n))
	if err == nil && got < n {
		err = io.ErrUnexpectedEOF
	}
	return err
}

func (p *part) write(b []byte) error {
	n, err := p.file.Write(b)
	p.size += int64(n)
	return err
}

// note writes down what is there, if it is time to, or at once. It is a help
// for later: that it cannot be written is no failure.
func (p *part) note(length int64, sum hash.Hash, now bool) {
	if !p.lasting || p.done || p.how == trustHash || p.version.Validator == "" || p.version.Encoding != "" || length == p.noted {
		return
	}
	if !now && !p.due(length-p.noted, time.Since(p.when)) {
		return
	}
	raw, err := json.Marshal(note{Version: p.version, Length: length, SHA256: hex.EncodeToString(sum.Sum(nil))})
	if err == nil {
		err = writeWhole(p.noteName(), raw)
	}
	if err == nil {
		p.noted = length
	}
	p.when = time.Now()
}

// due tells whether it is time for a note.
func (p *part) due(bytes int64, since time.Duration) bool {
	if p.how == trustAll {
		return false // the first one said all that matters
	}
	return bytes >= noteMost || since >= noteLeast || bytes >= noteBytes && since >= noteEvery
}

// writeWhole never leaves half a file under a name.
func writeWhole(name string, raw []byte) error {
	f, err := os.CreateTemp(filepath.Dir(name), filepath.Base(name)+".*")
	if err != nil {
		return err
	}
	_, err = io.Copy(f, bytes.NewReader(raw))
	if err2 := f.Close(); err == nil {
		err = err2
	}
	if err == nil {
		err = os.Rename(f.Name(), name)
	}
	if err != nil {
		_ = os.Remove(f.Name())
	}
	return err
}

// empty starts over.
func (p *part) empty() error {
	p.size, p.noted, p.when = 0, 0, time.Now()
	if p.lasting {
		_ = os.Remove(p.noteName()) // it would not fit what comes
	}
	if _, err := p.file.Seek(0, io.SeekStart); err != nil {
		return err
	}
	return p.file.Truncate(0)
}

// finish gives the whole file its name, and lets go of it.
func (p *part) finish(target string, sync bool) error {
	if sync {
		if err := p.file.Sync(); err != nil {
			return err
		}
	}
	// While it is locked nobody else takes it for a part.
	if err := os.Rename(p.file.Name(), target); err != nil {
		return err
	}
	p.done = true
	if p.lasting {
		_ = os.Remove(p.noteName())
	}
	if err := p.file.Close(); err != nil || !sync {
		return err
	}
	return syncFolder(filepath.Dir(target))
}

// leave ends a download that failed, and tells what is left of it.
func (p *part) leave(err error) string {
	if p.done {
		return ""
	}
	kept := p.noted
	if p.how == trustHash || p.how == trustAll && p.version.Validator != "" && p.version.Encoding == "" {
		kept = p.size
	}
	if p.lasting && kept > 0 && !errors.Is(err, ErrCorrupt) && !errors.Is(err, ErrNoRanges) {
		name := filepath.Base(p.file.Name())
		_ = p.close()
		return fmt.Sprintf(" (%d bytes are kept beside it, in %s: the next download goes on from there)", kept, name)
	}
	p.remove()
	return ""
}

// remove ends a download that leaves nothing.
func (p *part) remove() {
	// Removed while it is locked, so that nobody else's is.
	_ = os.Remove(p.file.Name())
	if p.lasting {
		_ = os.Remove(p.noteName())
	}
	_ = p.close()
}

// close closes the file, and lets the next download have it where it lasts.
func (p *part) close() error {
	if p.lasting {
		return closeLocked(p.file)
	}
	return p.file.Close()
}
