package mibitracker

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// version is what a storage says of a content: enough to tell it from the one
// that replaces it.
type version struct {
	ETag     string `json:"etag,omitempty"`
	Modified string `json:"modified,omitempty"` // Last-Modified
	// Validator is a strong ETag, else a date: what If-Range takes. Empty
	// where nothing vouches for the bytes.
	Validator string `json:"validator"`
	Size      int64  `json:"size"` // as sent; -1 where it is unknown
	Encoding  string `json:"-"`    // Content-Encoding, but for identity
}

func versionOf(h http.Header, size int64) version {
	v := version{ETag: h.Get("ETag"), Modified: h.Get("Last-Modified"), Size: size}
	if v.Encoding = strings.ToLower(h.Get("Content-Encoding")); v.Encoding == "identity" {
		v.Encoding = ""
	}
	if v.Encoding == "x-gzip" {
		v.Encoding = "gzip"
	}
	switch {
	case v.ETag != "" && !strings.HasPrefix(v.ETag, "W/"):
		v.Validator = v.ETag
	case v.Encoding == "" && settled(v.Modified, h.Get("Date")):
		v.Validator = v.Modified
	}
	return v
}

// unknown tells that nothing is known of a version.
func (v version) unknown() bool { return v.ETag == "" && v.Modified == "" && v.Validator == "" }

// settled tells a date of modification that a later change would change: one
// that was over, by the same clock, when the answer was made (RFC 9110,
// 8.8.2.2).
func settled(modified, date string) bool {
	then, err := http.ParseTime(modified)
	if err != nil {
		return false
	}
	now, err := http.ParseTime(date)
	return err == nil && now.Sub(then) >= time.Second
}

// same tells whether two answers may be of one content.
func (v version) same(o version) bool {
	if v.Size >= 0 && o.Size >= 0 && v.Size != o.Size || v.ETag != o.ETag || v.Encoding != o.Encoding {
		return false
	}
	// Copies of one content may have been written at different times.
	return v.ETag != "" || v.Modified == o.Modified
}

// continues checks that a 206 goes on with this version at an offset, and
// gives the whole content's size, or -1.
func (v version) continues(h http.Header, at int64) (int64, error) {
	from, size, err := contentRange(h.Get("Content-Range"))
	if err != nil || from != at {
		return 0, &UnexpectedAnswerError{Reason: fmt.Sprintf("asked for the bytes from %d on, the storage answers %q", at, h.Get("Content-Range"))}
	}
	part := versionOf(h, size)
	if part.Modified == "" {
		part.Modified = v.Modified // a 206 need not repeat it
	}
	if !v.same(part) {
		return 0, ErrChanged
	}
	return size, nil
}

// contentRange reads "bytes FROM-TO/SIZE"; a size of "*" is -1.
func contentRange(s string) (from, size int64, err error) {
	bad := fmt.Errorf("no range: %q", s)
	rest, ok := strings.CutPrefix(s, "bytes ")
	span, total, ok2 := strings.Cut(rest, "/")
	first, last, ok3 := strings.Cut(span, "-")
	if !ok || !ok2 || !ok3 {
		return 0, 0, bad
	}
	from, err = strconv.ParseInt(first, 10, 64)
	to, err2 := strconv.ParseInt(last, 10, 64)
	size = -1
	var err3 error
	if total != "*" {
		size, err3 = strconv.ParseInt(total, 10, 64)
	}
	if err != nil || err2 != nil || err3 != nil || from < 0 || to < from || size != -1 && to >= size {
		return 0, 0, bad
	}
	return from, size, nil
}
