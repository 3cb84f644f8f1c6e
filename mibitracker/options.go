package mibitracker

import (
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// Defaults of the options; the first three are those of the Python client.
const (
	DefaultRefreshAfter    = 5 * time.Minute
	DefaultSessionTimeout  = 10 * time.Second
	DefaultTransferTimeout = 30 * time.Second
	DefaultRetries         = 3
)

// Option configures a Client; a bad value is an error of New.
type Option func(*config) error

type config struct {
	email, password, token string
	store                  TokenStore
	http                   *http.Client
	log                    *slog.Logger
	agent                  string
	refreshAfter           time.Duration
	waitAPI, waitData      time.Duration
	retry                  retryPolicy
	roots                  *x509.CertPool
	proxy                  func(*http.Request) (*url.URL, error)
	wrap                   []func(http.RoundTripper) http.RoundTripper
}

func defaults() *config {
	return &config{
		log: slog.New(slog.DiscardHandler), agent: "openmibi",
		refreshAfter: DefaultRefreshAfter,
		waitAPI:      DefaultSessionTimeout, waitData: DefaultTransferTimeout,
		retry: retryPolicy{
			retries: DefaultRetries, first: 300 * time.Millisecond, longest: time.Minute,
			methods: []string{"HEAD", "GET", "PUT", "DELETE", "OPTIONS", "TRACE", "POST", "PATCH"},
			codes:   []int{http.StatusBadGateway, http.StatusServiceUnavailable},
		},
	}
}

// WithPassword logs in with an account's email address and password. A token
// given as well wins.
func WithPassword(email, password string) Option {
	return func(c *config) error {
		if email == "" || password == "" {
			return errors.New("the email address or the password is empty")
		}
		c.email, c.password = email, password
		return nil
	}
}

// WithToken uses a session token that some login gave, or an API key
// ("mibi_..."), which is sent as a bearer token and never refreshed.
func WithToken(token string) Option {
	return func(c *config) error {
		if !sendable(token) {
			return errors.New("the token is empty or holds characters that no token has")
		}
		c.token = token
		return nil
	}
}

// WithHTTPClient sends requests through a copy of h: its transport (proxy,
// certificates), its cookie jar (the API only, never signed URLs), its
// redirect rule (ours come first). A Timeout in it cuts long transfers.
func WithHTTPClient(h *http.Client) Option {
	return func(c *config) error {
		if h == nil {
			return errors.New("the HTTP client is nil")
		}
		c.http = h
		return nil
	}
}

// WithLogger logs each attempt at level debug, and retries and doubtful
// answers at level warn. Tokens, passwords and the queries of signed URLs are
// never logged.
func WithLogger(l *slog.Logger) Option {
	return func(c *config) error {
		if l == nil {
			return errors.New("the logger is nil")
		}
		c.log = l
		return nil
	}
}

// WithUserAgent sets the User-Agent header.
func WithUserAgent(s string) Option {
	return func(c *config) error {
		if s == "" || strings.ContainsAny(s, "\r\n") {
			return errors.New("the user agent is empty or has a line break in it")
		}
		c.agent = s
		return nil
	}
}

// WithRefreshAfter sets the age at which a session token is refreshed before
// the next request; 0 never refreshes.
func WithRefreshAfter(d time.Duration) Option {
	return durationOption("the age to refresh a token at", d, func(c *config) { c.refreshAfter = d })
}

// WithSessionTimeout sets how long an API request may wait without a byte
// moving; 0 waits for ever. A request's own Timeout wins.
func WithSessionTimeout(d time.Duration) Option {
	return durationOption("the session timeout", d, func(c *config) { c.waitAPI = d })
}

// WithTransferTimeout sets how long a transfer of a file may wait without a
// byte moving; 0 waits for ever. Its whole length is not bounded.
func WithTransferTimeout(d time.Duration) Option {
	return durationOption("the transfer timeout", d, func(c *config) { c.waitData = d })
}

func durationOption(what string, d time.Duration, set func(*config)) Option {
	return func(c *config) error {
		if d < 0 {
			return fmt.Errorf("%s is %v, below zero", what, d)
		}
		set(c)
		return nil
	}
}

// WithRetries sets how often a request is repeated after its first attempt,
// the wait before the first repetition (doubled each time, with jitter) and
// the longest wait, which also bounds the Retry-After that is honoured.
func WithRetries(n int, first, longest time.Duration) Option {
	return func(c *config) error {
		if n < 0 || first < 0 || longest < first {
			return fmt.Errorf("%d retries with waits of %v to %v make no sense", n, first, longest)
		}
		c.retry.retries, c.retry.first, c.retry.longest = n, first, longest
		return nil
	}
}

// WithRetryMethods sets the HTTP methods whose requests are repeated. Without
// it they are HEAD, GET, PUT, PATCH, DELETE, OPTIONS, TRACE and POST; what a
// POST is repeated after is told in the package's documentation.
func WithRetryMethods(methods ...string) Option {
	return func(c *config) error {
		for _, m := range methods {
			if m == "" || m != strings.ToUpper(m) {
				return fmt.Errorf("%q is not an HTTP method to retry", m)
			}
		}
		c.retry.methods = slices.Clone(methods)
		return nil
	}
}

// WithRetryCodes sets the statuses whose requests are repeated; without it 502
// and 503. 413 and 429 are repeated where they come with a Retry-After.
func WithRetryCodes(codes ...int) Option {
	return func(c *config) error {
		for _, code := range codes {
			if code < 400 || code > 599 {
				return fmt.Errorf("%d is not a status to retry: it is not from 400 to 599", code)
			}
		}
		c.retry.codes = slices.Clone(codes)
		return nil
	}
}
