package mibitracker

import (
	"context"
	"sync"
)

// RemoteFile is a file in storage that is read by ranges: an io.ReaderAt, safe
// for concurrent use. It notices when the file changes between two reads, by
// the ETag and the size that its storage gives, or the date where there is no
// ETag; a storage that gives neither tells of no change that keeps the size.
//
// Small reads fetch a little more than they ask for, and what they fetched is
// kept, so that an index that is read in many steps costs few requests. Where
// the server hands out a TIFF's index with the signed URL, it costs none. A
// large read moves what it asks for and what is not known yet. Two reads of the
// same bytes at the same time fetch them once.
type RemoteFile struct {
	client *Client
	sign   signFunc // nil where there is the one URL
	done   func()   // after Close; nil for nothing
	// An io.ReaderAt has no context of its own: this one holds from opening
	// to Close.
	ctx    context.Context //nolint:containedctx // see above
	cancel context.CancelFunc

	seen version // its size is -1 before it is known

	signing sync.Mutex // one new signature at a time

	mu      sync.Mutex // of what follows
	url     string     // signed
	cache   cache
	pattern pattern
	flights []*flight
}

// OpenAt reads a file by parts, as they are needed. Its storage must serve
// ranges; otherwise the error, here or of the first read, is ErrNoRanges, and
// Open is the way. The context holds until the file is closed.
//
//mibi:route GET /download/
func (s *FilesService) OpenAt(ctx context.Context, path string) (*RemoteFile, error) {
	signed, known, err := s.signIndexed(ctx, path)
	if err != nil {
		return nil, err
	}
	f := &RemoteFile{client: s.client, sign: s.signer(path), url: signed, seen: version{Size: -1}}
	f.ctx, f.cancel = context.WithCancel(ctx)
	if err := f.begin(known); err != nil {
		f.cancel()
		return nil, err
	}
	return f, nil
}

// begin takes over what the server says of the file, or reads its beginning.
func (f *RemoteFile) begin(h *hint) error {
	if h != nil {
		f.seen = h.seen
		for _, p := range h.pieces {
			f.cache.add(p.offset, p.data, true)
		}
		return nil
	}
	head := make([]byte, firstRead)
	n, err := f.first(head)
	if err != nil {
		return err
	}
	f.cache.add(0, head[:n], false)
	return nil
}

// known tells whether an answer has said the file's size.
func (f *RemoteFile) known() bool { return f.seen.Size >= 0 }

// Size is the file's size in bytes.
func (f *RemoteFile) Size() int64 { return f.seen.Size }

// ETag is the storage's tag of the content, as it gives it; it may be empty.
func (f *RemoteFile) ETag() string { return f.seen.ETag }

// Close ends what is being read; later reads fail.
func (f *RemoteFile) Close() error {
	f.cancel()
	if f.done != nil {
		f.done()
	}
	return nil
}
