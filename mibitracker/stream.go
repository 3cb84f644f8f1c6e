package mibitracker

import (
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"hash"
	"io"
	"sync"
)

// Stream is a file that is being downloaded, from its beginning to its end. A
// download that breaks off is continued where it broke, with a new signed URL
// if the old one has expired; Read then only takes longer. It gives up after
// as many repetitions without a new byte as the client's retries allow.
//
// A stream that ends with io.EOF is whole: it has Size bytes, and where the
// storage names a digest (Repr-Digest, an ETag that is a SHA-256, or Google's
// x-goog-hash) it has that digest. Otherwise Read ends with a *BrokenError,
// with ErrChanged if the file was replaced meanwhile, or with ErrCorrupt. Where
// an answer names neither and ends with its connection, as in HTTP/1.0, the
// storage is asked whether there is more; one that serves no ranges cannot be,
// and its word is taken.
//
// Read is for one goroutine; Close may come from another at any moment.
type Stream struct {
	// Size is in bytes; -1 where the storage does not say.
	Size int64
	// ContentType and ETag are the storage's; both may be empty.
	ContentType, ETag string

	source *source
	mu     sync.Mutex // held by Read
	out    io.Reader  // the source, or what decompresses it
	hash   hash.Hash  // of what was read; nil where nothing is to be verified
	err    error      // how the stream ended
}

var errStreamClosed = errors.New("mibitracker: the stream is closed")

// BrokenError is a download that broke off and could not be continued.
type BrokenError struct {
	// URL is where it came from, without its signature.
	URL string
	// At is how many bytes had come; Size is how many there are, or -1.
	At, Size int64
	// Err is why it ended, and why it could not go on.
	Err error
}

// Error says how much had come, and what went wrong.
func (e *BrokenError) Error() string {
	if e.Size < 0 {
		return fmt.Sprintf("GET %s: broke off after %d bytes: %v", e.URL, e.At, e.Err)
	}
	return fmt.Sprintf("GET %s: broke off after %d of %d bytes: %v", e.URL, e.At, e.Size, e.Err)
}

// Unwrap gives the cause: a context's end, a *SilenceError, an *APIError, a
// network error; ErrNoRanges where the storage cannot continue.
func (e *BrokenError) Unwrap() error { return e.Err }

func (c *Client) openStream(ctx context.Context, sign signFunc) (*Stream, error) {
	s, err := c.openStreamAt(ctx, sign, 0, version{})
	if err != nil {
		return nil, err
	}
	if s.source.digest.sum != nil {
		s.hash = s.source.digest.make()
	}
	return s, nil
}

// openStreamAt streams from an offset if the file is still that version, and
// otherwise from the beginning: the source's at says which. It does not
// verify.
func (c *Client) openStreamAt(ctx context.Context, sign signFunc, from int64, v version) (*Stream, error) {
	src := &source{client: c, sign: sign}
	src.ctx, src.cancel = context.WithCancelCause(ctx)
	header, err := src.start(from, v)
	if err != nil {
		src.cancel(nil)
		return nil, err
	}
	s := &Stream{Size: src.seen.Size, ContentType: header.Get("Content-Type"), ETag: src.seen.ETag, source: src, out: src}
	switch src.seen.Encoding {
	case "":
	case "gzip":
		s.Size, s.out = -1, &unzipped{from: src}
	default:
		_ = s.Close()
		return nil, &UnexpectedAnswerError{Reason: fmt.Sprintf("GET %s: the storage answers in the encoding %q, which was not asked for", src.where, src.seen.Encoding)}
	}
	return s, nil
}

// Read gives the next bytes. See Stream for its errors; once one has come it
// stays.
func (s *Stream) Read(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err != nil {
		return 0, s.err
	}
	n, err := s.out.Read(p)
	if s.hash != nil {
		s.hash.Write(p[:n])
		if err == io.EOF {
			if wrong := s.source.digest.verify(s.hash); wrong != nil {
				err = fmt.Errorf("GET %s: %w", s.source.where, wrong)
			}
		}
	}
	s.err = err
	return n, err
}

// Close ends the download, also one that Read waits for in another goroutine.
func (s *Stream) Close() error {
	s.source.cancel(errStreamClosed)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err == nil {
		s.err = errStreamClosed
	}
	return s.source.close()
}

// unzipped undoes a compression that some proxy added without being asked.
// Its checksum is verified on the way.
type unzipped struct {
	from io.Reader
	zip  *gzip.Reader
}

func (u *unzipped) Read(p []byte) (int, error) {
	if u.zip == nil {
		zip, err := gzip.NewReader(u.from)
		if err == io.EOF {
			err = io.ErrUnexpectedEOF // not even a header
		}
		if err != nil {
			return 0, unzipError(err)
		}
		u.zip = zip
	}
	n, err := u.zip.Read(p)
	return n, unzipError(err)
}

func unzipError(err error) error {
	if err == io.EOF {
		return io.EOF
	}
	if errors.Is(err, gzip.ErrChecksum) || errors.Is(err, gzip.ErrHeader) {
		return fmt.Errorf("%w: %w", ErrCorrupt, err)
	}
	return err
}
