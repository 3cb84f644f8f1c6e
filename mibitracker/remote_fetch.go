package mibitracker

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

// first reads the file's beginning into p, which tells its size and version.
// It gives what there was.
func (f *RemoteFile) first(p []byte) (int, error) {
	n, err := f.once(p, 0, nil)
	var refused *APIError
	if errors.As(err, &refused) && refused.Status == http.StatusRequestedRangeNotSatisfiable {
		f.seen = version{}
		return 0, nil
	}
	if !f.known() {
		return 0, err
	}
	if p = p[:min(int64(len(p)), f.seen.Size)]; err != nil {
		err = f.goOn(p, 0, n, err, nil)
	}
	return len(p), err
}

// fetch fills p from off by one range request, and by further ones where an
// answer breaks off. All of it must lie in the file. came is told of the pieces
// as they come, in order; nil for nobody.
func (f *RemoteFile) fetch(p []byte, off int64, came func([]byte)) error {
	n, err := f.once(p, off, came)
	if err != nil {
		return f.goOn(p, off, n, err, came)
	}
	return nil
}

// brokenOff is an answer that ended too early: it can be continued.
type brokenOff struct{ error }

func (b brokenOff) Unwrap() error { return b.error }

// goOn fetches the rest of p after an answer broke off behind its first n
// bytes. As long as something comes, it does not give up.
func (f *RemoteFile) goOn(p []byte, off int64, n int, err error, came func([]byte)) error {
	fruitless := 0
	for {
		var broken brokenOff
		if !errors.As(err, &broken) {
			return err
		}
		at := off + int64(n)
		if ended := f.ctx.Err(); ended != nil {
			return f.broken(at, context.Cause(f.ctx))
		}
		if fruitless >= f.client.retry.retries {
			return f.broken(at, broken.error)
		}
		wait := f.client.retry.backoff(fruitless)
		fruitless++
		f.client.log.WarnContext(f.ctx, "continuing a range of a file", "url", f.where(), "at", at, "end", off+int64(len(p)),
			"because", broken.error, "attempt", fruitless, "wait", wait)
		if pause(f.ctx, wait) != nil {
			return f.broken(at, context.Cause(f.ctx))
		}
		var more int
		if more, err = f.once(p[n:], at, came); more > 0 {
			n, fruitless = n+more, 0
		}
		if err == nil {
			return nil
		}
	}
}

func (f *RemoteFile) broken(at int64, err error) error {
	return &BrokenError{URL: f.where(), At: at, Size: f.seen.Size, Err: err}
}

// once fills p by one request, and gives how much of it came. Only of a file
// whose size is not known yet may an answer be shorter.
func (f *RemoteFile) once(p []byte, off int64, came func([]byte)) (int, error) {
	resp, err := f.request(fmt.Sprintf("%d-%d", off, off+int64(len(p))-1))
	var refused *APIError
	if f.known() && errors.As(err, &refused) && refused.Status == http.StatusRequestedRangeNotSatisfiable {
		return 0, fmt.Errorf("%s: %w since it was opened: it ends before byte %d", refused.URL, ErrChanged, off)
	}
	if err != nil {
		return 0, err
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode != http.StatusPartialContent {
		if f.known() && !f.seen.same(versionOf(resp.Header, resp.ContentLength)) {
			return 0, f.changed(resp)
		}
		return 0, fmt.Errorf("%s: %w (status %d): read it as a whole", cleanURL(resp.Request.URL, true), ErrNoRanges, resp.StatusCode)
	}
	header := resp.Header.Get("Content-Range")
	s, size, ok := parseContentRange(header)
	if !ok || s.from != off || s.length() > int64(len(p)) || s.length() < int64(len(p)) && s.to != size {
		return 0, f.unasked(resp, fmt.Sprintf("asked for %d bytes at %d, the storage answers %q", len(p), off, header))
	}
	if err := f.identify(resp, size); err != nil {
		return 0, err
	}
	p = p[:s.length()]
	if length := resp.ContentLength; length >= 0 && length != s.length() {
		return 0, f.unasked(resp, fmt.Sprintf("%q comes with %d bytes", header, length))
	}
	n, err := readTelling(resp.Body, p, came)
	if err != nil {
		return n, brokenOff{fmt.Errorf("%q broke off after %d of %d bytes: %w", header, n, len(p), unexpectedEnd(err))}
	}
	// Reading on to the end lets the connection be used again.
	var one [1]byte
	if more, _ := io.ReadFull(resp.Body, one[:]); more > 0 {
		return 0, f.unasked(resp, fmt.Sprintf("%q comes with more than %d bytes", header, len(p)))
	}
	return n, nil
}

// tellBytes is the most that is told of at once.
const tellBytes = 64 << 10

// readTelling is io.ReadFull, and tells of the pieces as they come.
func readTelling(r io.Reader, p []byte, came func([]byte)) (int, error) {
	if came == nil {
		return io.ReadFull(r, p)
	}
	n := 0
	for n < len(p) {
		more, err := r.Read(p[n:min(n+tellBytes, len(p))])
		if more > 0 {
			came(p[n : n+more])
			n += more
		}
		if err != nil && n < len(p) {
			return n, unexpectedEnd(err)
		}
	}
	return n, nil
}

func unexpectedEnd(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}

func (f *RemoteFile) unasked(resp *http.Response, why string) error {
	return &UnexpectedAnswerError{Reason: cleanURL(resp.Request.URL, true) + ": " + why}
}

// parseContentRange reads "bytes FROM-TO/SIZE", where all three are known.
func parseContentRange(s string) (span, int64, bool) {
	rest, ok := strings.CutPrefix(s, "bytes ")
	places, total, ok2 := strings.Cut(rest, "/")
	first, last, ok3 := strings.Cut(places, "-")
	from, err := strconv.ParseUint(first, 10, 62)
	to, err2 := strconv.ParseUint(last, 10, 62)
	size, err3 := strconv.ParseUint(total, 10, 62)
	if !ok || !ok2 || !ok3 || errors.Join(err, err2, err3) != nil || from > to || to >= size {
		return span{}, 0, false
	}
	return span{int64(from), int64(to) + 1}, int64(size), true
}

// identify takes the version that an answer is of, or compares it with the
// version that was opened.
func (f *RemoteFile) identify(resp *http.Response, size int64) error {
	now := versionOf(resp.Header, size)
	if !f.known() {
		f.seen = now
		return nil
	}
	if now.Modified == "" {
		now.Modified = f.seen.Modified // a 206 need not repeat it
	}
	if !f.seen.same(now) {
		return f.changed(resp)
	}
	return nil
}

func (f *RemoteFile) changed(resp *http.Response) error {
	return fmt.Errorf("%s: %w since it was opened", cleanURL(resp.Request.URL, true), ErrChanged)
}

// request asks for ranges, and again with a new signature where the storage
// does not take the old one.
func (f *RemoteFile) request(ranges string) (*http.Response, error) {
	header := http.Header{"Range": {"bytes=" + ranges}}
	if f.seen.Validator != "" {
		header.Set("If-Range", f.seen.Validator)
	}
	signed := f.signed()
	resp, err := f.client.sendSigned(f.ctx, http.MethodGet, signed, header, nil)
	if f.sign == nil || !errors.Is(err, ErrLinkRefused) {
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

// where is the present URL without its signature.
func (f *RemoteFile) where() string {
	u, err := url.Parse(f.signed())
	if err != nil {
		return "a signed URL"
	}
	return cleanURL(u, true)
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
