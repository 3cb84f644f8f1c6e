package mibitiff

import (
	"context"
	"crypto/rand"
	"errors"
	"os"
	"path/filepath"
	"sync"

	"github.com/openmibi/openmibi/mibi"
)

// FolderExtension follows the name of a channel's file in a folder.
const FolderExtension = ".tiff"

// WriteFolder writes each channel as a MIBItiff of its own, of one page, into a
// folder, which is made if it is not there. The files are named after the
// channels by [mibi.FileNames], with [FolderExtension]; source is as in
// [WriteFrom].
//
// All files are complete and on the disk under temporary names before the first
// gets its own, replacing one that was there: after an error the folder is as it
// was, unless it comes while they are renamed.
//
// Errors are those of [NewWriter] and [Writer.WriteChannel], and what source,
// ctx and the file system return. SED and optical image have no place in such a
// folder and are refused.
func WriteFolder(ctx context.Context, dir string, meta mibi.Metadata, channels []mibi.Channel, source Source, opts ...WriterOption) error {
	pages, err := newPageMaker(meta, opts)
	if err != nil {
		return err
	}
	if pages.options.sed != nil || pages.options.optical != nil {
		return errors.New("a folder of channels has no place for SED or optical image")
	}
	if len(channels) == 0 {
		return errors.New("a folder of channels needs at least one channel")
	}
	if err := pages.checkChannels(channels); err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o777); err != nil { //nolint:gosec // the user's umask decides who may read it
		return err
	}
	f := folderWriter{dir: dir, pages: pages, channels: channels, source: source}
	err = inOrder(ctx, len(channels), &pages.options, f.write, f.like.admit)
	if err == nil {
		err = ctx.Err()
	}
	if err == nil {
		err = f.publish()
	}
	if err != nil {
		f.remove()
	}
	return err
}

// folderWriter writes the channels of one image to a folder.
type folderWriter struct {
	dir      string
	pages    *pageMaker
	channels []mibi.Channel
	source   Source
	like     likeness

	mu    sync.Mutex
	temps map[int]string // the complete files that wait for their names, by channel
}

// write writes the file of channel i under a temporary name.
func (f *folderWriter) write(ctx context.Context, p *packer, i int) (madePage, error) {
	page, err := f.pages.fromSource(ctx, p, f.channels[i], f.source, i)
	if err != nil {
		return page, err
	}
	temp := filepath.Join(f.dir, ".mibi-"+rand.Text()+".part")
	if err := f.writeFile(temp, page); err != nil {
		_ = os.Remove(temp)
		return page, channelError(f.channels[i], err)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.temps == nil {
		f.temps = map[int]string{}
	}
	f.temps[i] = temp
	return page, nil
}

func (f *folderWriter) writeFile(name string, page madePage) error {
	file, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666) //nolint:gosec // the user's umask decides who may read it
	if err != nil {
		return err
	}
	w := newWriter(file, f.pages)
	if f.pages.options.bigTIFF == nil {
		w.big = f.pages.mayPassClassic(page, []mibi.Channel{page.like.channel})
	}
	err = w.put(page)
	if err == nil {
		err = w.tiff.Close()
	}
	if err == nil {
		err = file.Sync()
	}
	return errors.Join(err, file.Close())
}

// publish gives the files their names.
func (f *folderWriter) publish() error {
	labels := make([]string, len(f.channels))
	for i, c := range f.channels {
		labels[i] = c.Label()
	}
	for i, name := range mibi.FileNames(labels) {
		if err := os.Rename(f.temps[i], filepath.Join(f.dir, name+FolderExtension)); err != nil {
			return channelError(f.channels[i], err)
		}
		delete(f.temps, i)
	}
	return nil
}

// remove leaves nothing behind of files that did not get their names.
func (f *folderWriter) remove() {
	for _, temp := range f.temps {
		_ = os.Remove(temp)
	}
}
