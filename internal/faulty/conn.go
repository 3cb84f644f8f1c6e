package faulty

import (
	"io"
	"net"
	"net/http"
	"time"
)

// takeOver hands the bare connection to do, and closes it afterwards: with a
// reset if do has set its linger to zero, else cleanly.
func (x *exchange) takeOver(do func(*net.TCPConn)) {
	conn, _, err := http.NewResponseController(x.w).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler) // the client is gone
	}
	p := x.p
	p.mu.Lock()
	p.raw[conn] = true
	closed := p.closed
	p.mu.Unlock()
	defer func() {
		_ = conn.Close()
		p.mu.Lock()
		delete(p.raw, conn)
		p.mu.Unlock()
	}()
	bare, ok := conn.(*net.TCPConn)
	if !ok || closed {
		return
	}
	_ = bare.SetDeadline(time.Now().Add(p.cfg.Longest))
	do(bare)
}

// stall is silent until the client goes.
func (x *exchange) stall(c *net.TCPConn) { _, _ = io.Copy(io.Discard, c) }
