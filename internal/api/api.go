// Package api serves the MIBItracker REST API: the contract's routes over the
// store and the blobs. Every route stands in one table, see routes.go; there
// is one file a resource, and the wire types are apart from the model's.
//
// It answers JSON and nothing else, errors included, and it never processes
// pixels: it enqueues.
package api

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humachi"
	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"

	"github.com/openmibi/openmibi/internal/auth"
	"github.com/openmibi/openmibi/internal/blob"
	"github.com/openmibi/openmibi/internal/store"
)

// Config is what the API is made of. Store, Blobs, Tokens, Hasher, Signer and
// Sealer are needed; the rest has defaults.
type Config struct {
	Store  *store.Store
	Blobs  blob.Store
	Tokens *auth.Tokens
	Hasher *auth.Hasher
	Signer *auth.Signer
	// Sealer keeps answers with secrets, for repetitions, from who reads the
	// database.
	Sealer *auth.Sealer
	// Logger gets one line a failure; nil means [slog.Default].
	Logger *slog.Logger
	// PublicURL is what absolute URLs begin with, "https://mibi.example.org";
	// empty means the request's own scheme and host.
	PublicURL string
	// TrustedProxies are the addresses whose X-Forwarded-Proto,
	// X-Forwarded-Host and X-Forwarded-For count.
	TrustedProxies []netip.Prefix
	// Version is the program's, for the OpenAPI document.
	Version string
	// MaxUpload is the largest MIBItiff or channel in bytes; 0 means 16 GiB.
	MaxUpload int64
	// MaxStaged is how many bytes of uploads that are not queued an account may
	// have; 0 means 64 GiB, and MaxUpload at least.
	MaxStaged int64
	// MaxOpenUploads is how many uploads an account may have signed and not
	// queued; 0 means 1000.
	MaxOpenUploads int64
	// MaxRequests is how many requests of one account are answered at once; 0
	// means 128. MaxWhole is how many of them may be for a whole list
	// (paging=no); 0 means 8.
	MaxRequests, MaxWhole int
	// MaxXML is the largest run XML in bytes; 0 means 64 MiB.
	MaxXML int64
	// MaxSED is the largest SED image in bytes; 0 means 64 MiB.
	MaxSED int64
	// MaxKept is the largest answer in bytes that is kept for the repetitions of
	// a request with an Idempotency-Key; 0 means 64 MiB, which some 500000
	// images of a new run fill.
	MaxKept int64
	// IdleBody is how long a request's body may stand still; 0 means 30 s.
	IdleBody time.Duration
	// Now tells the time; nil means the system's clock.
	Now func() time.Time
	// Mount adds routes that are not the contract's (health, the start page)
	// to the same router, so that slash forms, 404 and 405 are alike; may be nil.
	Mount func(chi.Router)
	// Hook is called at named moments of a write, for tests of crashes: an
	// error ends the request there. Nil in production.
	Hook func(ctx context.Context, moment string) error
}

// API serves the contract's routes. Make it with [New].
type API struct {
	Config

	base     *url.URL // nil without a PublicURL
	router   *chi.Mux
	huma     huma.API
	table    []Route
	openapi  []byte        // the table, described
	logins   chan struct{} // password checks under way or waiting
	same     turns         // of these, those of one account at one address
	reading  chan struct{} // uploaded pictures in memory
	running  running       // Idempotency-Keys
	notes    *notes
	throttle *throttle
	calls    turns    // requests of each account
	whole    turns    // of these, whole lists
	staged   arriving // bytes of each account's uploads on their way
	handler  http.Handler
}

var _ http.Handler = (*API)(nil)

// maxLogins is how many password checks may wait at once; the next is told to
// come back.
const maxLogins = 64

// maxReading is how many uploaded pictures are in memory at once; the others
// wait. One may take a thousand times the bytes of its file.
const maxReading = 2

// New returns the API. Its errors are mistakes in cfg.
func New(cfg Config) (*API, error) {
	if cfg.Store == nil || cfg.Blobs == nil || cfg.Tokens == nil || cfg.Hasher == nil || cfg.Signer == nil || cfg.Sealer == nil {
		return nil, errors.New("api: Store, Blobs, Tokens, Hasher, Signer and Sealer are needed")
	}
	cfg.setDefaults()
	a := &API{Config: cfg, router: chi.NewMux(), logins: make(chan struct{}, maxLogins),
		reading: make(chan struct{}, maxReading), running: running{keys: make(map[store.AnswerKey]time.Time)},
		notes: newNotes(), throttle: newThrottle()}
	if cfg.PublicURL != "" {
		u, err := url.Parse(cfg.PublicURL)
		if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" || u.RawQuery != "" || u.Fragment != "" {
			return nil, fmt.Errorf("api: public URL %q is not an absolute http or https URL", cfg.PublicURL)
		}
		a.base = u
	}
	useProblems()
	a.router.Use(middleware.GetHead) // HEAD answers as GET does, without the body
	a.router.NotFound(a.notFound)
	a.router.MethodNotAllowed(a.methodNotAllowed)
	a.huma = humachi.New(a.router, humaConfig(cfg.Version))
	a.table = a.routes()
	if err := a.describeAll(); err != nil {
		return nil, err
	}
	for _, route := range a.table {
		route.bind(a, route)
	}
	if cfg.Mount != nil {
		cfg.Mount(a.router)
	}
	a.handler = a.identified(a.recovered(ended(a.bounded(oneSlash(a.router)))))
	return a, nil
}

func (c *Config) setDefaults() {
	if c.Logger == nil {
		c.Logger = slog.Default()
	}
	c.Logger = RequestLogger(c.Logger)
	if c.MaxUpload == 0 {
		c.MaxUpload = 16 << 30
	}
	if c.MaxStaged == 0 {
		c.MaxStaged = max(64<<30, c.MaxUpload)
	}
	if c.MaxOpenUploads == 0 {
		c.MaxOpenUploads = 1000
	}
	if c.MaxRequests == 0 {
		c.MaxRequests = 128
	}
	if c.MaxWhole == 0 {
		c.MaxWhole = 8
	}
	if c.MaxXML == 0 {
		c.MaxXML = 64 << 20
	}
	if c.MaxSED == 0 {
		c.MaxSED = 64 << 20
	}
	if c.MaxKept == 0 {
		c.MaxKept = 64 << 20
	}
	if c.IdleBody == 0 {
		c.IdleBody = 30 * time.Second
	}
	if c.Now == nil {
		c.Now = time.Now
	}
}

// humaConfig leaves out what huma would serve by itself: a documentation page
// that loads from elsewhere, and "$schema" in every answer.
func humaConfig(version string) huma.Config {
	return huma.Config{
		OpenAPI: &huma.OpenAPI{
			OpenAPI:    "3.1.0",
			Info:       &huma.Info{Title: "MIBItracker API", Version: version},
			Components: &huma.Components{Schemas: huma.NewMapRegistry("#/components/schemas/", huma.DefaultSchemaNamer)},
		},
		Formats:       map[string]huma.Format{"application/json": huma.DefaultJSONFormat, "json": huma.DefaultJSONFormat},
		DefaultFormat: "application/json",
	}
}

// ServeHTTP implements [http.Handler].
func (a *API) ServeHTTP(w http.ResponseWriter, r *http.Request) { a.handler.ServeHTTP(w, r) }

// Routes lists the table of routes, for tests and the start page.
func (a *API) Routes() []Route { return append([]Route(nil), a.table...) }

// reach calls the test's hook, if there is one.
func (a *API) reach(ctx context.Context, moment string) error {
	if a.Hook == nil {
		return nil
	}
	return a.Hook(ctx, moment)
}
