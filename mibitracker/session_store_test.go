package mibitracker_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/openmibi/openmibi/mibitracker"
)

// shelf is a store of tokens in memory.
type shelf struct {
	mu    sync.Mutex
	token string
	got   time.Time
	fails error
	saved []string
}

func (s *shelf) Load(context.Context) (string, time.Time, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.token, s.got, nil
}

func (s *shelf) Save(_ context.Context, old, token string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.fails != nil {
		return s.fails
	}
	s.saved = append(s.saved, old+">"+token)
	if old == s.token {
		s.token, s.got = token, time.Now()
	}
	return nil
}

func (s *shelf) put(token string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.token, s.got = token, time.Now()
}

func (s *shelf) history() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return strings.Join(s.saved, " ")
}

// issuer is a backend in memory that knows which tokens are good. It refreshes
// a good one to the same with a mark more.
type issuer struct {
	mu   sync.Mutex
	good map[string]bool
	log  []string
}

func (b *issuer) allow(tokens ...string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.good = map[string]bool{}
	for _, token := range tokens {
		b.good[token] = true
	}
}

func (b *issuer) requests() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	defer func() { b.log = nil }()
	return strings.Join(b.log, " ")
}

func (b *issuer) RoundTrip(r *http.Request) (*http.Response, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	body := ""
	if r.Body != nil {
		raw, err := io.ReadAll(r.Body)
		if err = errors.Join(err, r.Body.Close()); err != nil {
			return nil, err
		}
		body = string(raw)
	}
	_, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	status, answer := http.StatusOK, "{}"
	if r.URL.Path == "/api-token-refresh/" {
		token = strings.TrimSuffix(strings.TrimPrefix(body, `{"token":"`), `"}`)
		status, answer = http.StatusBadRequest, `{"non_field_errors":["Signature has expired."]}`
		if b.good[token] {
			b.good[token+"'"] = true
			status, answer = http.StatusOK, `{"token":"`+token+`'"}`
		}
		b.log = append(b.log, "refresh:"+token)
	} else {
		if !b.good[token] {
			status, answer = http.StatusUnauthorized, `{"detail":"Signature has expired."}`
		}
		b.log = append(b.log, token)
	}
	return &http.Response{StatusCode: status, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(answer)), Request: r}, nil
}

// ask sends one request.
func ask(t *testing.T, c *mibitracker.Client) error {
	t.Helper()
	return c.JSON(t.Context(), mibitracker.Request{Route: "/work/"}, nil)
}

func TestTokenStore(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]func(t *testing.T, b *issuer, s *shelf, c *mibitracker.Client){
		"a refreshed token is kept": func(t *testing.T, b *issuer, s *shelf, c *mibitracker.Client) {
			time.Sleep(6 * time.Minute)
			if err := ask(t, c); err != nil || b.requests() != "refresh:secret secret'" || s.history() != "secret>secret'" {
				t.Errorf("%v, kept %q", err, s.history())
			}
		},
		"without a request, too": func(t *testing.T, b *issuer, s *shelf, c *mibitracker.Client) {
			for range 12 {
				time.Sleep(time.Minute)
				if err := c.KeepLogin(t.Context()); err != nil {
					t.Error(err)
				}
			}
			if got := b.requests(); got != "refresh:secret refresh:secret'" || s.history() != "secret>secret' secret'>secret''" {
				t.Errorf("requests %q, kept %q", got, s.history())
			}
		},
		"another's is taken instead of a refresh": func(t *testing.T, b *issuer, s *shelf, c *mibitracker.Client) {
			time.Sleep(4 * time.Minute)
			b.allow("secret", "0ther")
			s.put("0ther")
			time.Sleep(2 * time.Minute)
			if err := ask(t, c); err != nil || b.requests() != "0ther" || s.history() != "" {
				t.Errorf("%v, kept %q", err, s.history())
			}
			// It is as old as it is, not as long as it is used here.
			time.Sleep(4 * time.Minute)
			if err := ask(t, c); err != nil || b.requests() != "refresh:0ther 0ther'" || s.history() != "0ther>0ther'" {
				t.Errorf("%v, kept %q", err, s.history())
			}
		},
		"a new login elsewhere ends a refusal": func(t *testing.T, b *issuer, s *shelf, c *mibitracker.Client) {
			b.allow("0ther")
			if err := ask(t, c); !errors.Is(err, mibitracker.ErrUnauthorized) || b.requests() != "secret refresh:secret" {
				t.Errorf("ended: %v", err)
			}
			if err := c.Login(t.Context()); !errors.Is(err, mibitracker.ErrUnauthorized) || b.requests() != "secret" {
				t.Errorf("Login without news: %v", err)
			}
			s.put("0ther")
			if err := ask(t, c); err != nil || b.requests() != "secret 0ther" || c.Token() != "0ther" {
				t.Errorf("after a login elsewhere: %v", err)
			}
			b.allow("third")
			s.put("third")
			if err := c.Login(t.Context()); err != nil || b.requests() != "0ther third" || s.history() != "" {
				t.Errorf("Login with news: %v", err)
			}
		},
		"an old one that could not be replaced stays out": func(t *testing.T, b *issuer, s *shelf, c *mibitracker.Client) {
			s.fails = errors.New("read-only")
			for range 3 {
				time.Sleep(6 * time.Minute)
				if err := ask(t, c); err != nil {
					t.Error(err)
				}
			}
			if got := b.requests(); got != "refresh:secret secret' refresh:secret' secret'' refresh:secret'' secret'''" {
				t.Errorf("requests %q", got)
			}
		},
		"what cannot be sent stays out": func(t *testing.T, b *issuer, s *shelf, c *mibitracker.Client) {
			s.put("a\nb")
			time.Sleep(6 * time.Minute)
			if err := ask(t, c); err != nil || b.requests() != "refresh:secret secret'" {
				t.Error(err)
			}
		},
		"an API key is replaced, never refreshed": func(t *testing.T, b *issuer, s *shelf, c *mibitracker.Client) {
			b.allow("mibi_key")
			s.put("mibi_key")
			time.Sleep(24 * time.Hour)
			if err := ask(t, c); err != nil || b.requests() != "mibi_key" {
				t.Error(err)
			}
			b.allow()
			time.Sleep(time.Hour)
			if err := ask(t, c); !errors.Is(err, mibitracker.ErrUnauthorized) || b.requests() != "mibi_key" {
				t.Error(err)
			}
			b.allow("mibi_new")
			s.put("mibi_new")
			if err := ask(t, c); err != nil || b.requests() != "mibi_key mibi_new" || s.history() != "" {
				t.Error(err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var out bytes.Buffer
				b, s := &issuer{}, &shelf{token: "secret", got: time.Now()}
				b.allow("secret")
				c, err := mibitracker.New("https://mibi.example.org", mibitracker.WithToken("secret"), mibitracker.WithTokenStore(s),
					mibitracker.WithHTTPClient(&http.Client{Transport: b}),
					mibitracker.WithLogger(slog.New(slog.NewTextHandler(&out, &slog.HandlerOptions{Level: slog.LevelDebug}))))
				if err != nil {
					t.Fatal(err)
				}
				if err := c.Login(t.Context()); err != nil || b.requests() != "secret" {
					t.Fatal(err)
				}
				test(t, b, s, c)
				for _, secret := range []string{"secret", "0ther", "third", "mibi_key", "mibi_new"} {
					if strings.Contains(out.String(), secret) {
						t.Errorf("%q is in the log:\n%s", secret, out.String())
					}
				}
				if n := strings.Count(out.String(), "cannot be kept"); s.fails != nil && n != 1 {
					t.Errorf("warned %d times:\n%s", n, out.String())
				}
			})
		})
	}
}

// What gets no answer is tried again sooner than what was refused.
func TestRefreshWithoutAnswer(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b, down := &issuer{}, true
		b.allow("good")
		c, err := mibitracker.New("https://mibi.example.org", mibitracker.WithToken("good"), mibitracker.WithRetries(0, 0, 0),
			mibitracker.WithHTTPClient(&http.Client{Transport: b}),
			mibitracker.WithMiddleware(func(next http.RoundTripper) http.RoundTripper {
				return roundTrip(func(r *http.Request) (*http.Response, error) {
					if down && r.URL.Path == "/api-token-refresh/" {
						return nil, errors.New("no network")
					}
					return next.RoundTrip(r)
				})
			}))
		if err != nil {
			t.Fatal(err)
		}
		if err := c.Login(t.Context()); err != nil {
			t.Fatal(err)
		}
		b.requests()
		time.Sleep(6 * time.Minute)
		if err := ask(t, c); err != nil || b.requests() != "good" {
			t.Errorf("while the network is down: %v", err)
		}
		down = false
		if err := ask(t, c); err != nil || b.requests() != "good" {
			t.Errorf("at once: %v", err)
		}
		time.Sleep(time.Minute)
		if err := ask(t, c); err != nil || b.requests() != "refresh:good good'" {
			t.Errorf("a minute later: %v", err)
		}
	})
}

func TestTokenStoreNeedsAToken(t *testing.T) {
	t.Parallel()
	password := mibitracker.WithPassword("a@example.org", "right")
	for _, opts := range [][]mibitracker.Option{
		{password, mibitracker.WithTokenStore(&shelf{})}, {mibitracker.WithToken("good"), mibitracker.WithTokenStore(nil)},
	} {
		if _, err := mibitracker.New("https://x", opts...); err == nil || !strings.Contains(err.Error(), "store of tokens") {
			t.Error(err)
		}
	}
}
