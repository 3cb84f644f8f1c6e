package transfer

import (
	"cmp"
	"context"
	"errors"
	"fmt"
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
	k := &checker{
		dir: dir, known: known, options: o, telling: telling{to: o.Events}, seen: map[string]bool{},
		result: &CheckResult{Run: run.Label, Dir: dir},
	}
	layout := MIBItiff
	for f := range known.all() {
		if layoutOf(f) == Channels {
			layout = Channels
			break
		}
	}
	if len(o.Channels) > 0 {
		layout = Channels
	}
	chosen, err := choose(ctx, c, run, layout, selection{o.FOVs, o.Channels, o.Include, o.Exclude})
	if err != nil {
		return nil, err
	}
	k.filter = chosen.filter
	k.lookAround(chosen.all)
	if err := k.compare(ctx, chosen.images); err != nil {
		return nil, err
	}
	if len(o.FOVs)+len(o.Channels)+len(o.Include)+len(o.Exclude) == 0 {
		if err := k.extra(); err != nil {
			return nil, err
		}
	}
	slices.SortStableFunc(k.result.Files, func(a, b CheckedFile) int {
		return cmp.Or(cmp.Compare(min(a.ImageID, 1), min(b.ImageID, 1))*-1, cmp.Compare(a.ImageID, b.ImageID), cmp.Compare(a.Path, b.Path))
	})
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
	seen   map[string]bool
	result *CheckResult
}

// lookAround finds out what kinds of files the folder has.
func (k *checker) lookAround(all []*pullImage) {
	subs := map[string]bool{}
	for f := range k.known.all() {
		if f.Channel == "" {
			k.tiffs = true
			continue
		}
		folder, _ := cutPath(f.Path)
		_, sub, _ := strings.Cut(folder, "/")
		if subFolder(sub) == nil { // a manifest may say anything
			subs[sub] = true
		}
	}
	for _, image := range all {
		if _, err := os.Stat(filepath.Join(k.dir, image.file+tiffExtension)); err == nil {
			k.tiffs = true
		}
		if info, err := os.Stat(filepath.Join(k.dir, image.file)); err == nil && info.IsDir() && len(subs) == 0 {
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
func (k *checker) compare(ctx context.Context, images []*pullImage) error {
	group, inner := errgroup.WithContext(ctx)
	group.SetLimit(k.options.Jobs)
	for _, image := range images {
		if k.tiffs && k.filter.Match(image.fov) {
			group.Go(func() error { return k.one(inner, image, "", image.file+tiffExtension, k.compareTIFF) })
		}
		for _, sub := range k.subFolders {
			p := &puller{options: PullOptions{SubFolder: sub, Channels: k.options.Channels, Include: k.options.Include, Exclude: k.options.Exclude}, filter: k.filter}
			folder, names := p.channelFolder(image), fileNames(p.channelSet(image, k.known))
			channels := slices.Concat(p.wantedChannels(image, k.known), k.pictures(image, folder))
			slices.Sort(channels)
			for _, channel := range slices.Compact(channels) {
				group.Go(func() error { return k.one(inner, image, channel, folder+"/"+names[channel], k.compareChannel) })
			}
		}
	}
	if err := group.Wait(); err != nil {
		return err
	}
	return context.Cause(ctx)
}

// pictures are the uploaded channels of an image that the folder has.
func (k *checker) pictures(image *pullImage, folder string) []string {
	var channels []string
	for _, f := range k.known.files[folder] {
		if f.ImageID == image.id && f.By == ByPicture && slices.Contains(image.extra, f.Channel) && k.filter.Match(image.fov+"/"+f.Channel) &&
			(len(k.options.Channels) == 0 || slices.Contains(k.options.Channels, f.Channel)) {
			channels = append(channels, f.Channel)
		}
	}
	return channels
}

// one compares one file, and puts down what came of it.
func (k *checker) one(ctx context.Context, image *pullImage, channel, rel string,
	how func(context.Context, *pullImage, string, fs.FileInfo) (CheckState, string, error)) error {
	path := filepath.Join(k.dir, filepath.FromSlash(rel))
	out := CheckedFile{FOV: image.fov, ImageID: image.id, Channel: channel, Path: path}
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		out.State = CheckMissing
	case err != nil:
		return err
	case !info.Mode().IsRegular():
		out.State, out.Reason = CheckDifferent, "it is not a file"
	default:
		k.tell(Event{Kind: Started, FOV: image.fov, ImageID: image.id, Path: path, Total: info.Size()})
		if out.State, out.Reason, err = how(ctx, image, rel, info); err != nil {
			return err
		}
		k.tell(Event{Kind: Done, FOV: image.fov, ImageID: image.id, Path: path, Moved: info.Size(), Total: info.Size()})
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.seen[rel] = true
	k.result.Files = append(k.result.Files, out)
	return nil
}

// extra finds the files that nothing on the server stands for.
func (k *checker) extra() error {
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
		case entry.IsDir(), rel == manifestName, k.seen[filepath.ToSlash(rel)]:
			return nil
		}
		k.result.Files = append(k.result.Files, CheckedFile{Path: path, State: CheckExtra, Reason: "the server has nothing for it"})
		return nil
	})
}
