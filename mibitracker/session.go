package mibitracker

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"time"
	"unicode"
)

const apiKeyPrefix = "mibi_"

// session holds the account's token. turn is held while a login or refresh is
// in flight: a channel, so that waiting for it ends with a context.
type session struct {
	email, password string
	refreshAfter    time.Duration
	turn            chan struct{}
	store           TokenStore // nil for none

	// Of who holds the turn: the token that the store was last known to hold, and
	// whether its failure, and that of a refresh, were told.
	kept          string
	storeWarned   bool
	refreshWarned bool

	mu       sync.Mutex
	token    string
	ready    bool // logged in, or the given token was checked
	obtained time.Time
}

func newSession(cfg *config) *session {
	s := &session{refreshAfter: cfg.refreshAfter, turn: make(chan struct{}, 1), store: cfg.store, token: cfg.token, kept: cfg.token}
	if cfg.token == "" {
		s.email, s.password = cfg.email, cfg.password
	}
	return s
}

func (s *session) take(ctx context.Context) (release func(), err error) {
	select {
	case s.turn <- struct{}{}:
		return func() { <-s.turn }, nil
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}

func (s *session) now() (token string, ready, stale bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	stale = s.refreshAfter > 0 && time.Since(s.obtained) > s.refreshAfter && !strings.HasPrefix(s.token, apiKeyPrefix)
	return s.token, s.ready, stale
}

func (s *session) set(token string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.token, s.ready, s.obtained = token, true, time.Now()
}

// postpone waits before the next refresh: another period where the server
// refused this one, a tenth of it where no answer came.
func (s *session) postpone(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.obtained = time.Now()
	var refused *APIError
	if !errors.As(err, &refused) || refused.Status >= http.StatusInternalServerError {
		s.obtained = s.obtained.Add(-s.refreshAfter / 10 * 9)
	}
}

// Login logs in with the password, or checks the given token. It is optional:
// the first request does it otherwise. Wrong credentials are an *APIError.
//
//mibi:route POST /api-token-auth/
//mibi:route OPTIONS /
func (c *Client) Login(ctx context.Context) error {
	release, err := c.session.take(ctx)
	if err != nil {
		return err
	}
	defer release()
	return c.login(ctx)
}

func (c *Client) login(ctx context.Context) error {
	s := c.session
	if s.email == "" {
		err := c.check(ctx)
		if errors.Is(err, ErrUnauthorized) && c.adopt(ctx) {
			err = c.check(ctx)
		}
		return err
	}
	token, err := c.askToken(ctx, "/api-token-auth/", map[string]string{"email": s.email, "password": s.password})
	if err != nil {
		return fmt.Errorf("logging in as %s: %w", s.email, err)
	}
	s.set(token)
	return nil
}

// check asks the server whether the token is good.
func (c *Client) check(ctx context.Context) error {
	token, _, _ := c.session.now()
	resp, err := c.send(ctx, Request{Method: http.MethodOptions, Route: "/"}, token)
	if err != nil {
		return fmt.Errorf("checking the token: %w", err)
	}
	_ = drop(resp)
	c.session.set(token)
	return nil
}

// Refresh exchanges the token for a new one. It is done before a request when
// the token is older than the time of WithRefreshAfter. An expired token is an
// *APIError of status 400. An API key is exchanged for nothing: it ends when it
// was made to.
//
//mibi:route POST /api-token-refresh/
func (c *Client) Refresh(ctx context.Context) error {
	release, err := c.session.take(ctx)
	if err != nil {
		return err
	}
	defer release()
	switch token, ready, _ := c.session.now(); {
	case !ready:
		return c.login(ctx)
	case strings.HasPrefix(token, apiKeyPrefix):
		return nil
	}
	return c.refresh(ctx)
}

func (c *Client) refresh(ctx context.Context) error {
	old, _, _ := c.session.now()
	token, err := c.askToken(ctx, "/api-token-refresh/", map[string]string{"token": old})
	if err != nil {
		return fmt.Errorf("refreshing the token: %w", err)
	}
	c.session.set(token)
	c.session.refreshWarned = false
	c.saved(ctx, old, token)
	return nil
}

// Token is the session's token at this moment; empty before the first login.
// It is a secret.
func (c *Client) Token() string {
	token, _, _ := c.session.now()
	return token
}

func (c *Client) askToken(ctx context.Context, route string, body map[string]string) (string, error) {
	var answer struct {
		Token string `json:"token"`
	}
	r := Request{Method: http.MethodPost, Route: route, Body: JSONBody(body), Repeat: true}
	err := c.decoded(ctx, r, &answer, func(ctx context.Context, r Request) (*http.Response, error) { return c.send(ctx, r, "") })
	if err != nil {
		return "", err
	}
	// It is opaque, but has to fit in a header.
	if answer.Token == "" || strings.ContainsFunc(answer.Token, unicode.IsControl) {
		return "", &UnexpectedAnswerError{Reason: route + " answered without a token, or with one that cannot be sent"}
	}
	return answer.Token, nil
}

// ensure gives a token that is fit for a request. One caller logs in or
// refreshes; the others wait for it.
func (c *Client) ensure(ctx context.Context) (string, error) {
	s := c.session
	token, ready, stale := s.now()
	if ready && !stale {
		return token, nil
	}
	release, err := s.take(ctx)
	if err != nil {
		return "", err
	}
	defer release()
	_, ready, stale = s.now()
	if ready && stale && c.adopt(ctx) {
		_, _, stale = s.now()
	}
	switch {
	case !ready:
		err = c.login(ctx)
	case stale:
		err = c.refresh(ctx)
		switch {
		case err == nil || ctx.Err() != nil:
		case s.email != "":
			err = c.login(ctx)
		default:
			// The token may still be good, also where it cannot be refreshed any
			// more; the request itself will tell, by a 401 if it is not.
			level := slog.LevelWarn
			if s.refreshWarned { // work that runs for days tries every few minutes
				level = slog.LevelDebug
			}
			s.refreshWarned = true
			c.log.Log(ctx, level, "the token could not be refreshed", "error", err)
			s.postpone(err)
			err = nil
		}
	}
	token, _, _ = s.now()
	return token, err
}

// renew gets a new token after a 401, unless another caller has done so since
// the request was sent: it takes over one that another program has kept,
// refreshes the old one, or else logs in again. It reports whether a repetition
// makes sense.
func (c *Client) renew(ctx context.Context, used string) (string, bool) {
	release, err := c.session.take(ctx)
	if err != nil {
		return "", false
	}
	defer release()
	token, _, _ := c.session.now()
	if token != used {
		return token, true
	}
	if c.adopt(ctx) {
		token, _, _ = c.session.now()
		return token, true
	}
	if strings.HasPrefix(used, apiKeyPrefix) {
		return "", false
	}
	err = c.refresh(ctx)
	if err != nil && c.session.email != "" {
		err = c.login(ctx)
	}
	if err != nil {
		c.log.WarnContext(ctx, "getting a new token failed", "error", err)
		return "", false
	}
	token, _, _ = c.session.now()
	return token, true
}
