package faulty_test

import (
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/openmibi/openmibi/internal/faulty"
)

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
	l, err := faulty.NewLine(t.Context(), "http://"+listener.Addr().String(), trip, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	began := time.Now() // with the connection, which the line makes at once
	conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", strings.TrimPrefix(l.URL, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	for i, want := range []time.Duration{2 * trip, trip, trip} { // the first pays for the connection
		if i > 0 {
			began = time.Now()
		}
		sent := strings.Repeat("x", 1<<20)
		go func() { _, _ = io.WriteString(conn, sent) }()
		got := make([]byte, len(sent))
		if _, err := io.ReadFull(conn, got); err != nil || string(got) != sent {
			t.Fatal(err)
		}
		// A busy machine may add to it; a line that queues would add a trip for each piece, six seconds and more.
		if took := time.Since(began); took < want || took > want+5*time.Second {
			t.Errorf("message %d came back after %v, want %v", i, took, want)
		}
	}
	if moved := l.Moved(); moved != 6<<20 {
		t.Errorf("%d bytes moved", moved)
	}
}
