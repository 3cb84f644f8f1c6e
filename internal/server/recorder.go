package server

import (
	"net/http"
	"time"
)

// writePiece is how many bytes have to get through within the idle time.
const writePiece = 64 << 10

// recorder remembers an answer's status and size, and moves the connection's
// write deadline with the answer's progress.
type recorder struct {
	http.ResponseWriter

	control *http.ResponseController
	idle    time.Duration
	status  int
	bytes   int64
}

// WriteHeader implements [http.ResponseWriter].
func (r *recorder) WriteHeader(status int) {
	if r.status == 0 && status >= 200 {
		r.status = status
	}
	r.ResponseWriter.WriteHeader(status)
}

// Write implements [http.ResponseWriter]. It writes in pieces: the deadline is
// for each of them, so that it is right for an answer of any size.
func (r *recorder) Write(p []byte) (n int, err error) {
	if r.status == 0 {
		r.status = http.StatusOK
	}
	for first := true; first || n < len(p); first = false {
		// A connection without deadlines has none to move.
		_ = r.control.SetWriteDeadline(time.Now().Add(r.idle))
		m, err := r.ResponseWriter.Write(p[n:min(n+writePiece, len(p))])
		n += m
		r.bytes += int64(m)
		if err != nil {
			return n, err
		}
	}
	return n, nil
}

// Unwrap lets [http.ResponseController] through.
func (r *recorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }
