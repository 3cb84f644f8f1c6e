package mibitracker

import (
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strings"
	"sync"
)

const (
	// Requests for several ranges are kept to what servers take: of a header
	// line's length, and of a number of ranges, for some allow few.
	maxRangesText = 6000
	maxRanges     = 100
	// rangeSlack is by how much an answer of several ranges may exceed them: a
	// server may fill the gaps between near ones.
	rangeSlack = 64 << 10
	// requestGap is how far apart two places may lie that one request of a
	// single range fetches: what lies between costs less than a request.
	requestGap = 512
)

// errOneByOne is said of an answer to several ranges that is none. errOneRange
// is, besides, said of the storage: it answers one range a request.
var (
	errOneByOne = errors.New("several ranges are not answered")
	errOneRange = fmt.Errorf("the storage serves one range a request: %w", errOneByOne)
)

// gather fetches places, in as few requests as the storage lets it, and keeps
// them. Places that the file does not have are passed over.
func (f *RemoteFile) gather(places []span) error {
	// The first request tells the file's size and version.
	if host := f.host(); !f.client.single.has(host) {
		err := f.gatherParts(places)
		if err != nil && !errors.Is(err, errOneByOne) {
			return err
		}
		if errors.Is(err, errOneRange) {
			f.client.log.DebugContext(f.ctx, "asking for ranges one by one from now on", "url", f.where(), "because", err)
			f.client.single.add(host)
		}
	}
	if !f.known() {
		// Places begin with the header, unless they are wrong.
		head := int64(firstRead)
		if places[0].from == 0 {
			head = min(max(places[0].to, leastRead), mostRead)
		}
		buf := make([]byte, head)
		n, err := f.first(buf)
		if err != nil {
			return err
		}
		f.cache.add(0, buf[:n], true)
	}
	return f.gatherSingly(places)
}

// gatherParts asks for places by requests of several ranges.
func (f *RemoteFile) gatherParts(places []span) error {
	if !f.known() {
		first := batches(places)[0]
		if err := f.parts(first); err != nil {
			return err
		}
		if !f.known() {
			return errOneRange
		}
		places = f.unknown(inside(places, f.seen.Size))
	}
	var mu sync.Mutex
	var failed error
	parallel(batches(places), func(batch []span) {
		if err := f.parts(batch); err != nil {
			mu.Lock()
			defer mu.Unlock()
			failed = err
		}
	})
	return failed
}

// gatherSingly asks for what is missing of places by a request for each. What
// cannot be had is missed by whoever reads it.
func (f *RemoteFile) gatherSingly(places []span) error {
	missing := merged(f.unknown(inside(places, f.seen.Size)), requestGap)
	var mu sync.Mutex
	var changed error
	parallel(missing, func(s span) {
		data := make([]byte, s.length())
		err := f.fetch(data, s.from)
		mu.Lock()
		defer mu.Unlock()
		switch {
		case err == nil:
			f.keep(s.from, data)
		case errors.Is(err, ErrChanged):
			changed = err
		}
	})
	return changed
}

func (f *RemoteFile) unknown(places []span) []span {
	f.mu.Lock()
	defer f.mu.Unlock()
	var out []span
	for _, s := range places {
		out = append(out, f.cache.missing(s)...)
	}
	return out
}

func (f *RemoteFile) keep(off int64, data []byte) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.cache.add(off, data, true)
}

// batches cuts places into what one request may ask for.
func batches(places []span) [][]span {
	var out [][]span
	begin, text := 0, 0
	for i, s := range places {
		n := len(rangeText(s)) + 1
		if i > begin && (text+n > maxRangesText || i-begin == maxRanges) {
			out, begin, text = append(out, places[begin:i]), i, 0
		}
		text += n
	}
	if begin < len(places) {
		out = append(out, places[begin:])
	}
	return out
}

func rangeText(s span) string { return fmt.Sprintf("%d-%d", s.from, s.to-1) }

// parts fetches places by one request, and by another for the rest of an
// answer that breaks off.
func (f *RemoteFile) parts(places []span) error {
	fruitless := 0
	for {
		missing := f.unknown(places)
		err := f.partsOnce(missing)
		var broken brokenOff
		if !errors.As(err, &broken) {
			return err
		}
		if total(f.unknown(places)) < total(missing) {
			fruitless = 0
		}
		if f.ctx.Err() != nil || fruitless >= f.client.retry.retries {
			return f.broken(missing[0].from, broken.error)
		}
		wait := f.client.retry.backoff(fruitless)
		fruitless++
		f.client.log.WarnContext(f.ctx, "continuing ranges of a file", "url", f.where(), "because", broken.error, "wait", wait)
		if err := pause(f.ctx, wait); err != nil {
			return f.broken(missing[0].from, err)
		}
	}
}

func (f *RemoteFile) partsOnce(places []span) error {
	if len(places) == 0 {
		return nil
	}
	texts := make([]string, len(places))
	for i, s := range places {
		texts[i] = rangeText(s)
	}
	resp, err := f.request(strings.Join(texts, ","))
	var refused *APIError
	if errors.As(err, &refused) {
		switch refused.Status {
		case http.StatusBadRequest, http.StatusRequestedRangeNotSatisfiable, http.StatusNotImplemented:
			return fmt.Errorf("%w: %d", errOneByOne, refused.Status)
		}
	}
	if err != nil {
		return err
	}
	// Closing ends an answer of the whole file, too.
	defer func() { _ = resp.Body.Close() }()
	switch {
	case resp.StatusCode != http.StatusPartialContent && f.known():
		return fmt.Errorf("%w: %s", errOneByOne, resp.Status) // it may have changed
	case resp.StatusCode != http.StatusPartialContent:
		return fmt.Errorf("%w: %s", errOneRange, resp.Status)
	}
	limit := total(places) + rangeSlack
	kind, params, err := mime.ParseMediaType(resp.Header.Get("Content-Type"))
	if err == nil && kind == "multipart/byteranges" {
		return f.takeParts(resp, newPartReader(resp.Body, params["boundary"], limit), len(places))
	}
	// One range: of one place, or of what the server made of several.
	s, size, ok := parseContentRange(resp.Header.Get("Content-Range"))
	if !ok || s.length() > limit {
		return fmt.Errorf("%w: it gives %q", errOneRange, resp.Header.Get("Content-Range"))
	}
	if err := f.identify(resp, size); err != nil {
		return err
	}
	data := make([]byte, s.length())
	n, err := io.ReadFull(resp.Body, data)
	f.keep(s.from, data[:n])
	if err != nil {
		return brokenOff{unexpectedEnd(err)}
	}
	if left := f.unknown(inside(places, size)); len(places) > 1 && len(left) > 0 {
		return fmt.Errorf("%w: it gives %q", errOneRange, resp.Header.Get("Content-Range"))
	}
	return nil
}

// takeParts keeps the parts of an answer, of which there are at most as many as
// were asked for.
func (f *RemoteFile) takeParts(resp *http.Response, parts *partReader, most int) error {
	for {
		s, size, data, err := parts.next()
		if most--; len(data) > 0 {
			if most < 0 {
				return fmt.Errorf("%w: more parts than ranges", errOneRange)
			}
			if err := f.identify(resp, size); err != nil {
				return err
			}
			f.keep(s.from, data)
		}
		switch {
		case err == io.EOF:
			// Reading on to the end lets the connection be used again.
			_, _ = io.CopyN(io.Discard, parts.r, maxPartLine)
			return nil
		case errors.Is(err, errParts):
			return fmt.Errorf("%w: %w", errOneRange, err)
		case err != nil:
			return brokenOff{err}
		}
	}
}

func (f *RemoteFile) host() string {
	u, _, _ := strings.Cut(strings.TrimPrefix(strings.TrimPrefix(f.signed(), "https://"), "http://"), "/")
	return u
}

// hosts is a set of hosts, safe for concurrent use.
type hosts struct {
	mu    sync.Mutex
	names map[string]bool
}

func (h *hosts) has(name string) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.names[name]
}

func (h *hosts) add(name string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.names == nil {
		h.names = make(map[string]bool)
	}
	h.names[name] = true
}
