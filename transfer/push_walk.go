package transfer

import (
	"context"
	"errors"
	"fmt"
	"hash/maphash"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// found is a file that may be pushed.
type found struct {
	path  string
	named bool // by whoever pushes, not by a folder
}

// errLinkedFolder is why what a link in a folder leads to is not looked at.
var errLinkedFolder = errors.New("a link to a folder is not followed; name it to push what is in it")

// hidden tells names that file managers do not show.
func hidden(name string) bool { return strings.HasPrefix(name, ".") }

// isTIFFName tells names of TIFFs.
func isTIFFName(name string) bool {
	switch strings.ToLower(filepath.Ext(name)) {
	case ".tif", ".tiff":
		return true
	}
	return false
}

// findTIFFs gives the files that are named, and the TIFFs of the folders that
// are, in their order: no hidden ones, no parts of downloads, only those that
// chosen takes. Links to files are followed, links to folders below the named
// ones are not and are told of. A file that is reached twice comes once. What is
// not there is a Failure in wrong.
func findTIFFs(ctx context.Context, paths []string, chosen func(rel string) bool) (files []found, left, wrong []Failure, err error) {
	seed, seen := maphash.MakeSeed(), map[uint64]bool{} // the hashes of paths
	add := func(path string, named bool) {
		whole, err := filepath.Abs(path)
		if err != nil {
			whole = path
		}
		if key := maphash.String(seed, whole); !seen[key] {
			seen[key] = true
			files = append(files, found{path, named})
		}
	}
	for _, path := range paths {
		info, err := os.Stat(path)
		switch {
		case err != nil:
			wrong = append(wrong, Failure{Path: path, Err: withoutPath(err)})
		case info.IsDir():
			l, w, err := walkTIFFs(ctx, path, chosen, func(file string) { add(file, false) })
			left, wrong = append(left, l...), append(wrong, w...)
			if err != nil {
				return nil, nil, nil, err
			}
		case chosen(filepath.ToSlash(path)):
			add(path, true)
		}
	}
	return files, left, wrong, nil
}

// walkTIFFs calls add for each TIFF below a folder.
func walkTIFFs(ctx context.Context, root string, chosen func(string) bool, add func(string)) (left, wrong []Failure, _ error) {
	// A link that is the root is followed: the separator says that a folder is
	// meant.
	walked := root
	if info, err := os.Lstat(root); err != nil || !info.IsDir() {
		walked += string(filepath.Separator)
	}
	err := filepath.WalkDir(walked, func(path string, entry fs.DirEntry, err error) error {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		rel, relErr := filepath.Rel(walked, path)
		if relErr != nil {
			return relErr
		}
		shown := filepath.Join(root, rel)
		switch {
		case err != nil:
			wrong = append(wrong, Failure{Path: shown, Err: fmt.Errorf("it cannot be looked into: %w", withoutPath(err))})
			if entry != nil && entry.IsDir() {
				return fs.SkipDir
			}
			return nil
		case rel == ".":
			return nil
		case hidden(entry.Name()):
			if entry.IsDir() {
				return fs.SkipDir
			}
			return nil
		case entry.IsDir():
			return nil
		}
		regular := entry.Type().IsRegular()
		if entry.Type()&fs.ModeSymlink != 0 {
			info, err := os.Stat(path)
			if err == nil && info.IsDir() {
				left = append(left, Failure{Path: shown, Err: errLinkedFolder})
				return nil
			}
			// A link that leads nowhere is told when it is read.
			regular = err != nil || info.Mode().IsRegular()
		}
		if regular && isTIFFName(entry.Name()) && chosen(filepath.ToSlash(rel)) {
			add(shown)
		}
		return nil
	})
	return left, wrong, err
}
