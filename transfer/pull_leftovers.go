package transfer

import (
	"os"
	"path/filepath"
	"regexp"
)

// A pull that is killed leaves what it was about to write, and what it had no time
// to remove. The next one puts that in order.

// partNames are the names of files that writeWhole writes, in the state's folder,
// where nobody else does, and in the run's.
var (
	partNames    = regexp.MustCompile(`^\.[^.]+\.part$`)
	runPartNames = regexp.MustCompile(`^\.[A-Z2-7]{26}\.part$`)
)

// removeParts removes what a pull that was killed was about to write.
func removeParts(dir string) error {
	for folder, names := range map[string]*regexp.Regexp{filepath.Join(dir, stateFolder): partNames, dir: runPartNames} {
		entries, err := os.ReadDir(folder)
		if err != nil {
			return err
		}
		for _, e := range entries {
			if names.MatchString(e.Name()) {
				_ = os.Remove(filepath.Join(folder, e.Name()))
			}
		}
	}
	return nil
}

// unended tells of an FOV all of whose channels are here whether the pull that
// brought them was killed before it said so: their TIFF, of so many bytes, is held
// still. What is left to do with it moves nothing.
func (p *puller) unended(f *PullFOV, held int64) bool {
	if p.options.Layout != Channels || !p.wantsAll() || f.image.size >= 0 && f.image.size != held {
		return false
	}
	_, err := os.Lstat(heldPath(p.dir, f.ImageID))
	return err == nil
}

// dropRanges removes what was kept of ranges, of an FOV that is here.
func (p *puller) dropRanges(f *PullFOV) { _ = os.Remove(rangesPath(p.dir, f.ImageID)) }
