package mibitracker_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/openmibi/openmibi/mibitracker"
)

// A backend may take a connection and be silent in many ways: each ends in
// the typed error, after about the time of the timeout.
func TestSilentBackends(t *testing.T) {
	t.Parallel()
	big := mibitracker.FromReaderAt("big", zeros{}, 64<<20)
	for name, c := range map[string]struct {
		scheme string
		body   *mibitracker.Body
		serve  func(net.Conn)
	}{
		"never answers a handshake": {scheme: "https", serve: func(conn net.Conn) { _, _ = io.Copy(io.Discard, conn) }},
		"never reads a content":     {scheme: "http", body: mibitracker.SourceBody("image/tiff", big), serve: func(net.Conn) {}},
		"never answers":             {scheme: "http", body: mibitracker.JSONBody(1), serve: func(conn net.Conn) { _, _ = io.Copy(io.Discard, conn) }},
		"drips a header for ever": {scheme: "http", serve: func(conn net.Conn) {
			tick := time.NewTicker(20 * time.Millisecond)
			defer tick.Stop()
			_, _ = conn.Read(make([]byte, 1<<10))
			_, err := io.WriteString(conn, "HTTP/1.1 200 OK\r\nX-Slow: ")
			for ; err == nil; _, err = io.WriteString(conn, "x") {
				<-tick.C
			}
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			served := make(chan struct{})
			ended, end := context.WithCancel(t.Context())
			go func() {
				defer close(served)
				conn, err := l.Accept()
				if err != nil {
					return
				}
				c.serve(conn)
				<-ended.Done()
				_ = conn.Close()
			}()
			const limit = 250 * time.Millisecond
			client, err := mibitracker.New(c.scheme+"://"+l.Addr().String(), mibitracker.WithToken("mibi_key"),
				mibitracker.WithSessionTimeout(limit), mibitracker.WithRetries(0, 0, 0))
			if err != nil {
				t.Fatal(err)
			}
			if c.body != nil {
				err = putSigned(t, l.Addr().String(), c.body, limit)
			} else {
				err = client.Login(t.Context())
			}
			var silent *mibitracker.SilenceError
			if !errors.As(err, &silent) || !errors.Is(err, mibitracker.ErrTimeout) || silent.After != limit {
				t.Error(err)
			}
			client.CloseIdleConnections()
			end()
			_ = l.Close()
			<-served
		})
	}
}

// putSigned sends a content to a storage at an address.
func putSigned(t *testing.T, address string, body *mibitracker.Body, limit time.Duration) error {
	t.Helper()
	srv := newRecorder(t, func(w http.ResponseWriter, r *http.Request) {
		reply(w, 200, map[string]string{"url": "http://" + address + "/put", "location": "l"})
	})
	c := newClient(t, srv.URL, mibitracker.WithTransferTimeout(limit), mibitracker.WithRetries(0, 0, 0))
	_, err := c.Uploads.MIBItiff(t.Context(), 1, mibitracker.Source{Name: "x.tiff", Size: body.Size, Open: body.Open})
	return err
}

type zeros struct{}

func (zeros) ReadAt(p []byte, _ int64) (int, error) { return len(p), nil }

// A source that takes its time is not a silent network: the caller is the one
// to be waited for, and its context.
func TestSlowSourceIsNotSilence(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv, by := newWiredRecorder(t, func(w http.ResponseWriter, r *http.Request) { reply(w, 200, map[string]int{}) })
		const limit = time.Second
		c := newClient(t, srv.URL, by, mibitracker.WithSessionTimeout(limit), mibitracker.WithRetries(0, 0, 0))
		if err := c.Login(t.Context()); err != nil {
			t.Fatal(err)
		}
		body := &mibitracker.Body{ContentType: "text/plain", Size: 3, Open: func() (io.ReadCloser, error) {
			return io.NopCloser(&lateReader{from: strings.NewReader("abc"), after: 3 * limit / 2}), nil
		}}
		if err := c.JSON(t.Context(), mibitracker.Request{Method: "PUT", Route: "/x/", Body: body}, nil); err != nil {
			t.Error(err)
		}
		if got := srv.of("/x/"); len(got) != 1 || got[0].Body != "abc" {
			t.Errorf("%+v", got)
		}
	})
}

// Nor is a caller that takes its time to read: nothing continues this answer.
func TestSlowCallerIsNotSilence(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const limit, size = time.Second, 5_000_000
		content := noise(size)
		srv, by := newWiredRecorder(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(content) })
		c := newClient(t, srv.URL, by, mibitracker.WithSessionTimeout(limit), mibitracker.WithRetries(0, 0, 0))
		resp, err := c.Do(t.Context(), mibitracker.Request{Route: "/x/"})
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = resp.Body.Close() }()
		if _, err := io.CopyN(io.Discard, resp.Body, 1000); err != nil {
			t.Fatal(err)
		}
		<-time.After(3 * limit / 2)
		if n, err := io.Copy(io.Discard, resp.Body); err != nil || n != size-1000 {
			t.Errorf("%d bytes, %v", n, err)
		}
	})
}

// lateReader gives nothing for a while.
type lateReader struct {
	from  io.Reader
	after time.Duration
}

func (l *lateReader) Read(p []byte) (int, error) {
	if l.after > 0 {
		<-time.After(l.after)
		l.after = 0
	}
	return l.from.Read(p)
}

// The end of the context ends an upload whose source gives nothing, too.
func TestContextEndsASlowSource(t *testing.T) {
	t.Parallel()
	srv := newRecorder(t, nil)
	c := newClient(t, srv.URL)
	if err := c.Login(t.Context()); err != nil {
		t.Fatal(err)
	}
	from, to := io.Pipe()
	defer func() { _ = to.Close() }()
	ctx, cancel := context.WithCancel(t.Context())
	began := make(chan struct{})
	body := &mibitracker.Body{ContentType: "text/plain", Size: 9, Open: func() (io.ReadCloser, error) {
		return struct {
			io.Reader
			io.Closer
		}{io.TeeReader(from, closer(began)), from}, nil
	}}
	go func() {
		_, _ = io.WriteString(to, "a")
		<-began
		cancel()
	}()
	if err := c.JSON(ctx, mibitracker.Request{Method: "PUT", Route: "/x/", Body: body}, nil); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

// closer closes a channel with the first byte.
type closer chan struct{}

func (c closer) Write(p []byte) (int, error) {
	close(c)
	return len(p), nil
}
