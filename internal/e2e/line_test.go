package e2e

import (
	"context"
	"errors"
	"io"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// line is a TCP proxy that is as far away as it is told: what goes in comes out
// half a round trip later, in both directions, and a new connection costs a
// round trip. Without a rate it carries any number of bytes at once.
type line struct {
	url   string
	trip  time.Duration
	rate  float64 // bytes a second and direction; 0 is any
	moved atomic.Int64
}

// newLine puts a proxy before the server at a URL, until the test ends.
func newLine(t testing.TB, backend string, trip time.Duration, rate float64) *line {
	t.Helper()
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l := &line{url: "http://" + listener.Addr().String(), trip: trip, rate: rate}
	ctx, stop := context.WithCancel(context.WithoutCancel(t.Context()))
	var running sync.WaitGroup
	running.Go(func() {
		for {
			near, err := listener.Accept()
			if err != nil {
				return
			}
			running.Go(func() { l.connect(ctx, near, strings.TrimPrefix(backend, "http://")) })
		}
	})
	t.Cleanup(func() {
		stop()
		_ = listener.Close()
		running.Wait()
	})
	return l
}

func (l *line) connect(ctx context.Context, near net.Conn, backend string) {
	defer func() { _ = near.Close() }()
	far, err := (&net.Dialer{}).DialContext(ctx, "tcp", backend)
	if err != nil {
		return
	}
	defer func() { _ = far.Close() }()
	defer context.AfterFunc(ctx, func() { _, _ = near.Close(), far.Close() })()
	var both sync.WaitGroup
	both.Go(func() { l.carry(near, far, time.Now().Add(l.trip)) })
	both.Go(func() { l.carry(far, near, time.Time{}) })
	both.Wait()
}

// parcel is what one read brought, and when it is due at the other end.
type parcel struct {
	data []byte
	due  time.Time
}

// carry moves bytes from one end to the other, none before a moment.
func (l *line) carry(from, to net.Conn, open time.Time) {
	parcels := make(chan parcel, 4096)
	var writer sync.WaitGroup
	writer.Go(func() {
		for p := range parcels {
			if wait := time.Until(p.due); wait > 0 {
				time.Sleep(wait)
			}
			if _, err := to.Write(p.data); err != nil {
				_ = from.Close() // ends the reading, too
			}
		}
		if half, ok := to.(*net.TCPConn); ok {
			_ = half.CloseWrite()
		}
	})
	free := open // when the line is free again
	buf := make([]byte, 64<<10)
	for {
		n, err := from.Read(buf)
		if n > 0 {
			l.moved.Add(int64(n))
			if now := time.Now(); free.Before(now) {
				free = now
			}
			if l.rate > 0 {
				free = free.Add(time.Duration(float64(n) / l.rate * float64(time.Second)))
			}
			parcels <- parcel{append([]byte(nil), buf[:n]...), free.Add(l.trip / 2)}
		}
		if err != nil {
			if !errors.Is(err, io.EOF) {
				_ = to.Close()
			}
			break
		}
	}
	close(parcels)
	writer.Wait()
}

// The line is as far away as it says, and its length does not make it slow.
func TestLine(t *testing.T) {
	t.Parallel()
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = listener.Close() }()
	go func() {
		conn, err := listener.Accept()
		if err != nil {
			return
		}
		_, _ = io.Copy(conn, conn) // an echo
		_ = conn.Close()
	}()
	const trip = 200 * time.Millisecond
	l := newLine(t, "http://"+listener.Addr().String(), trip, 0)
	conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", strings.TrimPrefix(l.url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	for i, want := range []time.Duration{2 * trip, trip, trip} { // the first pays for the connection
		began := time.Now()
		sent := strings.Repeat("x", 1<<20)
		go func() { _, _ = io.WriteString(conn, sent) }()
		got := make([]byte, len(sent))
		if _, err := io.ReadFull(conn, got); err != nil || string(got) != sent {
			t.Fatal(err)
		}
		// A busy machine may add to it; a line that queues would add trips.
		if took := time.Since(began); took < want || took > want+2*time.Second {
			t.Errorf("message %d came back after %v, want %v", i, took, want)
		}
	}
	if moved := l.moved.Load(); moved != 6<<20 {
		t.Errorf("%d bytes moved", moved)
	}
}
