package mibitracker

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
)

// A small read fetches a little more, kept for the reads that follow it: an
// index is read in many small steps. A large read fetches what it asks for.
const (
	readAhead  = 8 << 10
	maxWindows = 64
)

// RemoteFile is a file in storage that is read by ranges: an io.ReaderAt, safe
// for concurrent use. It notices when the file changes between two reads.
type RemoteFile struct {
	client *Client
	sign   signFunc
	// An io.ReaderAt has no context of its own: this one holds from opening
	// to Close.
	ctx    context.Context //nolint:containedctx // see above
	cancel context.CancelFunc

	size      int64
	validator string // a strong ETag or a date, for If-Range
	etag      string

	signing sync.Mutex // one new signature at a time

	mu      sync.Mutex
	url     string
	windows []window // most recently used last
}

type window struct {
	offset int64
	data   []byte
}

// OpenAt reads a file by parts, as they are needed. Its storage must serve
// ranges; otherwise the error is ErrNoRanges, and Open is the way. The
// context holds until the file is closed.
//
//mibi:route GET /download/
func (s *FilesService) OpenAt(ctx context.Context, path string) (*RemoteFile, error) {
	return s.client.openRemote(ctx, func(ctx context.Context) (string, error) { return s.Sign(ctx, path) })
}

func (c *Client) openRemote(ctx context.Context, sign signFunc) (*RemoteFile, error) {
	signed, err := sign(ctx)
	if err != nil {
		return nil, err
	}
	f := &RemoteFile{client: c, sign: sign, url: signed, size: -1}
	f.ctx, f.cancel = context.WithCancel(ctx)
	head := make([]byte, readAhead)
	n, err := f.fetch(head, 0)
	if err != nil {
		f.cancel()
		return nil, err
	}
	f.keep(0, head[:n])
	return f, nil
}

// Size is the file's size in bytes.
func (f *RemoteFile) Size() int64 { return f.size }

// ETag is the storage's tag of the content, as it gives it; it may be empty.
func (f *RemoteFile) ETag() string { return f.etag }

// Close ends what is being read; later reads fail.
func (f *RemoteFile) Close() error {
	f.cancel()
	return nil
}

// ReadAt reads as io.ReaderAt says. A file that was replaced since it was
// opened is ErrChanged.
func (f *RemoteFile) ReadAt(p []byte, off int64) (int, error) {
	if err := f.ctx.Err(); err != nil {
		return 0, fmt.Errorf("the remote file is closed: %w", err)
	}
	if off < 0 {
		return 0, errors.New("mibitracker: negative offset")
	}
	want := int64(len(p))
	if left := max(f.size-off, 0); want > left {
		want = left
	}
	done := 0
	for int64(done) < want {
		n, err := f.part(p[done:want], off+int64(done))
		done += n
		if err != nil {
			return done, err
		}
	}
	if done < len(p) {
		return done, io.EOF
	}
	return done, nil
}

func (f *RemoteFile) part(p []byte, off int64) (int, error) {
	if n := f.kept(p, off); n > 0 {
		return n, nil
	}
	if len(p) >= readAhead {
		return f.fetch(p, off)
	}
	buf := make([]byte, min(readAhead, f.size-off))
	n, err := f.fetch(buf, off)
	if err != nil {
		return 0, err
	}
	f.keep(off, buf[:n])
	return copy(p, buf[:n]), nil
}

func (f *RemoteFile) kept(p []byte, off int64) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	for i, w := range slices.Backward(f.windows) {
		if off >= w.offset && off < w.offset+int64(len(w.data)) {
			f.windows = append(slices.Delete(f.windows, i, i+1), w)
			return copy(p, w.data[off-w.offset:])
		}
	}
	return 0
}

func (f *RemoteFile) keep(off int64, data []byte) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.windows) == maxWindows {
		f.windows = slices.Delete(f.windows, 0, 1)
	}
	f.windows = append(f.windows, window{off, data})
}

// fetch fills p by one range request; only the first one, which does not know
// the file's size, may come back shorter.
func (f *RemoteFile) fetch(p []byte, off int64) (int, error) {
	resp, err := f.request(off, int64(len(p)))
	var refused *APIError
	if f.size < 0 && errors.As(err, &refused) && refused.Status == http.StatusRequestedRangeNotSatisfiable {
		f.size = 0
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	defer func() { _ = resp.Body.Close() }()
	where := cleanURL(resp.Request.URL, true)
	if resp.StatusCode != http.StatusPartialContent {
		if f.size >= 0 {
			return 0, fmt.Errorf("%s: %w since it was opened", where, ErrChanged)
		}
		return 0, fmt.Errorf("%s: %w (status %d): read it as a whole", where, ErrNoRanges, resp.StatusCode)
	}
	var from, to, size int64
	header := resp.Header.Get("Content-Range")
	if _, err := fmt.Sscanf(header, "bytes %d-%d/%d", &from, &to, &size); err != nil ||
		from != off || to < from || to >= size || to-from >= int64(len(p)) {
		return 0, &UnexpectedAnswerError{Reason: fmt.Sprintf("%s: asked for %d bytes at %d, the storage answers %q", where, len(p), off, header)}
	}
	etag := resp.Header.Get("ETag")
	switch {
	case f.size < 0:
		f.size, f.etag, f.validator = size, etag, etag
		if etag == "" || strings.HasPrefix(etag, "W/") {
			f.validator = resp.Header.Get("Last-Modified")
		}
	case size != f.size, etag != f.etag:
		return 0, fmt.Errorf("%s: %w since it was opened", where, ErrChanged)
	}
	n := int(to - from + 1)
	if n < len(p) && off+int64(n) < size {
		return 0, &UnexpectedAnswerError{Reason: fmt.Sprintf("%s: asked for %d bytes at %d, the storage gives %d", where, len(p), off, n)}
	}
	if read, err := io.ReadFull(resp.Body, p[:n]); err != nil {
		return 0, fmt.Errorf("%s: broke off after %d of %d bytes: %w", where, read, n, err)
	}
	return n, nil
}

func (f *RemoteFile) request(off, n int64) (*http.Response, error) {
	header := http.Header{"Range": {fmt.Sprintf("bytes=%d-%d", off, off+n-1)}}
	if f.validator != "" {
		header.Set("If-Range", f.validator)
	}
	signed := f.signed()
	resp, err := f.client.sendSigned(f.ctx, http.MethodGet, signed, header, nil)
	if !signatureRefused(err) {
		return resp, err
	}
	if signed, err = f.signAgain(signed); err != nil {
		return nil, err
	}
	return f.client.sendSigned(f.ctx, http.MethodGet, signed, header, nil)
}

func (f *RemoteFile) signed() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.url
}

// signAgain asks for a new URL, unless another read has done so.
func (f *RemoteFile) signAgain(refused string) (string, error) {
	f.signing.Lock()
	defer f.signing.Unlock()
	if now := f.signed(); now != refused {
		return now, nil
	}
	signed, err := f.sign(f.ctx)
	if err != nil {
		return "", err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.url = signed
	return signed, nil
}
