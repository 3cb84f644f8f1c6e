package server

import (
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"testing"
	"time"
)

// fromConn is a connection from an address.
type fromConn struct {
	net.Conn
	from   string
	closed bool
}

func (f *fromConn) RemoteAddr() net.Addr {
	return net.TCPAddrFromAddrPort(netip.MustParseAddrPort(f.from))
}
func (f *fromConn) Close() error { f.closed = true; return nil }

func newTestConnections(most, mostOf int) (*connections, *strings.Builder) {
	log := new(strings.Builder)
	return &connections{most: most, mostOf: mostOf, logger: slog.New(slog.NewTextHandler(log, nil)),
		trusted: []netip.Prefix{netip.MustParsePrefix("192.0.2.9/32")}, now: time.Now, of: make(map[netip.Addr]*address)}, log
}

// The connection that has been idle for longest makes room: of the same
// address where that has too many, of all else.
func TestConnectionsMakeRoom(t *testing.T) {
	t.Parallel()
	c, log := newTestConnections(5, 3)
	var conns []*fromConn
	var added []*connection
	open := func(from string) *connection {
		t.Helper()
		f := &fromConn{from: from}
		conn := c.add(f)
		conns, added = append(conns, f), append(added, conn)
		return conn
	}
	closed := func() (out []int) {
		for i, f := range conns {
			if f.closed {
				out = append(out, i)
			}
		}
		return out
	}
	expect := func(what string, want ...int) {
		t.Helper()
		got := closed()
		same := len(got) == len(want)
		for i := range want {
			same = same && got[i] == want[i]
		}
		if !same {
			t.Fatalf("%s: closed %v, want %v", what, got, want)
		}
	}
	const a, b = "192.0.2.1:1", "192.0.2.2:1"
	open(b) // 0
	open(a) // 1
	open(a) // 2
	open(a) // 3
	expect("three of one address")
	c.state(added[1], http.StateActive)
	open(a) // 4: 1 is at work, 2 makes room
	expect("a fourth", 2)
	c.state(added[1], http.StateIdle) // it is the youngest idle one now
	open(b)                           // 5
	expect("another address", 2)
	open(b) // 6: there are five in all, and 0 has waited for longest
	expect("all taken", 0, 2)
	for _, i := range []int{1, 3, 4, 5, 6} {
		c.state(added[i], http.StateActive)
	}
	if open("192.0.2.3:1") != nil || open("192.0.2.3:2") != nil { // 7 and 8 are refused
		t.Error("there was room")
	}
	if n := strings.Count(log.String(), "refused"); n != 1 {
		t.Errorf("it was said %d times: %s", n, log)
	}
	for _, i := range []int{0, 1, 2, 3, 4, 5, 6} {
		if err := added[i].Close(); err != nil {
			t.Error(err)
		}
		if err := added[i].Close(); err != nil { // closed twice it counts once
			t.Error(err)
		}
	}
	if c.count != 0 || len(c.of) != 0 || c.idle.Len() != 0 {
		t.Errorf("left: %d connections, %d addresses, %d idle", c.count, len(c.of), c.idle.Len())
	}
}

// Who is one address: a network of IPv6, and not who comes through a proxy.
func TestConnectionsOfOneAddress(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name  string
		from  [3]string
		third bool // the third finds room without another's going
	}{
		{"one address", [3]string{"192.0.2.1:1", "192.0.2.1:2", "192.0.2.1:3"}, false},
		{"three", [3]string{"192.0.2.1:1", "192.0.2.2:2", "192.0.2.3:3"}, true},
		{"one network", [3]string{"[2001:db8::1]:1", "[2001:db8::2]:1", "[2001:db8::ffff:3]:1"}, false},
		{"three networks", [3]string{"[2001:db8:0:1::1]:1", "[2001:db8:0:2::1]:1", "[2001:db8:0:3::1]:1"}, true},
		{"one in two forms", [3]string{"192.0.2.1:1", "[::ffff:192.0.2.1]:2", "192.0.2.1:3"}, false},
		{"a trusted proxy", [3]string{"192.0.2.9:1", "192.0.2.9:2", "192.0.2.9:3"}, true},
	} {
		c, _ := newTestConnections(10, 2)
		first := &fromConn{from: test.from[0]}
		c.add(first)
		c.add(&fromConn{from: test.from[1]})
		if c.add(&fromConn{from: test.from[2]}) == nil || first.closed == test.third {
			t.Errorf("%s: the first was closed: %t", test.name, first.closed)
		}
	}
}
