package e2e

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/openmibi/openmibi/internal/auth"
	"github.com/openmibi/openmibi/internal/server"
	"github.com/openmibi/openmibi/internal/store"
	"github.com/openmibi/openmibi/mibitracker"
)

const (
	alice = "alice@example.org"
	bob   = "bob@example.org"
)

// site is the real server, serving a data folder of its own in this process.
type site struct {
	url, data string
}

// newSite starts a server with the accounts alice and bob; the test's end
// stops it and waits for it.
func newSite(t testing.TB, change ...func(*server.Config)) *site {
	t.Helper()
	s := &site{data: filepath.Join(t.TempDir(), "data")}
	for _, who := range []string{alice, bob} {
		if _, err := server.AddUser(t.Context(), s.data, who, password, false); err != nil {
			t.Fatal(err)
		}
	}
	cfg := server.Config{
		DataDir: s.data, Addr: "127.0.0.1:0", Drain: 10 * time.Second,
		Logger: slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelWarn})),
	}
	for _, c := range change {
		c(&cfg)
	}
	ctx, stop := context.WithCancel(context.WithoutCancel(t.Context()))
	ready, ended := make(chan string, 1), make(chan error, 1)
	go func() { ended <- server.Run(ctx, cfg, func(url string) { ready <- url }) }()
	select {
	case s.url = <-ready:
	case err := <-ended:
		stop()
		t.Fatalf("the server did not start: %v", err)
	}
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Errorf("the server did not stop cleanly: %v", err)
		}
	})
	return s
}

// client is a client of the site that repeats nothing; opts win.
func (s *site) client(t testing.TB, who string, opts ...mibitracker.Option) *mibitracker.Client {
	t.Helper()
	opts = append([]mibitracker.Option{mibitracker.WithPassword(who, password), mibitracker.WithRetries(0, 0, 0)}, opts...)
	c, err := mibitracker.New(s.url, opts...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.CloseIdleConnections)
	return c
}

// tokens issues what the site itself would take for its own.
func (s *site) tokens(t *testing.T) (*auth.Tokens, []byte) {
	t.Helper()
	secrets, err := auth.OpenSecrets(s.data)
	if err != nil {
		t.Fatal(err)
	}
	tokens, err := auth.NewTokens(secrets.Key(auth.PurposeTokens))
	if err != nil {
		t.Fatal(err)
	}
	return tokens, secrets.Key(auth.PurposeTokens)
}

// signer signs grants as the site itself does.
func (s *site) signer(t *testing.T) *auth.Signer {
	t.Helper()
	secrets, err := auth.OpenSecrets(s.data)
	if err != nil {
		t.Fatal(err)
	}
	signer, err := auth.NewSigner(secrets.Key(auth.PurposeSignedURLs))
	if err != nil {
		t.Fatal(err)
	}
	return signer
}

// holding is all that a server keeps: what a refused request must leave alone.
type holding struct {
	Counts store.Counts
	Files  []string
}

// holds looks into the data folder beneath the running server.
func (s *site) holds(t *testing.T) holding {
	t.Helper()
	db, err := store.Open(t.Context(), filepath.Join(s.data, "openmibi.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	var h holding
	if h.Counts, err = db.Counts(t.Context()); err != nil {
		t.Fatal(err)
	}
	err = filepath.WalkDir(filepath.Join(s.data, "blobs"), func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			h.Files = append(h.Files, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(h.Files)
	return h
}

// jobs counts the jobs that were ever queued.
func (s *site) jobs(t *testing.T) (n int) {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+filepath.Join(s.data, "openmibi.db")+"?mode=ro")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	if err := db.QueryRowContext(t.Context(), "SELECT COUNT(*) FROM jobs").Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

// closeAccount ends an account beneath the running server.
func (s *site) closeAccount(t *testing.T, who string) {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+filepath.Join(s.data, "openmibi.db")+"?_pragma=busy_timeout(10000)")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	done, err := db.ExecContext(t.Context(), "UPDATE accounts SET active = FALSE WHERE email = ?", who)
	if err != nil {
		t.Fatal(err)
	}
	if n, err := done.RowsAffected(); n != 1 || err != nil {
		t.Fatalf("%d accounts closed, %v", n, err)
	}
}

func hash(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// shared uploads an FOV into a run of the caller's and waits for it.
func (f *fov) shared(ctx context.Context, t testing.TB, client *mibitracker.Client) (*mibitracker.Run, *mibitracker.Image) {
	t.Helper()
	run := f.createRun(ctx, t, client)
	return run, f.push(ctx, t, client, run)
}

func (f *fov) push(ctx context.Context, t testing.TB, client *mibitracker.Client, run *mibitracker.Run) *mibitracker.Image {
	t.Helper()
	if _, err := client.Uploads.MIBItiff(ctx, run.ID, f.source()); err != nil {
		t.Fatal(err)
	}
	return f.processed(ctx, t, client, f.imageIn(t, run))
}

func (f *fov) processed(ctx context.Context, t testing.TB, client *mibitracker.Client, id int64) *mibitracker.Image {
	t.Helper()
	wait, cancel := context.WithTimeout(ctx, 2*time.Minute)
	defer cancel()
	image, err := client.Images.WaitAvailable(wait, id, f.sha256)
	if err != nil {
		t.Fatal(err)
	}
	return image
}

// meter is a transport that counts requests, and the bytes that the
// connections carry: headers and all.
type meter struct {
	below              *http.Transport
	requests           atomic.Int64
	received, sent     atomic.Int64
	content            atomic.Int64        // bytes of storage, by their declared length
	before             func(*http.Request) // may change a request on its way
	connections, still atomic.Int64        // dialled, and not closed yet
}

func newMeter() *meter {
	m := &meter{}
	dialer := &net.Dialer{}
	m.below = &http.Transport{DialContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
		conn, err := dialer.DialContext(ctx, network, addr)
		if err != nil {
			return nil, err
		}
		m.connections.Add(1)
		m.still.Add(1)
		return &meteredConn{Conn: conn, meter: m}, nil
	}}
	return m
}

// RoundTrip implements [http.RoundTripper].
func (m *meter) RoundTrip(r *http.Request) (*http.Response, error) {
	m.requests.Add(1)
	if m.before != nil {
		r = r.Clone(r.Context())
		m.before(r)
	}
	resp, err := m.below.RoundTrip(r)
	if err == nil && strings.HasPrefix(r.URL.Path, "/storage/") && r.Method == http.MethodGet && resp.StatusCode < 300 {
		m.content.Add(max(resp.ContentLength, 0))
	}
	return resp, err
}

// CloseIdleConnections is what [http.Client] looks for.
func (m *meter) CloseIdleConnections() { m.below.CloseIdleConnections() }

func (m *meter) option() mibitracker.Option {
	return mibitracker.WithHTTPClient(&http.Client{Transport: m})
}

type meteredConn struct {
	net.Conn

	meter  *meter
	closed atomic.Bool
}

func (c *meteredConn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	c.meter.received.Add(int64(n))
	return n, err
}

func (c *meteredConn) Write(p []byte) (int, error) {
	n, err := c.Conn.Write(p)
	c.meter.sent.Add(int64(n))
	return n, err
}

func (c *meteredConn) Close() error {
	if !c.closed.Swap(true) {
		c.meter.still.Add(-1)
	}
	return c.Conn.Close()
}

func itoa(n int64) string { return strconv.FormatInt(n, 10) }
