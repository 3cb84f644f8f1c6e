package mibitracker

import (
	"errors"
	"io"
	"io/fs"
	"testing"
)

// HTTP/2 closes the body of a request that is answered early while it reads
// it: neither may the reading go on with the next part, nor open one again.
func TestChainClosedWhileRead(t *testing.T) {
	t.Parallel()
	slow := &slowReader{began: make(chan struct{}), closed: make(chan struct{})}
	opened := 0
	first := Source{Name: "first", Open: func() (io.ReadCloser, error) {
		opened++
		return slow, nil
	}}
	next := Source{Name: "next", Size: 1, Open: func() (io.ReadCloser, error) {
		opened++
		return nil, errors.New("not now")
	}}
	body, err := MultipartBody(Part{Name: "a", File: &first}, Part{Name: "b", File: &next}).Open()
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error)
	go func() {
		_, err := io.Copy(io.Discard, body)
		done <- err
	}()
	<-slow.began
	if err := body.Close(); err != nil {
		t.Error(err)
	}
	if err := <-done; !errors.Is(err, fs.ErrClosed) {
		t.Errorf("a body that was closed ended with %v", err)
	}
	if n, err := body.Read(make([]byte, 9)); n != 0 || !errors.Is(err, fs.ErrClosed) || opened != 1 {
		t.Errorf("after Close: %d bytes, %v, %d parts opened", n, err, opened)
	}
}

// slowReader is empty, and says so once it is closed.
type slowReader struct{ began, closed chan struct{} }

func (s *slowReader) Read([]byte) (int, error) {
	close(s.began)
	<-s.closed
	return 0, io.EOF
}

func (s *slowReader) Close() error {
	close(s.closed)
	return nil
}
