// Package faulty is a reverse proxy that breaks things on purpose, for tests of
// what a client makes of it: refusals before and after the backend has acted,
// connections that are reset, stalled or cut in the middle, lies about a body's
// length, tokens and signed links that end too early.
//
// A [Plan] decides for each request; [Seeded] does it by chance and can be
// replayed. The proxy keeps the Host that it was asked for, so that a backend
// that builds links from it leads its clients through the proxy again.
package faulty

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"
)

// Config is how a proxy is set up.
type Config struct {
	// Backend is the URL to pass requests on to, of scheme http.
	Backend string
	// Plan decides what goes wrong; nil lets everything pass.
	Plan Plan
	// Grant is the query parameter that makes a link a signed one (default "grant").
	Grant string
	// DropHeaders are taken out of every request, as old backends ignore them.
	DropHeaders []string
	// Longest ends what stalls, if the client does not (default 1 minute).
	Longest time.Duration
}

// Event is one request that came by.
type Event struct {
	Request

	Fault Fault
	// Status is what the backend answered; 0 where it was not asked, or broke off.
	Status int
	// Took is how long the backend took to answer, or until the client gave up.
	Took time.Duration
}

// String is the event in one line.
func (e Event) String() string {
	return fmt.Sprintf("%s [%d]: backend %d after %v, %v", e.Class, e.N, e.Status, e.Took.Round(time.Millisecond), e.Fault)
}

// Proxy is a running proxy. Close ends it.
type Proxy struct {
	cfg     Config
	backend *url.URL
	url     string
	server  *http.Server
	below   *http.Transport
	ctx     context.Context //nolint:containedctx // the proxy's own life, which Close ends
	stop    context.CancelFunc
	running sync.WaitGroup // connections, handlers, and Serve

	mu     sync.Mutex
	seen   map[string]int  // requests by class
	ended  map[string]bool // tokens and grants that count no more
	events []*Event
	raw    map[net.Conn]bool // taken over from the HTTP server
	known  map[net.Conn]bool // the HTTP server's
	closed bool
}

// Start starts a proxy on a free port of this computer.
func Start(ctx context.Context, cfg Config) (*Proxy, error) {
	backend, err := url.Parse(cfg.Backend)
	if err != nil || backend.Scheme != "http" || backend.Host == "" {
		return nil, fmt.Errorf("faulty: the backend %q is not of the form http://host", cfg.Backend)
	}
	if cfg.Grant == "" {
		cfg.Grant = "grant"
	}
	if cfg.Longest <= 0 {
		cfg.Longest = time.Minute
	}
	if cfg.Plan == nil {
		cfg.Plan = Script{}
	}
	var listen net.ListenConfig
	listener, err := listen.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("faulty: %w", err)
	}
	p := &Proxy{
		cfg: cfg, backend: backend, url: "http://" + listener.Addr().String(),
		below: &http.Transport{DisableCompression: true, MaxIdleConnsPerHost: 16},
		seen:  map[string]int{}, ended: map[string]bool{}, raw: map[net.Conn]bool{}, known: map[net.Conn]bool{},
	}
	p.ctx, p.stop = context.WithCancel(context.WithoutCancel(ctx))
	p.server = &http.Server{
		Handler: p, ReadHeaderTimeout: cfg.Longest, ConnState: p.track,
		ErrorLog: slog.NewLogLogger(slog.DiscardHandler, slog.LevelError),
	}
	p.running.Go(func() { _ = p.server.Serve(listener) })
	return p, nil
}

// URL is the proxy's address, without a final slash.
func (p *Proxy) URL() string { return p.url }

// Close ends the proxy and every connection, and waits for its goroutines.
func (p *Proxy) Close() error {
	p.stop()
	err := p.server.Close()
	p.mu.Lock()
	p.closed = true
	for conn := range p.raw {
		_ = conn.Close()
	}
	p.mu.Unlock()
	p.running.Wait()
	p.below.CloseIdleConnections()
	return err
}

// Events are the requests so far, in the order in which they came.
func (p *Proxy) Events() []Event {
	p.mu.Lock()
	defer p.mu.Unlock()
	out := make([]Event, 0, len(p.events))
	for _, e := range p.events {
		out = append(out, *e)
	}
	return out
}

// track counts the HTTP server's connections, so that Close can wait for them.
func (p *Proxy) track(conn net.Conn, state http.ConnState) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case state == http.StateNew && !p.known[conn]:
		p.known[conn] = true
		p.running.Add(1)
	case (state == http.StateClosed || state == http.StateHijacked) && p.known[conn]:
		delete(p.known, conn)
		p.running.Done()
	}
}

// ServeHTTP passes a request on, or breaks it, as the plan says.
func (p *Proxy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p.running.Add(1) // its connection is counted still
	defer p.running.Done()
	x := &exchange{p: p, w: w, r: r}
	x.event = p.decide(r)
	if p.refuseEnded(x) {
		return
	}
	switch f := x.event.Fault; f.Kind {
	case None, SlowFirst, SlowDrip:
		x.pass()
	case Refused:
		x.refuse()
	case Unauthorized:
		x.unauthorized()
	case TokenEnds:
		p.end(r.Header.Get("Authorization"))
		x.unauthorized()
	case LinkEnds:
		p.end(r.URL.Query().Get(p.cfg.Grant))
		x.linkEnded()
	case ResetFirst:
		x.takeOver(func(c *net.TCPConn) { _ = c.SetLinger(0) })
	case StallFirst:
		x.takeOver(x.stall)
	case ResetRequest, StallRequest:
		x.breakRequest()
	default:
		x.breakAnswer()
	}
}

func (p *Proxy) decide(r *http.Request) *Event {
	request := p.classify(r)
	p.mu.Lock()
	defer p.mu.Unlock()
	request.N = p.seen[request.Class]
	p.seen[request.Class]++
	e := &Event{Request: request, Fault: p.cfg.Plan.Decide(request)}
	if !e.Fault.Kind.fits(request) {
		e.Fault = Fault{}
	}
	p.events = append(p.events, e)
	return e
}

// forward asks the backend. The answer's body is the caller's to close.
func (p *Proxy) forward(x *exchange, body io.ReadCloser) (*http.Response, error) {
	out := x.r.Clone(x.r.Context())
	out.URL.Scheme, out.URL.Host = p.backend.Scheme, p.backend.Host
	out.RequestURI, out.Host = "", x.r.Host
	if body != nil {
		out.Body = body
	}
	if x.r.ContentLength == 0 {
		out.Body = nil
	}
	out.Header.Del("Connection")
	if _, ok := out.Header["User-Agent"]; !ok {
		out.Header.Set("User-Agent", "") // so that none is made up
	}
	for _, name := range p.cfg.DropHeaders {
		out.Header.Del(name)
	}
	// One connection less that may be stale: a lost request would be a fault
	// that nobody decided.
	out.Close = true
	began := time.Now()
	resp, err := p.below.RoundTrip(out)
	p.mu.Lock()
	defer p.mu.Unlock()
	x.event.Took = time.Since(began)
	if err != nil {
		return nil, err
	}
	x.event.Status = resp.StatusCode
	return resp, nil
}

// errBroken ends a request's body in the middle.
var errBroken = errors.New("the connection broke here on purpose")

// cut is the first part of a body, and then an error.
type cut struct {
	io.Closer

	body io.Reader
	left int64
}

func (c *cut) Read(b []byte) (int, error) {
	if c.left <= 0 {
		return 0, errBroken
	}
	n, err := c.body.Read(b[:min(int64(len(b)), c.left)])
	c.left -= int64(n)
	return n, err
}

func isJSON(h http.Header) bool { return strings.HasPrefix(h.Get("Content-Type"), "application/json") }
