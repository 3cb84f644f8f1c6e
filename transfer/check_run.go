package transfer

import (
	"context"
	"errors"
	"fmt"
	"hash/maphash"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/openmibi/openmibi/mibitracker"
)

// usualChecks is how many files are read at once: disks are slower with more.
const usualChecks = 2

// Check compares a folder with a run on the server: it lists the run, reads the
// files that are here, and downloads nothing. A MIBItiff is equal that has the
// server's SHA-256; a channel's file that is what the manifest says, made of the
// TIFF of that SHA-256. Images without data are not missed.
//
// Which layouts are compared, and which sub-folders, the folder says itself. The
// errors are those of PlanPull; a folder that is not there is fs.ErrNotExist.
func Check(ctx context.Context, c *mibitracker.Client, run *mibitracker.Run, o CheckOptions) (*CheckResult, error) {
	if err := runGiven(run); err != nil {
		return nil, err
	}
	if err := o.Validate(); err != nil {
		return nil, err
	}
	o.Jobs = jobsOf(o.Jobs, usualChecks)
	dir, err := checkedFolder(o.Dir, run)
	if err != nil {
		return nil, err
	}
	known, err := loadManifest(dir, c.BaseURL(), run)
	if err != nil {
		return nil, err
	}
	k := &checker{dir: dir, known: known, options: o, telling: telling{to: o.Events}}
	result, err := k.check(ctx, c, run)
	if err = errors.Join(err, known.close()); err != nil {
		return nil, err
	}
	return result, nil
}

// check lists the run and compares.
func (k *checker) check(ctx context.Context, c *mibitracker.Client, run *mibitracker.Run) (*CheckResult, error) {
	o := k.options
	layout := MIBItiff
	if k.known.layouts[Channels] || len(o.Channels) > 0 {
		layout = Channels
	}
	chosen, err := choose(ctx, c, run, layout, selection{o.FOVs, o.Channels, o.Include, o.Exclude})
	if err != nil {
		return nil, err
	}
	k.filter = chosen.filter
	k.result = &CheckResult{
		Run: run.Label, Dir: k.dir, images: chosen.all, outcomes: make([]int32, chosen.all.rows.n),
		sets: newCheckedSets(), counts: map[CheckState]int{},
	}
	k.lookAround(chosen.all)
	if err := k.compare(ctx, chosen.all, chosen.images); err != nil {
		return nil, err
	}
	if len(o.FOVs)+len(o.Channels)+len(o.Include)+len(o.Exclude) == 0 {
		if err := k.extra(); err != nil {
			return nil, err
		}
	}
	return k.result, nil
}

// checkedFolder is the run's folder: within the one that was given, or that one
// itself.
func checkedFolder(dir string, run *mibitracker.Run) (string, error) {
	inner := filepath.Join(dir, runFolder(run.Label))
	for _, candidate := range []string{inner, dir} {
		if _, err := os.Stat(filepath.Join(candidate, manifestName)); err == nil {
			return candidate, nil
		}
	}
	if info, err := os.Stat(inner); err == nil && info.IsDir() {
		return inner, nil
	}
	info, err := os.Stat(dir)
	switch {
	case err != nil:
		return "", err
	case !info.IsDir():
		return "", fmt.Errorf("%s is not a folder", dir)
	}
	return dir, nil
}

// checker compares a folder with a run.
type checker struct {
	dir        string
	known      *manifest
	options    CheckOptions
	filter     *Filter
	tiffs      bool     // the folder has MIBItiffs
	subFolders []string // in which it has channels

	telling
	mu     sync.Mutex // of what follows
	result *CheckResult
}

// lookAround finds out what kinds of files the folder has.
func (k *checker) lookAround(all *runImages) {
	k.tiffs = k.known.layouts[MIBItiff]
	subs := map[string]bool{}
	for sub := range k.known.subs {
		if subFolder(sub) == nil { // a manifest may say anything
			subs[sub] = true
		}
	}
	for n := range all.rows.n {
		if k.tiffs && len(subs) > 0 {
			break
		}
		path := filepath.Join(k.dir, all.file(all.rows.at(n)))
		if _, err := os.Stat(path + tiffExtension); err == nil {
			k.tiffs = true
		}
		if info, err := os.Stat(path); err == nil && info.IsDir() && len(subs) == 0 {
			subs[""] = true
		}
	}
	for sub := range subs {
		k.subFolders = append(k.subFolders, sub)
	}
	slices.Sort(k.subFolders)
	switch {
	case len(k.options.Channels) > 0:
		k.tiffs = false
		if len(subs) == 0 {
			k.subFolders = []string{""}
		}
	case len(subs) == 0:
		k.tiffs = true
	}
}

// compare compares the images' files, several at once.
func (k *checker) compare(ctx context.Context, all *runImages, images []int32) error {
	group, inner := errgroup.WithContext(ctx)
	group.SetLimit(k.options.Jobs)
	for _, n := range images {
		image := all.image(int(n))
		all := &checkedImage{k: k, n: n, open: 1}
		if k.tiffs && k.filter.Match(image.fov) {
			all.begin()
			group.Go(func() error { return all.one(inner, image, "", tiffExtension, k.compareTIFF) })
		}
		for _, sub := range k.subFolders {
			p := &puller{options: PullOptions{SubFolder: sub, Channels: k.options.Channels, Include: k.options.Include, Exclude: k.options.Exclude}, filter: k.filter}
			folder, names := p.channelFolder(image), fileNames(p.channelSet(image, k.known))
			channels := slices.Concat(p.wantedChannels(image, k.known), k.pictures(image, folder))
			slices.Sort(channels)
			for _, channel := range slices.Compact(channels) {
				all.begin()
				name := strings.TrimPrefix(folder, image.file) + "/" + names[channel]
				group.Go(func() error { return all.one(inner, image, channel, name, k.compareChannel) })
			}
		}
		all.end()
	}
	if err := group.Wait(); err != nil {
		return err
	}
	return context.Cause(ctx)
}

// checkedImage is an image whose files are compared.
type checkedImage struct {
	k     *checker
	n     int32 // among the run's
	open  int   // files, and one while more may come; k.mu
	files []checkedFile
}

func (c *checkedImage) begin() {
	c.k.mu.Lock()
	defer c.k.mu.Unlock()
	c.open++
}

// end ends one of its files, and with the last one puts down what came of it.
func (c *checkedImage) end() {
	c.k.mu.Lock()
	defer c.k.mu.Unlock()
	if c.open--; c.open > 0 || len(c.files) == 0 {
		return
	}
	r := c.k.result
	r.outcomes[c.n] = r.sets.add(c.files)
	r.FileCount += len(c.files)
	for _, f := range c.files {
		r.counts[f.state]++
	}
}

// pictures are the uploaded channels of an image that the folder has.
func (k *checker) pictures(image *pullImage, folder string) []string {
	var channels []string
	known, err := k.known.folder(folderKey(folder))
	if err != nil {
		return nil // of what nobody knows nothing is asked
	}
	for _, f := range known.files {
		if f.ImageID == image.id && f.By == ByPicture && slices.Contains(image.extra, f.Channel) && k.filter.Match(image.fov+"/"+f.Channel) &&
			(len(k.options.Channels) == 0 || slices.Contains(k.options.Channels, f.Channel)) {
			channels = append(channels, f.Channel)
		}
	}
	return channels
}

// one compares one file. name is behind the image's own.
func (c *checkedImage) one(ctx context.Context, image *pullImage, channel, name string,
	how func(context.Context, *pullImage, string, fs.FileInfo) (CheckState, string, error)) error {
	k, out := c.k, checkedFile{name: name, channel: channel}
	rel := out.path(image)
	path := filepath.Join(k.dir, filepath.FromSlash(rel))
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		out.state = CheckMissing
	case err != nil:
		return err
	case !info.Mode().IsRegular():
		out.state, out.reason = CheckDifferent, "it is not a file"
	default:
		k.tell(Event{Kind: Started, FOV: image.fov, ImageID: image.id, Path: path, Total: info.Size()})
		if out.state, out.reason, err = how(ctx, image, rel, info); err != nil {
			return err
		}
		k.tell(Event{Kind: Done, FOV: image.fov, ImageID: image.id, Path: path, Moved: info.Size(), Total: info.Size()})
	}
	k.mu.Lock()
	c.files = append(c.files, out)
	k.mu.Unlock()
	c.end()
	return nil
}

// extra finds the files that nothing on the server stands for. Nothing else goes
// on meanwhile.
func (k *checker) extra() error {
	r := k.result
	seed := maphash.MakeSeed()
	// A file of an image begins with the image's own name.
	of := make(map[uint64]int32, len(r.outcomes))
	for n, outcome := range r.outcomes {
		if outcome > 0 {
			of[maphash.String(seed, r.images.file(r.images.rows.at(n)))] = int32(n)
		}
	}
	seen := func(rel string) bool {
		first, _, inFolder := strings.Cut(rel, "/")
		if !inFolder {
			first = strings.TrimSuffix(rel, tiffExtension)
		}
		n, ok := of[maphash.String(seed, first)]
		return ok && slices.ContainsFunc(r.sets.all[r.outcomes[n]], func(c checkedFile) bool { return first+c.name == rel })
	}
	return filepath.WalkDir(k.dir, func(path string, entry fs.DirEntry, err error) error {
		rel, relErr := filepath.Rel(k.dir, path)
		switch {
		case err != nil:
			return err
		case relErr != nil:
			return relErr
		case rel == ".":
			return nil
		case strings.HasPrefix(entry.Name(), "."):
			if entry.IsDir() {
				return fs.SkipDir
			}
			return nil
		case entry.IsDir(), rel == manifestName, seen(filepath.ToSlash(rel)):
			return nil
		}
		r.extras = append(r.extras, CheckedFile{Path: path, State: CheckExtra, Reason: "the server has nothing for it"})
		r.FileCount++
		r.counts[CheckExtra]++
		return nil
	})
}
