package mibitracker_test

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	"github.com/openmibi/openmibi/mibitracker"
)

// wire is a network in memory, without buffers. Over it a server and its clients
// live in a bubble of synctest, where only what they wait for takes time, however
// busy the machine is.
type wire struct {
	conns  chan net.Conn
	closed chan struct{}
	once   sync.Once
}

// newWire starts a server for a handler on a wire of its own, until the test
// ends, and gives the option with which a client reaches it.
func newWire(t *testing.T, h http.Handler) (*httptest.Server, mibitracker.Option) {
	t.Helper()
	w := &wire{conns: make(chan net.Conn), closed: make(chan struct{})}
	srv := &httptest.Server{Listener: w, Config: &http.Server{Handler: h}}
	srv.Start()
	transport := &http.Transport{DialContext: w.dial}
	t.Cleanup(func() {
		transport.CloseIdleConnections()
		srv.Close()
	})
	return srv, mibitracker.WithHTTPClient(&http.Client{Transport: transport})
}

func (w *wire) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	near, far := net.Pipe()
	select {
	case w.conns <- far:
		return near, nil
	case <-w.closed:
		return nil, net.ErrClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (w *wire) Accept() (net.Conn, error) {
	select {
	case conn := <-w.conns:
		return conn, nil
	case <-w.closed:
		return nil, net.ErrClosed
	}
}

func (w *wire) Close() error {
	w.once.Do(func() { close(w.closed) })
	return nil
}

func (w *wire) Addr() net.Addr { return &net.TCPAddr{IP: net.IPv4(192, 0, 2, 1), Port: 80} }
