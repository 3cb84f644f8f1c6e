package server

import (
	"bufio"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"testing"
	"testing/synctest"
	"time"
)

// oneConn is a listener with one connection, in memory.
type oneConn chan net.Conn

func (o oneConn) Accept() (net.Conn, error) {
	conn, ok := <-o
	if !ok {
		return nil, net.ErrClosed
	}
	return conn, nil
}

func (o oneConn) Close() error {
	close(o)
	return nil
}

func (o oneConn) Addr() net.Addr { return &net.TCPAddr{} }

// transferred asks one handler behind the server's own middleware, over a
// connection without buffers, in a bubble of time.
func transferred(t *testing.T, idle time.Duration, h http.HandlerFunc) net.Conn {
	t.Helper()
	s := &server{Config: Config{Idle: idle, Logger: slog.New(slog.DiscardHandler)}, handler: h}
	near, far := net.Pipe()
	listener := make(oneConn, 1)
	listener <- far
	srv := &http.Server{Handler: s.middleware(h)}
	served := make(chan error, 1)
	go func() { served <- srv.Serve(listener) }()
	t.Cleanup(func() {
		if err := errors.Join(near.Close(), srv.Close()); err != nil {
			t.Error(err)
		}
		if err := <-served; !errors.Is(err, http.ErrServerClosed) {
			t.Error(err)
		}
	})
	if _, err := io.WriteString(near, "GET / HTTP/1.1\r\nHost: x\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	return near
}

// Whoever asks for much and reads nothing is cut off.
func TestAnswerThatStandsStill(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const idle = time.Minute
		ended := make(chan error, 1)
		began := time.Now()
		transferred(t, idle, func(w http.ResponseWriter, _ *http.Request) {
			piece := make([]byte, 8<<20)
			for {
				if _, err := w.Write(piece); err != nil {
					ended <- err
					return
				}
			}
		})
		if err := <-ended; !errors.Is(err, os.ErrDeadlineExceeded) || time.Since(began) != idle {
			t.Errorf("ended with %v after %v", err, time.Since(began))
		}
	})
}

// A transfer that moves may take many times the idle time.
func TestAnswerThatIsSlow(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const idle, pieces = time.Minute, 10
		began := time.Now()
		conn := transferred(t, idle, func(w http.ResponseWriter, _ *http.Request) {
			for range pieces {
				time.Sleep(idle - time.Second)
				if _, err := w.Write([]byte("x")); err != nil {
					t.Error(err)
				}
				if err := http.NewResponseController(w).Flush(); err != nil {
					t.Error(err)
				}
			}
		})
		res, err := http.ReadResponse(bufio.NewReader(conn), nil)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(res.Body)
		if err := errors.Join(err, res.Body.Close()); err != nil || len(body) != pieces {
			t.Errorf("%d bytes, %v", len(body), err)
		}
		if took := time.Since(began); took != pieces*(idle-time.Second) {
			t.Errorf("it took %v", took)
		}
	})
}
