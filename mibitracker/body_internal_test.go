package mibitracker

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"sync"
	"testing"
)

// HTTP/2 closes the body of a request that is answered early while it reads
// it: neither may the reading go on with the next part, nor open one again.
func TestChainClosedWhileRead(t *testing.T) {
	t.Parallel()
	from, to, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = to.Close() }()
	began := make(chan struct{})
	slow := &announcedReader{File: from, began: began}
	next := Source{Name: "next", Size: 1, Open: func() (io.ReadCloser, error) {
		t.Error("the next part was opened")
		return nil, errors.New("not again")
	}}
	body, err := MultipartBody(
		Part{Name: "a", File: &Source{Size: 9, Open: func() (io.ReadCloser, error) { return slow, nil }}},
		Part{Name: "b", File: &next},
	).Open()
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error)
	go func() {
		_, err := io.Copy(io.Discard, body)
		done <- err
	}()
	<-began
	if err := body.Close(); err != nil {
		t.Error(err)
	}
	if err := <-done; err == nil {
		t.Error("a body that was closed came to its end")
	}
	if n, err := body.Read(make([]byte, 9)); n != 0 || !errors.Is(err, fs.ErrClosed) {
		t.Errorf("after Close: %d bytes, %v", n, err)
	}
}

// announcedReader tells when it is read for the first time.
type announcedReader struct {
	*os.File
	once  sync.Once
	began chan struct{}
}

func (a *announcedReader) Read(p []byte) (int, error) {
	a.once.Do(func() { close(a.began) })
	return a.File.Read(p)
}
