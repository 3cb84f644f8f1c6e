package server

import (
	"container/list"
	"context"
	"crypto/tls"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"sync"
	"time"
)

// connections bounds how many connections there are, of one address and in
// all. Where there are too many, the one that has been idle for longest makes
// room for the new one: idle connections cannot keep anybody from being
// served. Where none is idle, the new one is closed.
type connections struct {
	most, mostOf int // in all, of one address
	trusted      []netip.Prefix
	logger       *slog.Logger
	now          func() time.Time

	mu     sync.Mutex
	count  int
	idle   list.List // of *connection, the longest idle first
	of     map[netip.Addr]*address
	warned time.Time
}

// address is what an address has.
type address struct {
	count int
	idle  list.List
}

// connection is one that counts.
type connection struct {
	net.Conn

	all          *connections
	from         netip.Addr
	inAll, inOne *list.Element // where it waits, while it is idle
	gone         bool
}

// warnEvery is how often it is said that connections were refused.
const warnEvery = time.Minute

func (s *server) newConnections() *connections {
	return &connections{most: s.MaxConnections, mostOf: s.MaxConnectionsOf, trusted: s.TrustedProxies, logger: s.Logger,
		now: time.Now, of: make(map[netip.Addr]*address)}
}

// listener is a listener whose connections count.
func (c *connections) listener(l net.Listener) net.Listener { return &countedListener{l, c} }

type countedListener struct {
	net.Listener
	all *connections
}

// Accept returns the next connection that there is room for.
func (l *countedListener) Accept() (net.Conn, error) {
	for {
		conn, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		if counted := l.all.add(conn); counted != nil {
			return counted, nil
		}
		_ = conn.Close() // there is nobody to tell
	}
}

// add counts a connection; nil means that there is no room.
func (c *connections) add(conn net.Conn) *connection {
	from := remote(conn)
	c.mu.Lock()
	one := c.of[from]
	if one == nil {
		one = new(address)
		c.of[from] = one
	}
	var old *connection
	switch {
	case one.count >= c.mostOf && !c.isTrusted(from):
		old = longest(&one.idle)
	case c.count >= c.most:
		old = longest(&c.idle)
	default:
		defer c.mu.Unlock()
		return c.count1(conn, from, one)
	}
	if old == nil {
		warn := c.now().Sub(c.warned) >= warnEvery
		if warn {
			c.warned = c.now()
		}
		count, ofOne := c.count, one.count
		if ofOne == 0 {
			delete(c.of, from)
		}
		c.mu.Unlock()
		if warn {
			c.logger.WarnContext(context.Background(), "connections are refused: there are too many, and none is idle",
				"connections", count, "address", from.String(), "of_this_address", ofOne)
		}
		return nil
	}
	c.forget(old)
	added := c.count1(conn, from, one)
	c.of[from] = one // forgotten with old, if that was its only one
	c.mu.Unlock()
	_ = old.Conn.Close() // it was idle
	return added
}

// count1 counts a connection, which is idle until its first byte.
func (c *connections) count1(conn net.Conn, from netip.Addr, one *address) *connection {
	added := &connection{Conn: conn, all: c, from: from}
	c.count++
	one.count++
	c.rest(added, one)
	return added
}

func (c *connections) rest(conn *connection, one *address) {
	conn.inAll, conn.inOne = c.idle.PushBack(conn), one.idle.PushBack(conn)
}

func (c *connections) wake(conn *connection, one *address) {
	if conn.inAll != nil {
		c.idle.Remove(conn.inAll)
		one.idle.Remove(conn.inOne)
		conn.inAll, conn.inOne = nil, nil
	}
}

// forget counts a connection no more.
func (c *connections) forget(conn *connection) {
	if conn.gone {
		return
	}
	conn.gone = true
	one := c.of[conn.from]
	c.wake(conn, one)
	c.count--
	if one.count--; one.count == 0 {
		delete(c.of, conn.from)
	}
}

// state is [http.Server.ConnState].
func (c *connections) state(nc net.Conn, state http.ConnState) {
	if secure, ok := nc.(*tls.Conn); ok {
		nc = secure.NetConn()
	}
	conn, ok := nc.(*connection)
	if !ok {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if conn.gone {
		return
	}
	c.wake(conn, c.of[conn.from])
	if state == http.StateIdle || state == http.StateNew {
		c.rest(conn, c.of[conn.from])
	}
}

// Close closes the connection, which counts no more.
func (c *connection) Close() error {
	c.all.mu.Lock()
	c.all.forget(c)
	c.all.mu.Unlock()
	return c.Conn.Close()
}

func longest(idle *list.List) *connection {
	if first := idle.Front(); first != nil {
		conn, _ := first.Value.(*connection)
		return conn
	}
	return nil
}

// remote is where a connection comes from. An IPv6 network of 64 bits is one
// household, or one attacker.
func remote(conn net.Conn) netip.Addr {
	ap, err := netip.ParseAddrPort(conn.RemoteAddr().String())
	if err != nil {
		return netip.Addr{}
	}
	addr := ap.Addr().Unmap().WithZone("")
	if addr.Is6() && !addr.IsLoopback() {
		prefix, _ := addr.Prefix(64) // it has 128 bits
		return prefix.Addr()
	}
	return addr
}

// isTrusted tells whether an address is a proxy's, behind which everybody is.
func (c *connections) isTrusted(addr netip.Addr) bool {
	for _, prefix := range c.trusted {
		if prefix.Contains(addr) || addr.Is6() && prefix.Addr().Is6() && prefix.Overlaps(netip.PrefixFrom(addr, 64)) {
			return true
		}
	}
	return false
}
