package transfer

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// What lies in a run's folder may be somebody else's doing: of a drive that
// others write to, or out of an archive. A link there would lead what is written
// out of the folder, and a pipe is one that nobody may ever write to.

// lockName is the file of the state's folder that is locked.
const lockName = "lock"

// ownState refuses a state's folder that is none, or that holds something else
// in place of its files.
func ownState(dir string) error {
	folder := filepath.Join(dir, stateFolder)
	if err := ownFolder(folder); err != nil {
		return err
	}
	for _, name := range []string{lockName, journalName} {
		if err := ownFile(filepath.Join(folder, name)); err != nil {
			return err
		}
	}
	return nil
}

// ownFile refuses what is not a file itself; that there is none is no error.
func ownFile(path string) error {
	info, err := os.Lstat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return err
	case !info.Mode().IsRegular():
		return notAFile(path)
	}
	return nil
}

func notAFile(path string) error {
	return fmt.Errorf("%s is not a file: remove it, and run the same again", path)
}

// ownFolder refuses what is not a folder itself, such as a link to one.
func ownFolder(path string) error {
	info, err := os.Lstat(path)
	if err != nil {
		return err
	}
	if !info.IsDir() {
		return fmt.Errorf("%s is no folder of its own, but a link or something else: move it away, for nothing is written elsewhere", path)
	}
	return nil
}

// makeChannelFolder makes the folder of an FOV's channels.
func (p *puller) makeChannelFolder(f *PullFOV) error {
	if err := os.MkdirAll(f.Path, 0o777); err != nil { //nolint:gosec // the user's umask says who may read what is pulled
		return err
	}
	path := p.dir
	for part := range strings.SplitSeq(p.channelFolder(f.image), "/") {
		path = filepath.Join(path, part)
		if err := ownFolder(path); err != nil {
			return err
		}
	}
	return nil
}

// openRegular opens a file to read it, and anything else not at all.
func openRegular(name string) (*os.File, error) {
	info, err := os.Stat(name)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, notAFile(name)
	}
	return os.Open(name)
}
