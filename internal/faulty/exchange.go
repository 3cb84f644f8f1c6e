package faulty

import (
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"strconv"
	"time"
)

// exchange is one request and its answer.
type exchange struct {
	p     *Proxy
	w     http.ResponseWriter
	r     *http.Request
	event *Event
}

const (
	maxBody = 64 << 20 // what is broken on purpose is held in memory
	drips   = 8
	page    = "<html><head><title>Bad Gateway</title></head><body><h1>nginx</h1></body></html>\n"
	xmlBody = `<?xml version="1.0" encoding="UTF-8"?><Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>`
)

// answer writes a whole answer of the proxy's own.
func (x *exchange) answer(status int, kind, body string) {
	x.w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	if body != "" {
		x.w.Header().Set("Content-Type", kind)
	}
	x.w.WriteHeader(status)
	_, _ = io.WriteString(x.w, body)
}

func (x *exchange) refuse() {
	f := x.event.Fault
	if f.RetryAfter != "" {
		x.w.Header().Set("Retry-After", f.RetryAfter)
	}
	body := ""
	if f.Page {
		body = page
	}
	x.answer(f.Status, "text/html", body)
}

func (x *exchange) unauthorized() {
	x.w.Header().Set("WWW-Authenticate", `JWT realm="api"`)
	x.answer(http.StatusUnauthorized, "application/json", `{"detail":"Signature has expired."}`)
}

func (x *exchange) linkEnded() { x.answer(http.StatusForbidden, "application/xml", xmlBody) }

// pass hands the backend's answer on as it comes, perhaps slowly.
func (x *exchange) pass() {
	f := x.event.Fault
	resp, err := x.p.forward(x, nil)
	if err != nil {
		panic(http.ErrAbortHandler) // the backend, or the client, broke off
	}
	defer func() { _ = resp.Body.Close() }()
	if f.Kind == SlowFirst && !x.p.wait(x.r.Context(), f.Delay) {
		return
	}
	header := x.w.Header()
	for name, values := range resp.Header {
		header[name] = values
	}
	header.Del("Connection")
	body := io.Reader(resp.Body)
	if isJSON(resp.Header) {
		raw, err := io.ReadAll(io.LimitReader(resp.Body, maxBody))
		if err != nil {
			panic(http.ErrAbortHandler)
		}
		x.p.revive(raw)
		body = bytes.NewReader(raw)
	}
	x.w.WriteHeader(resp.StatusCode)
	flush := http.NewResponseController(x.w)
	if f.Kind == SlowDrip {
		raw, _ := io.ReadAll(io.LimitReader(body, maxBody))
		for i := range drips {
			_, _ = x.w.Write(raw[len(raw)*i/drips : len(raw)*(i+1)/drips])
			_ = flush.Flush()
			if !x.p.wait(x.r.Context(), f.Delay) {
				return
			}
		}
		return
	}
	if _, err := io.Copy(x.w, body); err != nil {
		panic(http.ErrAbortHandler)
	}
}

// wait waits; false if the request or the proxy ended meanwhile.
func (p *Proxy) wait(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
	case <-p.ctx.Done():
	}
	return false
}

// breakRequest breaks off within the request's body, for the backend too. A
// body whose length is not known breaks within its first kilobyte.
func (x *exchange) breakRequest() {
	f := x.event.Fault
	size := x.r.ContentLength
	if size < 0 {
		size = 1 << 10
	}
	body := &cut{Closer: x.r.Body, body: x.r.Body, left: int64(f.At * float64(size))}
	if resp, err := x.p.forward(x, body); err == nil {
		_ = resp.Body.Close() // it answered before the body's end
	}
	x.takeOver(func(c *net.TCPConn) {
		if f.Kind == StallRequest {
			x.p.wait(x.p.ctx, x.p.cfg.Longest) // reads nothing, so it cannot see the client go
			return
		}
		_ = c.SetLinger(0)
	})
}

// breakAnswer lets the backend act, and breaks what it answers.
func (x *exchange) breakAnswer() {
	f := x.event.Fault
	resp, err := x.p.forward(x, nil)
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxBody))
	_ = resp.Body.Close()
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	switch f.Kind {
	case RefusedLost:
		x.refuse()
		return
	case StallAnswer:
		x.takeOver(x.stall)
		return
	case LinkEndsHalfway:
		x.p.end(x.r.URL.Query().Get(x.p.cfg.Grant))
	}
	part := int(f.At * float64(len(body)))
	length := len(body)
	switch f.Kind {
	case TooLong:
		length += 1 + part
		if isJSON(resp.Header) {
			x.p.revive(body) // all of it arrives
		}
	case TooShort:
		length = part
	}
	head := header(resp, length)
	x.takeOver(func(c *net.TCPConn) {
		switch f.Kind {
		case ResetHeader:
			_, _ = c.Write(head[:len(head)/2])
			_ = c.SetLinger(0)
		case ResetBody, LinkEndsHalfway:
			_, _ = c.Write(append(head, body[:part]...))
			_ = c.SetLinger(0)
		case StallBody:
			_, _ = c.Write(append(head, body[:part]...))
			x.stall(c)
		case Truncated:
			_, _ = c.Write(append(head, body[:part]...))
		case TooLong, TooShort:
			_, _ = c.Write(append(head, body...))
		}
	})
}

// header is the head of an answer with a length of our own.
func header(resp *http.Response, length int) []byte {
	var out bytes.Buffer
	out.WriteString("HTTP/1.1 " + resp.Status + "\r\n")
	h := resp.Header.Clone()
	h.Del("Connection")
	h.Set("Content-Length", strconv.Itoa(length))
	_ = h.Write(&out)
	out.WriteString("\r\n")
	return out.Bytes()
}
