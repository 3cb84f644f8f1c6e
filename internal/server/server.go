// Package server is the composition root: it opens a data folder, starts the
// queue's workers, mounts the API and the pages, listens, and drains when it is
// told to stop.
package server

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"github.com/go-chi/chi/v5"

	"github.com/openmibi/openmibi/internal/api"
	"github.com/openmibi/openmibi/internal/auth"
	"github.com/openmibi/openmibi/internal/ingest"
	"github.com/openmibi/openmibi/internal/web"
)

// DefaultAddr is where a server listens that was told nothing else: this
// computer alone reaches it.
const DefaultAddr = "127.0.0.1:8000"

// Config is how a server is set up. DataDir is needed; other zero fields mean
// their defaults.
type Config struct {
	// DataDir is the data folder; it is made if absent.
	DataDir string
	// Addr is HOST:PORT to listen on (default [DefaultAddr]); port 0 picks one.
	Addr string
	// PublicURL is what the absolute URLs of answers begin with; empty means
	// the request's scheme and host.
	PublicURL string
	// TrustedProxies are the addresses whose X-Forwarded headers count.
	TrustedProxies []netip.Prefix
	// TLSCert and TLSKey are PEM files; with both the server speaks https.
	TLSCert, TLSKey string
	// Version is the program's, as people read it.
	Version string
	// Logger gets the access log and everything else (default [slog.Default]).
	Logger *slog.Logger
	// Drain is how long requests under way may go on after a stop (default 30 s).
	Drain time.Duration
	// Idle is how long a transfer may stand still before it is cut (default 1
	// minute). A slow one that moves may take as long as it takes.
	Idle time.Duration
	// HeaderTimeout is how long a request's headers may take, and a new
	// connection until the first one's (default 10 s); IdleTimeout is how long a
	// connection may wait for its next request (default 2 minutes).
	HeaderTimeout, IdleTimeout time.Duration
	// MaxConnections is how many connections there may be (default 4096), and
	// MaxConnectionsOf how many of one address that is no trusted proxy's
	// (default half of them).
	MaxConnections, MaxConnectionsOf int
	// Lease is that of [ingest.Config].
	Lease time.Duration
	// MaxUpload is the largest MIBItiff in bytes; 0 means the API's default.
	MaxUpload int64
	// Hook is called at named moments of writes, for tests of crashes.
	Hook func(ctx context.Context, moment string) error
}

// ErrInput says that a setting, or an account's address, cannot be meant.
var ErrInput = errors.New("it cannot be used")

func (c *Config) setDefaults() error {
	if c.DataDir == "" {
		return errors.New("a data folder is needed")
	}
	if (c.TLSCert == "") != (c.TLSKey == "") {
		return errors.New("TLS needs both a certificate and its key")
	}
	if c.Addr == "" {
		c.Addr = DefaultAddr
	}
	if err := CheckAddr(c.Addr); err != nil {
		return err
	}
	if err := CheckPublicURL(c.PublicURL); err != nil {
		return err
	}
	if c.Logger == nil {
		c.Logger = slog.Default()
	}
	c.Logger = api.RequestLogger(c.Logger)
	if c.Drain <= 0 {
		c.Drain = 30 * time.Second
	}
	if c.Idle <= 0 {
		c.Idle = time.Minute
	}
	if c.HeaderTimeout <= 0 {
		c.HeaderTimeout = headerTimeout
	}
	if c.IdleTimeout <= 0 {
		c.IdleTimeout = idleTimeout
	}
	if c.MaxConnections <= 0 {
		c.MaxConnections = 4096
	}
	if c.MaxConnectionsOf <= 0 {
		c.MaxConnectionsOf = max(c.MaxConnections/2, 1)
	}
	return nil
}

// Run serves a data folder until the context is done, then lets the requests
// under way finish, for a while, and returns nil. Once it answers, it calls
// ready with the URL at which this computer reaches it.
//
// Errors: [ErrInput], one that wraps [store.ErrNewer] for the data of a newer version,
// [auth.ErrSecrets] for secrets that cannot be used, [ErrInUse] for a data
// folder that another server has open, and what listening says.
func Run(ctx context.Context, cfg Config, ready func(url string)) (err error) {
	if err := cfg.setDefaults(); err != nil {
		return fmt.Errorf("start the server: %w", err)
	}
	d, err := openData(ctx, cfg.DataDir)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.close()) }()

	s := &server{Config: cfg, data: d}
	a, err := s.newAPI()
	if err != nil {
		return err
	}
	s.handler, s.api = a, a
	s.connections = s.newConnections()
	if err := d.store.Warm(ctx); err != nil {
		return err
	}
	listener, err := listen(ctx, cfg, s.connections)
	if err != nil {
		return err
	}
	for _, warning := range warnings(cfg) {
		cfg.Logger.WarnContext(ctx, warning)
	}
	return s.serve(ctx, listener, ready)
}

// server is a data folder being served.
type server struct {
	Config

	data        *data
	handler     http.Handler
	api         *api.API
	connections *connections
	draining    atomic.Bool
	requests    sync.WaitGroup
}

func (s *server) newAPI() (*api.API, error) {
	tokens, err := auth.NewTokens(s.data.secrets.Key(auth.PurposeTokens))
	if err != nil {
		return nil, err
	}
	signer, err := auth.NewSigner(s.data.secrets.Key(auth.PurposeSignedURLs))
	if err != nil {
		return nil, err
	}
	sealer, err := auth.NewSealer(s.data.secrets.Key(auth.PurposeAnswers))
	if err != nil {
		return nil, err
	}
	pages := web.New(web.Config{Store: s.data.store, Logger: s.Logger, Version: s.Version})
	return api.New(api.Config{
		Store: s.data.store, Blobs: s.data.blobs, Tokens: tokens, Hasher: auth.NewHasher(0), Signer: signer, Sealer: sealer,
		Logger: s.Logger, PublicURL: s.PublicURL, TrustedProxies: s.TrustedProxies, Version: s.Version,
		MaxUpload: s.MaxUpload, IdleBody: s.Idle, Hook: s.Hook,
		Mount: func(r chi.Router) {
			s.mountHealth(r)
			pages.Mount(r)
		},
	})
}

// serve answers requests and works on the queue until the context is done.
func (s *server) serve(ctx context.Context, listener net.Listener, ready func(string)) error {
	// Cancelled late, when the time to drain is over: then whatever still runs ends.
	requests, cutOff := context.WithCancel(context.WithoutCancel(ctx))
	var noting sync.WaitGroup
	noting.Go(func() { s.api.Run(requests) })
	defer func() {
		cutOff()
		noting.Wait()
	}()
	srv := s.httpServer(requests, s.connections)

	working, stopWork := context.WithCancel(ctx)
	var workers sync.WaitGroup
	workers.Go(func() {
		_ = ingest.New(ingest.Config{ // it has no errors to return but nil
			Store: s.data.store, Blobs: s.data.blobs, Logger: s.Logger, Lease: s.Lease, Hook: s.Hook,
		}).Run(working)
	})
	defer workers.Wait()
	defer stopWork()

	failed := make(chan error, 1)
	var serving sync.WaitGroup
	serving.Go(func() { failed <- srv.Serve(listener) })
	defer serving.Wait()

	url := localURL(listener.Addr(), s.TLSCert != "")
	s.Logger.InfoContext(ctx, "serving", "url", url, "data", s.DataDir, "version", s.Version)
	if ready != nil {
		ready(url)
	}
	select {
	case err := <-failed:
		return errors.Join(fmt.Errorf("serve: %w", err), srv.Close())
	case <-ctx.Done():
	}
	return s.drain(srv, cutOff)
}

// drain lets requests under way finish, then cuts those that have not.
func (s *server) drain(srv *http.Server, cutOff func()) error {
	s.draining.Store(true)
	s.Logger.Info("stopping; requests under way may finish", "within", s.Drain)
	limit, cancel := context.WithTimeout(context.Background(), s.Drain)
	defer cancel()
	err := srv.Shutdown(limit)
	if errors.Is(err, context.DeadlineExceeded) {
		s.Logger.Warn("requests were cut off: they did not finish in time")
		err = srv.Close()
	}
	cutOff()
	if err != nil {
		return fmt.Errorf("stop: %w", err)
	}
	// What was cut must be out of the database before that is closed.
	s.requests.Wait()
	s.Logger.Info("stopped")
	return nil
}
