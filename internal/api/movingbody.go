package api

import (
	"errors"
	"io"
	"net/http"
	"time"
)

// movingBody moves the connection's read deadline with every read: a slow
// upload that goes on may take hours, one that stands still is ended.
type movingBody struct {
	io.ReadCloser
	idle    time.Duration
	control *http.ResponseController
}

func (m *movingBody) Read(p []byte) (int, error) {
	// A connection without deadlines has none to move.
	_ = m.control.SetReadDeadline(time.Now().Add(m.idle))
	n, err := m.ReadCloser.Read(p)
	if errors.Is(err, io.EOF) {
		// From here on the server watches the connection for the client's
		// leaving; a deadline would look like that. After another error it
		// stays: the server would wait for the rest before it answers.
		_ = m.control.SetReadDeadline(time.Time{})
	}
	return n, err
}
