package api

import (
	"errors"
	"io"
	"net/http"
	"time"
)

// A body may be slow, but not without end: it has slowFor times as long as it
// may stand still, and after that as long as its bytes take at slowest.
const (
	slowFor = 10
	slowest = 1 << 10 // bytes a second
)

// movingBody moves the connection's read deadline with every read: a slow
// upload that goes on may take hours, one that stands still, or that comes
// byte by byte only to keep the connection, is ended.
type movingBody struct {
	io.ReadCloser
	idle    time.Duration
	control *http.ResponseController
	begun   time.Time
	read    int64
}

func (m *movingBody) Read(p []byte) (int, error) {
	// A connection without deadlines has none to move.
	_ = m.control.SetReadDeadline(m.deadline(time.Now()))
	n, err := m.ReadCloser.Read(p)
	m.read += int64(n)
	if errors.Is(err, io.EOF) {
		// From here on the server watches the connection for the client's
		// leaving; a deadline would look like that. After another error it
		// stays: the server would wait for the rest before it answers.
		_ = m.control.SetReadDeadline(time.Time{})
	} else if err != nil {
		err = &bodyError{err}
	}
	return n, err
}

// bodyError is an error of the request's own bytes: whatever it is, it is not
// the server's.
type bodyError struct{ error }

func (e *bodyError) Unwrap() error { return e.error }

// deadline is until when the next piece has to be there.
func (m *movingBody) deadline(now time.Time) time.Time {
	still := now.Add(m.idle)
	slow := m.begun.Add(slowFor*m.idle + time.Duration(m.read/slowest)*time.Second)
	if slow.Before(still) {
		return slow
	}
	return still
}
