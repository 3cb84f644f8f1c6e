package mibitracker

import (
	"context"
	"errors"
	"strings"
	"time"
)

// TokenStore is where an account's token is kept between programs, such as a
// file of settings. With one, clients in several programs live on one login:
// each keeps the tokens that it gets, and takes over those that another got.
// The client calls it from one goroutine at a time, and only around logins and
// refreshes.
type TokenStore interface {
	// Load gives the token that is kept now, and when it was got; empty where
	// none is kept any more for this account at this server.
	Load(ctx context.Context) (token string, got time.Time, err error)
	// Save keeps a token that was got just now in exchange for old. Where
	// another program has kept one since, that one may stay: the client takes it
	// over at its next refresh.
	Save(ctx context.Context, old, token string) error
}

// WithTokenStore keeps each new token of the session in s, and takes over one
// that another program has kept there since: when the session's own token is
// due for a refresh, and when it has ended. So long work goes on after a new
// login elsewhere. It goes with WithToken, whose token is the one that s holds.
// An API key is never refreshed, so nothing is saved of it; a new one in its
// place is taken over after a 401. A store that fails is a warning in the log.
func WithTokenStore(s TokenStore) Option {
	return func(c *config) error {
		if s == nil {
			return errors.New("the store of tokens is nil")
		}
		c.store = s
		return nil
	}
}

// KeepLogin does what every request does first, and no more: it logs in unless
// that is done, and refreshes a token that is older than the time of
// WithRefreshAfter. Else it sends nothing. Work that sends no request for a
// long time calls it every minute or so, and its token does not end meanwhile.
//
//mibi:route POST /api-token-auth/
//mibi:route POST /api-token-refresh/
func (c *Client) KeepLogin(ctx context.Context) error {
	_, err := c.ensure(ctx)
	return err
}

// adopt takes over a token that another program has kept since this session
// looked into the store, or saved to it. What the session saved itself, or
// could not save, is no news. It holds the session's turn.
func (c *Client) adopt(ctx context.Context) bool {
	s := c.session
	if s.store == nil {
		return false
	}
	kept, got, err := s.store.Load(ctx)
	if err != nil {
		c.storeFailed(ctx, err)
		return false
	}
	current, _, _ := s.now()
	news := kept != "" && kept != s.kept
	if s.kept = kept; !news || kept == current || !sendable(kept) {
		return false
	}
	s.adopted(kept, got)
	c.log.DebugContext(ctx, "the session goes on with a token that another program got")
	return true
}

// saved keeps a token that this session has got. It holds the session's turn.
func (c *Client) saved(ctx context.Context, old, token string) {
	s := c.session
	if s.store == nil {
		return
	}
	if err := s.store.Save(ctx, old, token); err != nil {
		c.storeFailed(ctx, err)
		return
	}
	s.kept = token
}

// storeFailed warns once: a folder that cannot be written stays so.
func (c *Client) storeFailed(ctx context.Context, err error) {
	if c.session.storeWarned {
		c.log.DebugContext(ctx, "the store of tokens failed again", "error", err)
		return
	}
	c.session.storeWarned = true
	c.log.WarnContext(ctx, "the session's new token cannot be kept, or that of another program not be read", "error", err)
}

func (s *session) adopted(token string, got time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.token, s.ready, s.obtained = token, true, time.Now()
	if !got.IsZero() && got.Before(s.obtained) {
		s.obtained = got
	}
}

// sendable says whether a token fits in a header.
func sendable(token string) bool {
	return token != "" && !strings.ContainsFunc(token, func(r rune) bool { return r <= ' ' || r >= 0x7f })
}
