package cli

import (
	"errors"
	"io/fs"
	"os"
)

// lowDisk is how much room is warned of: an FOV is some 100 MB.
const lowDisk = 5e9

// checkDisk looks at the folder that files would go to.
func (o *doctor) checkDisk() {
	info, err := os.Stat(o.dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		o.say("disk", healthWrong, "make it, or name another with --dir", "%s is not there", o.dir)
		return
	case err != nil:
		o.say("disk", healthWrong, "", "%v", err)
		return
	case !info.IsDir():
		o.say("disk", healthWrong, "name a folder with --dir", "%s is no folder", o.dir)
		return
	}
	temp, err := os.CreateTemp(o.dir, ".mibi-doctor-*")
	if err == nil {
		err = errors.Join(temp.Close(), os.Remove(temp.Name()))
	}
	if err != nil {
		o.say("disk", healthWrong, "run mibi where you may write, or give --out; see mibi doctor --dir", "files cannot be written to %s: %v", o.dir, err)
		return
	}
	free, err := diskFree(o.dir)
	switch {
	case errors.Is(err, errors.ErrUnsupported):
		o.say("disk", healthOK, "", "files can be written to %s", o.dir)
	case err != nil:
		o.say("disk", healthWarning, "", "files can be written to %s; how much room there is cannot be found out: %v", o.dir, err)
	case free < lowDisk:
		o.say("disk", healthWarning, "make room before you pull a run", "%s has room for %s only", o.dir, size(int64(free)))
	default:
		o.say("disk", healthOK, "", "%s can be written, and has room for %s", o.dir, size(int64(min(free, 1<<62))))
	}
}
