package faulty

import (
	"context"
	"errors"
	"io"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// Line is a TCP proxy that is as far away as it is told: what goes in comes out
// half a round trip later, in both directions, and a new connection costs a
// round trip. Without a rate it carries any number of bytes at once.
type Line struct {
	// URL is its own, such as "http://127.0.0.1:40123".
	URL string

	trip     time.Duration
	rate     float64
	moved    atomic.Int64
	listener net.Listener
	stop     context.CancelFunc
	running  sync.WaitGroup
}

// NewLine begins a line to the server at a URL, on a free port of this machine,
// until Close. Rate is in bytes a second and direction; 0 is any.
func NewLine(ctx context.Context, backend string, trip time.Duration, rate float64) (*Line, error) {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	l := &Line{URL: "http://" + listener.Addr().String(), trip: trip, rate: rate, listener: listener}
	ctx, l.stop = context.WithCancel(context.WithoutCancel(ctx))
	l.running.Go(func() {
		for {
			near, err := listener.Accept()
			if err != nil {
				return
			}
			l.running.Go(func() { l.connect(ctx, near, strings.TrimPrefix(backend, "http://")) })
		}
	})
	return l, nil
}

// Moved is how many bytes went in, of both directions.
func (l *Line) Moved() int64 { return l.moved.Load() }

// Close breaks the line's connections, and takes no more.
func (l *Line) Close() error {
	l.stop()
	err := l.listener.Close()
	l.running.Wait()
	return err
}

func (l *Line) connect(ctx context.Context, near net.Conn, backend string) {
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
func (l *Line) carry(from, to net.Conn, open time.Time) {
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
