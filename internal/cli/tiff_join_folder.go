package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"strings"

	"github.com/openmibi/openmibi/mibi"
	"github.com/openmibi/openmibi/mibitiff"
)

// joinPicture is a channel's picture in a folder, not yet decoded.
type joinPicture struct {
	path          string
	stem          string // the file's name without its extension
	page          int    // of a MIBItiff; -1 in a plain picture
	width, height int
	dtype         mibitiff.DType
	channel       mibi.Channel // known from the start in a MIBItiff
}

// joinFolder is what a folder of channels holds.
type joinFolder struct {
	dir      string
	pictures []*joinPicture
	// What the MIBItiffs in it say of their image, and the first that says it.
	meta     *mibi.Metadata
	metaFile string
	// differs says which of them says otherwise, if one does.
	differs error
}

// open looks at each image of a folder. Sub-folders, hidden files and files of
// other kinds are left alone, and so are those that flags name.
func (o *tiffJoin) open(ctx context.Context, dir string) (*joinFolder, error) {
	if _, err := os.Stat(dir); err != nil {
		return nil, given(err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	out, _ := os.Stat(o.output)
	folder := &joinFolder{dir: dir}
	var failed []error
	for _, entry := range entries {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		path := filepath.Join(dir, entry.Name())
		info, err := o.candidate(path, entry)
		if err != nil {
			failed = append(failed, err)
		}
		if info == nil {
			continue
		}
		if out != nil && os.SameFile(info, out) {
			return nil, usage(fmt.Errorf("-o %s is one of the images in %s: write to another place, or remove it first", o.output, dir))
		}
		if err := o.add(folder, path); err != nil {
			failed = append(failed, err)
		}
	}
	if err := errors.Join(failed...); err != nil {
		return nil, err
	}
	if len(folder.pictures) == 0 {
		return nil, fmt.Errorf("%s holds no images to join: no .tif, .tiff or .png", dir)
	}
	return folder, nil
}

// candidate is the file of an entry that may be a channel's, nil for others.
func (o *tiffJoin) candidate(path string, entry fs.DirEntry) (os.FileInfo, error) {
	switch strings.ToLower(filepath.Ext(path)) {
	case ".tif", ".tiff", ".png":
	default:
		return nil, nil
	}
	if strings.HasPrefix(entry.Name(), ".") { // what some systems keep beside a file
		return nil, nil
	}
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, nil
	}
	for _, named := range o.named() {
		if other, err := os.Stat(named); err == nil && os.SameFile(info, other) {
			return nil, nil
		}
	}
	return info, nil
}

// add takes the channels of a file into the folder.
func (o *tiffJoin) add(folder *joinFolder, path string) error {
	file, err := mibitiff.OpenFile(path)
	if err == nil {
		o.addMIBItiff(folder, path, file)
		return file.Close()
	}
	if !errors.Is(err, mibitiff.ErrNotMIBItiff) {
		return err
	}
	err = withPicture(path, func(picture *mibitiff.Picture) error {
		folder.pictures = append(folder.pictures, &joinPicture{
			path: path, stem: stem(path), page: -1, width: picture.Width, height: picture.Height, dtype: picture.DType,
		})
		return nil
	})
	// In colour are the other pages, as extract names them.
	if kind := mibitiff.PageType(stem(path)); errors.Is(err, errors.ErrUnsupported) && (kind == mibitiff.Optical || kind == mibitiff.Label) {
		if kind == mibitiff.Optical && o.optical == "" {
			o.optical = path
		}
		return nil // the label is cut from the optical image
	}
	return err
}

// stem is a file's name without its extension.
func stem(path string) string {
	return strings.TrimSuffix(filepath.Base(path), filepath.Ext(path))
}

func (o *tiffJoin) addMIBItiff(folder *joinFolder, path string, file *mibitiff.File) {
	for _, p := range file.Pages() {
		if p.Type != mibitiff.SIMS {
			o.g.note("Left out: page %d (%s) of %s is no channel; --sed and --optical add such pages.", p.Index, p.Name, path)
			continue
		}
		folder.pictures = append(folder.pictures, &joinPicture{
			path: path, stem: stem(path), page: p.Index, width: p.Width, height: p.Height, dtype: p.DType, channel: p.Channel,
		})
	}
	meta := file.Metadata()
	switch {
	case folder.meta == nil:
		folder.meta, folder.metaFile = &meta, path
	case folder.differs == nil:
		if key := differing(*folder.meta, meta); key != "" {
			folder.differs = fmt.Errorf("%s and %s are of different images: their %s differs; --metadata or --xml say what holds for the joined one",
				folder.metaFile, path, printable(key))
		}
	}
}

// differing names a key under which two images differ, if there is one.
func differing(a, b mibi.Metadata) string {
	if !a.Date.Equal(b.Date) {
		return "date"
	}
	before, after := maps.Collect(a.All()), maps.Collect(b.All())
	for key := range b.All() {
		if before[key] != after[key] {
			return key
		}
	}
	for key := range a.All() {
		if before[key] != after[key] {
			return key
		}
	}
	return ""
}

// withPicture opens a plain picture for do.
func withPicture(path string, do func(*mibitiff.Picture) error) error {
	disk, err := os.Open(path)
	if err != nil {
		return err
	}
	info, err := disk.Stat()
	if err == nil {
		var picture *mibitiff.Picture
		if picture, err = mibitiff.OpenPicture(disk, info.Size()); err == nil {
			err = do(picture)
		}
		if err != nil {
			err = fmt.Errorf("%s: %w", path, err)
		}
	}
	return errors.Join(err, disk.Close())
}

// read decodes the picture.
func (p *joinPicture) read(ctx context.Context) (plane mibitiff.Plane, err error) {
	if p.page < 0 {
		err = withPicture(p.path, func(picture *mibitiff.Picture) (err error) {
			plane, err = picture.Read(ctx)
			return err
		})
		return plane, err
	}
	file, err := mibitiff.OpenFile(p.path)
	if err != nil {
		return plane, err
	}
	if plane, err = file.ReadPlane(ctx, p.page); err != nil {
		err = fmt.Errorf("%s: %w", p.path, err)
	}
	return plane, errors.Join(err, file.Close())
}
