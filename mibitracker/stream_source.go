package mibitracker

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
)

// source reads one file in order, as its storage sends it, and asks for the
// rest where an answer breaks off.
type source struct {
	client *Client
	sign   signFunc
	// A reader has no context of its own: this one holds from opening to Close.
	ctx    context.Context //nolint:containedctx // see above
	cancel context.CancelCauseFunc

	url    string // signed; empty when a new one is needed
	where  string // the same, to be shown
	body   io.ReadCloser
	over   error // why the body gives no more; io.EOF at the file's end
	at     int64 // the offset of the next byte
	seen   version
	ranges bool // as far as is known
	digest digest
	// unsure says that the body's end is its connection's, which may have
	// broken, and that the storage can be asked whether there is more.
	unsure bool

	// What was done since the last byte that came.
	fruitless int  // repetitions
	renewed   bool // a new signature
}

// start asks for the file from an offset on, if it is still that version, else
// from the beginning, and gives the answer's header. Of a version of which
// nothing is known, any is taken.
func (s *source) start(from int64, v version) (http.Header, error) {
	s.seen, s.at, s.ranges = v, from, true
	resp, err := s.ask()
	if from > 0 {
		var refused *APIError
		stale := errors.As(err, &refused) && (refused.Status == http.StatusRequestedRangeNotSatisfiable || refused.Status == http.StatusPreconditionFailed)
		if err == nil && resp.StatusCode == http.StatusPartialContent {
			var size int64
			if v.unknown() {
				_, size, _ = contentRange(resp.Header.Get("Content-Range"))
				v = versionOf(resp.Header, size)
				stale = v.Encoding != ""
			}
			if size, err = v.continues(resp.Header, from); err == nil && !stale {
				v.Size = max(size, v.Size)
				s.use(resp, v)
				return resp.Header, nil
			}
			_ = resp.Body.Close()
			stale = true
		}
		if stale {
			s.at, s.renewed = 0, false
			resp, err = s.ask()
		}
	}
	if err != nil {
		return nil, err
	}
	if resp.StatusCode != http.StatusOK {
		_ = resp.Body.Close()
		return nil, &UnexpectedAnswerError{Reason: fmt.Sprintf("GET %s: asked for a file, the storage answers %s", s.where, resp.Status)}
	}
	s.at = 0
	s.use(resp, versionOf(resp.Header, resp.ContentLength))
	return resp.Header, nil
}

func (s *source) use(resp *http.Response, v version) {
	s.body, s.seen, s.over = resp.Body, v, nil
	accepts := resp.Header.Get("Accept-Ranges")
	s.ranges = accepts != "none"
	s.digest = digestOf(resp.Header)
	s.unsure = v.Size < 0 && resp.ProtoMajor == 1 && len(resp.TransferEncoding) == 0 &&
		accepts == "bytes" && v.Validator != "" && s.digest.sum == nil
	s.renewed = false
}

// ask sends a request for what is missing, and once again with a new
// signature if the storage does not take the old one.
func (s *source) ask() (*http.Response, error) {
	header := http.Header{}
	if s.at > 0 {
		header.Set("Range", fmt.Sprintf("bytes=%d-", s.at))
		if s.seen.Validator != "" {
			header.Set("If-Range", s.seen.Validator)
		}
	}
	for {
		if s.url == "" {
			signed, err := s.sign(s.ctx)
			if err != nil {
				return nil, err
			}
			s.url = signed
		}
		resp, err := s.client.sendSigned(s.ctx, http.MethodGet, s.url, header, nil)
		if err == nil {
			s.where = cleanURL(resp.Request.URL, true)
			return resp, nil
		}
		// What a URL led to may be gone because it was replaced.
		gone := s.body != nil && errors.Is(err, ErrNotFound)
		if s.renewed || !gone && !errors.Is(err, ErrLinkRefused) {
			return nil, err
		}
		s.url, s.renewed = "", true
	}
}

// Read gives io.EOF only at the file's end.
func (s *source) Read(p []byte) (int, error) {
	for len(p) > 0 {
		if s.ctx.Err() != nil {
			return 0, s.broken(context.Cause(s.ctx))
		}
		if s.over == nil {
			n, err := s.body.Read(p)
			if n, s.over = s.took(n, err); n > 0 {
				s.fruitless, s.renewed = 0, false
				return n, nil
			}
			continue
		}
		var unexpected *UnexpectedAnswerError
		if s.over == io.EOF || errors.As(s.over, &unexpected) {
			return 0, s.over
		}
		if err := s.resume(s.over); err != nil {
			return 0, err
		}
	}
	return 0, nil
}

// errOnlyHungUp is an answer that ended with its connection, and did not say
// that it would.
var errOnlyHungUp = fmt.Errorf("the connection ended: %w", io.ErrUnexpectedEOF)

// took counts what came, and tells a body's end from the file's.
func (s *source) took(n int, err error) (int, error) {
	s.at += int64(n)
	switch size := s.seen.Size; {
	case size >= 0 && s.at > size:
		n -= int(s.at - size)
		s.at = size
		return n, &UnexpectedAnswerError{Reason: fmt.Sprintf("GET %s: the storage sends more than the %d bytes that it announced", s.where, size)}
	case err != nil && s.at == size:
		return n, io.EOF // whatever ended the connection, nothing is missing
	case err == io.EOF && size >= 0:
		return n, io.ErrUnexpectedEOF
	case err == io.EOF && s.unsure && s.at > 0:
		return n, errOnlyHungUp
	}
	return n, err
}

// resume asks for the rest, after a wait, until an answer comes or the
// repetitions are used up.
func (s *source) resume(cause error) error {
	retry := s.client.retry
	hungUp := errors.Is(cause, errOnlyHungUp)
	for {
		switch {
		case s.ctx.Err() != nil:
			return s.broken(context.Cause(s.ctx))
		case s.at > 0 && !s.ranges:
			return s.broken(fmt.Errorf("%w, and cannot be continued: %w", cause, ErrNoRanges))
		case s.at > 0 && s.seen.Validator == "":
			return s.broken(fmt.Errorf("%w, and cannot be continued: %w", cause, unversionedError{}))
		case s.fruitless >= retry.retries:
			return s.broken(cause)
		}
		wait := retry.backoff(s.fruitless)
		var refused *APIError
		if errors.As(cause, &refused) && refused.RetryAfter > 0 {
			if wait = refused.RetryAfter; wait > retry.longest {
				return s.broken(cause)
			}
		}
		s.fruitless++
		s.client.log.WarnContext(s.ctx, "continuing a download", "url", s.where, "at", s.at, "size", s.seen.Size,
			"because", cause, "attempt", s.fruitless, "wait", wait)
		_ = s.body.Close()
		if err := pause(s.ctx, wait); err != nil {
			return s.broken(err)
		}
		resp, err := s.ask() //nolint:bodyclose // close does it
		if err == nil {
			return s.goOn(resp)
		}
		if errors.As(err, &refused) && refused.Status == http.StatusRequestedRangeNotSatisfiable {
			if hungUp {
				s.over = io.EOF // that was all
				return nil
			}
			return s.changed("it ends before byte %d", s.at)
		}
		// The transport has repeated what it repeats.
		if s.ctx.Err() == nil && (!errors.Is(err, ErrServer) || !errors.As(err, &refused) || slices.Contains(retry.codes, refused.Status)) {
			return s.broken(err)
		}
		cause = err
	}
}

// goOn takes the answer to a repetition if it goes on with what was read.
func (s *source) goOn(resp *http.Response) error {
	wrong := func(err error) error {
		_ = resp.Body.Close()
		return err
	}
	now := versionOf(resp.Header, resp.ContentLength)
	switch {
	case s.at > 0 && resp.StatusCode == http.StatusPartialContent:
		size, err := s.seen.continues(resp.Header, s.at)
		if errors.Is(err, ErrChanged) {
			return wrong(s.changed("%s, ETag %s", resp.Header.Get("Content-Range"), now.ETag))
		}
		if err != nil {
			return wrong(s.broken(err))
		}
		if s.seen.Size < 0 {
			s.seen.Size = size
		}
	case resp.StatusCode != http.StatusOK:
		return wrong(s.broken(&UnexpectedAnswerError{Reason: fmt.Sprintf("the storage answers %s", resp.Status)}))
	case !s.seen.same(now):
		return wrong(s.changed("now it has %d bytes, ETag %s", now.Size, now.ETag))
	case s.at > 0:
		return wrong(s.broken(ErrNoRanges))
	}
	s.body, s.over = resp.Body, nil
	return nil
}

// unversionedError is an ErrNoRanges of a storage that may well have ranges:
// nobody could tell what they are of.
type unversionedError struct{}

func (unversionedError) Error() string {
	return "the storage gives nothing to tell the file's versions apart"
}

func (unversionedError) Is(target error) bool { return target == ErrNoRanges }

func (s *source) broken(err error) error {
	return &BrokenError{URL: s.where, At: s.at, Size: s.seen.Size, Err: err}
}

// changed is said of a file whose bytes were partly handed out already.
func (s *source) changed(how string, args ...any) error {
	return fmt.Errorf("GET %s: %w since its first %d of %d bytes were read: %s", s.where, ErrChanged, s.at, s.seen.Size, fmt.Sprintf(how, args...))
}

func (s *source) close() error {
	if s.body == nil {
		return nil
	}
	return s.body.Close()
}
