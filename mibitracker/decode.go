package mibitracker

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
)

func decode(resp *http.Response, out any) error { return decodeUpTo(resp, out, maxAnswer) }

func decodeUpTo(resp *http.Response, out any, most int64) error {
	defer func() { _ = resp.Body.Close() }()
	// A redirect may have led to a signed URL.
	redirected := resp.Request.Response != nil
	where := resp.Request.Method + " " + cleanURL(resp.Request.URL, redirected)
	// The first bytes tell a page of HTML from a broken answer.
	var head bytes.Buffer
	body := &boundedReader{from: resp.Body, left: most}
	dec := json.NewDecoder(io.TeeReader(body, &limitedBuffer{to: &head, left: maxSnippet}))
	var err error
	if list, ok := out.(interface{ decode(*json.Decoder) error }); ok {
		err = list.decode(dec)
	} else {
		err = dec.Decode(out)
	}
	if err == nil {
		// The connection is used again only if the end was seen, which may come
		// behind the value: a line break, the last chunk.
		leftover(resp.Body, 64, restTime)
		return nil
	}
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	var unexpected *UnexpectedAnswerError
	switch {
	case errors.Is(err, errTooLong):
		return &UnexpectedAnswerError{Reason: where + " answered more than it can: ask for pages", Err: err}
	case errors.As(err, &unexpected):
		return fmt.Errorf("%s: %w", where, err)
	case errors.As(err, &syntax):
		return &UnexpectedAnswerError{Reason: where + " answered with what is not JSON", Found: []string{snippet(head.Bytes())}, Err: errNotAJSON}
	case errors.As(err, &kind), err == io.EOF:
		return &UnexpectedAnswerError{Reason: where + " answered in another form than expected", Err: err}
	}
	return transportError(resp.Request, redirected, err)
}

// maxAnswer bounds an answer in JSON, in bytes.
const maxAnswer = 256 << 20

var errTooLong = errors.New("too long")

// boundedReader fails where io.LimitReader would end as if all had been read.
type boundedReader struct {
	from io.Reader
	left int64
}

func (b *boundedReader) Read(p []byte) (int, error) {
	if b.left <= 0 {
		return 0, errTooLong
	}
	n, err := b.from.Read(p[:min(int64(len(p)), b.left)])
	b.left -= int64(n)
	return n, err
}

type limitedBuffer struct {
	to   *bytes.Buffer
	left int
}

func (l *limitedBuffer) Write(p []byte) (int, error) {
	n := min(len(p), l.left)
	l.to.Write(p[:n])
	l.left -= n
	return len(p), nil
}
