package transfer

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"time"

	"github.com/gofrs/flock"

	"github.com/openmibi/openmibi/mibitracker"
)

// watchFile is a state's file. A folder may be watched for one run after
// another, so it has a part for each.
type watchFile struct {
	Version int         `json:"version"`
	Runs    []*watchRun `json:"runs"`
}

// watchRun is what was pushed to a run.
type watchRun struct {
	Server string `json:"server"`
	Run    string `json:"run"` // the label
	RunID  int64  `json:"run_id"`
	// Used is when it was last written.
	Used time.Time `json:"used"`
	// Files are by their paths in the watched folder, with slashes.
	Files map[string]*watchEntry `json:"files"`
}

// watchEntry is a file that the server has taken.
type watchEntry struct {
	Size     int64      `json:"size"`
	Modified time.Time  `json:"modified"`
	SHA256   string     `json:"sha256"`           // empty where the server names none to compare with
	Before   string     `json:"before,omitempty"` // the hash of what the image had before, which is served meanwhile
	ImageID  int64      `json:"image_id"`
	FOV      string     `json:"fov"`
	State    watchStep  `json:"state"`
	Reason   string     `json:"reason,omitempty"` // why it failed
	At       time.Time  `json:"at"`               // when it came to be in this state
	Gone     *time.Time `json:"gone,omitempty"`   // since when the file is not in the folder
}

// watchStep is how far a file is at the server.
type watchStep string

const (
	watchPushed    watchStep = "pushed" // and not processed yet
	watchAvailable watchStep = "available"
	watchFailed    watchStep = "failed" // the server could not process it
	// watchReplaced is a file that never came to be served: somebody else's did,
	// whose hash is the reason.
	watchReplaced watchStep = "replaced"
)

// failure is why the server does not have the file after all; nil where it has
// it, or may.
func (e *watchEntry) failure() error {
	switch e.State {
	case watchFailed:
		return &mibitracker.ProcessingError{Image: e.ImageID, Reason: e.Reason}
	case watchReplaced:
		return replacedBy(e.Reason)
	case watchPushed, watchAvailable:
	}
	return nil
}

const (
	watchVersion = 1
	// forgetRun is after how long another run's part is dropped.
	forgetRun = 180 * 24 * time.Hour
	// forgetFile is after how long a file's entry is dropped that is not in the
	// folder: a network drive may come back in parts.
	forgetFile = time.Hour
	maxState   = 256 << 20 // in bytes
)

// watchState is the state of a watch: in memory, in its file, and the lock that
// keeps others from it.
type watchState struct {
	path  string
	lock  *flock.Flock
	file  watchFile
	mine  *watchRun
	dirty bool
}

// openWatchState locks and reads a state, or begins it.
func openWatchState(path, server string, run *mibitracker.Run) (*watchState, error) {
	s := &watchState{path: path}
	if err := s.relock(); err != nil {
		return nil, err
	}
	err := s.read()
	if err == nil {
		s.choose(server, run)
		// What cannot be written is found out now, not when something was pushed.
		err = s.write()
	}
	if err != nil {
		return nil, errors.Join(err, s.close())
	}
	return s, nil
}

// relock takes the lock, anew where the folder was away.
func (s *watchState) relock() error {
	if s.lock != nil {
		_ = s.lock.Close() // its file may be gone
	}
	if err := ownFile(s.path + ".lock"); err != nil {
		return fmt.Errorf("%w: %w", ErrStateUnwritten, err)
	}
	s.lock = flock.New(s.path+".lock", flock.SetPermissions(0o600))
	locked, err := s.lock.TryLock()
	switch {
	case err != nil:
		return fmt.Errorf("%w: lock %s: %w", ErrStateUnwritten, s.path, err)
	case !locked:
		return fmt.Errorf("%w with %s: end it, or give this one a state of its own", ErrWatched, s.path)
	}
	return nil
}

func (s *watchState) close() error {
	if err := s.lock.Close(); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("unlock %s: %w", s.path, err)
	}
	return nil
}

func (s *watchState) read() error {
	info, err := os.Stat(s.path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return fmt.Errorf("read what was pushed: %w", err)
	case !info.Mode().IsRegular():
		return notAFile(s.path)
	case info.Size() > maxState:
		return fmt.Errorf("%s is too large to be a watch's state", s.path)
	}
	raw, err := os.ReadFile(s.path)
	if err != nil {
		return fmt.Errorf("read what was pushed: %w", err)
	}
	if err := json.Unmarshal(raw, &s.file); err != nil {
		return fmt.Errorf("%s is damaged: remove it, and what the server has is found there again: %w", s.path, err)
	}
	if s.file.Version != watchVersion {
		return fmt.Errorf("%s is of another version of this program: remove it, and what the server has is found there again", s.path)
	}
	return nil
}

// choose finds the run's part, and drops those that nobody has used for long.
func (s *watchState) choose(server string, run *mibitracker.Run) {
	s.file.Version = watchVersion
	s.file.Runs = slices.DeleteFunc(s.file.Runs, func(r *watchRun) bool {
		if r != nil && r.Server == server && r.RunID == run.ID {
			s.mine = r
			return false
		}
		return r == nil || time.Since(r.Used) > forgetRun
	})
	if s.mine == nil {
		s.mine = &watchRun{Server: server, RunID: run.ID}
		s.file.Runs = append(s.file.Runs, s.mine)
	}
	s.mine.Run = run.Label
	files := s.mine.Files
	s.mine.Files = map[string]*watchEntry{}
	for path, e := range files {
		if e != nil {
			s.mine.Files[path] = e
		}
	}
}

// set notes how far a file is.
func (s *watchState) set(path string, e watchEntry) {
	e.At = time.Now().UTC().Truncate(time.Second)
	s.mine.Files[path], s.dirty = &e, true
}

// is says whether an entry is of a file as it is now.
func (e *watchEntry) is(info fs.FileInfo) bool {
	return e.Size == info.Size() && e.Modified.Equal(info.ModTime())
}

// seen notes which files are in the folder, and says whether one has gone since
// it did so last.
func (s *watchState) seen(files map[string]fs.FileInfo, now time.Time) (vanished bool) {
	for path, e := range s.mine.Files {
		_, here := files[path]
		switch {
		case here && e.Gone != nil:
			e.Gone, s.dirty = nil, true
		case !here && e.Gone == nil:
			gone := now.UTC().Truncate(time.Second)
			e.Gone, s.dirty, vanished = &gone, true, true
		case !here && now.Sub(*e.Gone) > forgetFile:
			delete(s.mine.Files, path)
			s.dirty = true
		}
	}
	return vanished
}

// save writes the state where it has changed.
func (s *watchState) save() error {
	if !s.dirty {
		return nil
	}
	return s.write()
}

// write replaces the state's file at once.
func (s *watchState) write() (err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("%w in %s: %w", ErrStateUnwritten, s.path, err)
		}
	}()
	s.mine.Used = time.Now().UTC().Truncate(time.Second)
	text, err := json.MarshalIndent(s.file, "", " ")
	if err != nil {
		return err
	}
	// The lock keeps others from this name, so what a killed watch left there is
	// nobody's.
	temp := s.path + partExtension
	if err := os.Remove(temp); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return withoutPath(err)
	}
	_, err = writeBy(temp, s.path, func(w io.Writer) error {
		_, err := w.Write(append(text, '\n'))
		return err
	})
	if err != nil {
		return withoutPath(err)
	}
	s.dirty = false
	return nil
}
