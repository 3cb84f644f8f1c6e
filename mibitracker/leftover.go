package mibitracker

import (
	"bytes"
	"io"
	"net/http"
	"time"
)

// What is read besides an answer's value may take so long: the rest of it, so
// that its connection is used again, and the text of a refusal.
const (
	restTime = 2 * time.Second
	textTime = 15 * time.Second
)

// leftover reads at most that many bytes, and closes the body if they do not
// come: somebody who sends a byte now and then must not hold a call for hours.
func leftover(body io.ReadCloser, most int64, within time.Duration) []byte {
	closed := make(chan struct{})
	timer := time.AfterFunc(within, func() {
		_ = body.Close()
		close(closed)
	})
	var read bytes.Buffer
	// A body that breaks off leaves what came.
	_, _ = io.CopyN(&read, body, most)
	if !timer.Stop() {
		<-closed
	}
	return read.Bytes()
}

// drop closes an answer of which nothing is wanted. A short body is read to its
// end first, which lets the connection be used again.
func drop(resp *http.Response) error {
	leftover(resp.Body, 16<<10, restTime)
	return resp.Body.Close()
}
