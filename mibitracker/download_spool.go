package mibitracker

import (
	"context"
	"fmt"
	"io"
)

// Spool brings a file to the disk for as long as use works on it: it comes as
// by Download, under the same hidden name beside dest, is verified in the same
// way, is handed to use as a whole, and is removed when use has returned nil.
// dest, the name of a file, is neither made nor touched.
//
// So a large file can be taken apart in little memory, and what a process that
// is killed has moved is not moved again: the next Spool to dest, or Download,
// goes on where that one was. All that came is believed, as with WithVerify:
// use must find out whether the bytes are sound where no hash does.
//
// An error of use that wraps ErrCorrupt refuses the file: it is removed, and
// asked for once more where no hash has vouched for what came, so that use may
// be called twice. With another error of use the file is kept for the next
// time. Other errors are Download's.
//
//mibi:route GET /download/
func (s *FilesService) Spool(ctx context.Context, path, dest string, use func(ctx context.Context, r io.ReaderAt, size int64) error, opts ...DownloadOption) (*Downloaded, error) {
	target, err := destination(path, dest)
	if err != nil {
		return nil, fmt.Errorf("downloading %q beside %s: %w", path, dest, err)
	}
	d, err := s.download(path, target, opts)
	if err != nil {
		return nil, err
	}
	d.judge.use = use
	if err := d.run(ctx); err != nil {
		return nil, fmt.Errorf("downloading %q beside %s: %w%s", path, target, err, d.part.leave(err))
	}
	d.part.remove()
	return &d.done, nil
}
