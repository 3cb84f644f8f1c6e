package server

import (
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"testing"
	"time"
)

// newTransfer serves one handler behind the server's own middleware.
func newTransfer(t *testing.T, idle time.Duration, h http.HandlerFunc) *httptest.Server {
	t.Helper()
	s := &server{Config: Config{Idle: idle, Logger: slog.New(slog.DiscardHandler)}, handler: h}
	srv := httptest.NewServer(s.middleware(h))
	t.Cleanup(srv.Close)
	return srv
}

// Whoever asks for much and reads nothing is cut off.
func TestAnswerThatStandsStill(t *testing.T) {
	t.Parallel()
	ended := make(chan error, 1)
	srv := newTransfer(t, 50*time.Millisecond, func(w http.ResponseWriter, _ *http.Request) {
		piece := make([]byte, 8<<20)
		for {
			if _, err := w.Write(piece); err != nil {
				ended <- err
				return
			}
		}
	})
	var dialer net.Dialer
	conn, err := dialer.DialContext(t.Context(), "tcp", srv.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	if _, err := io.WriteString(conn, "GET / HTTP/1.1\r\nHost: x\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	if err := <-ended; !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("ended with %v", err)
	}
}

// A transfer that moves may take many times the idle time.
func TestAnswerThatIsSlow(t *testing.T) {
	t.Parallel()
	const idle, pieces = 200 * time.Millisecond, 10
	more := make(chan struct{})
	srv := newTransfer(t, idle, func(w http.ResponseWriter, _ *http.Request) {
		for range pieces {
			<-more
			if _, err := w.Write([]byte("x")); err != nil {
				t.Error(err)
			}
			if err := http.NewResponseController(w).Flush(); err != nil {
				t.Error(err)
			}
		}
	})
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, srv.URL, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	start := time.Now()
	pace := time.NewTicker(idle / 3)
	defer pace.Stop()
	go func() {
		for range pieces {
			<-pace.C
			more <- struct{}{}
		}
	}()
	res, err := srv.Client().Do(req)
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(res.Body)
	if err := errors.Join(err, res.Body.Close()); err != nil || len(body) != pieces {
		t.Errorf("%d bytes, %v", len(body), err)
	}
	if took := time.Since(start); took < 2*idle {
		t.Errorf("it took %v only: the test proves nothing", took)
	}
}
