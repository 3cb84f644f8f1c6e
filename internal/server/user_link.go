package server

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/openmibi/openmibi/internal/auth"
	"github.com/openmibi/openmibi/internal/model"
	"github.com/openmibi/openmibi/internal/store"
)

// DefaultPublicURL is where this computer reaches a server that was told
// nothing else.
const DefaultPublicURL = "http://" + DefaultAddr

// passwordPage is where a link leads; its secret follows the "#", which
// browsers send to no server and write into no log.
const passwordPage = "/app/password/#token="

// Link is a link to a page on which somebody chooses a password, once.
type Link struct {
	URL       string // a secret
	ExpiresAt time.Time
	User      User
	New       bool // the account was made with it
}

// Invite adds an account without a password, and makes the link by which its
// owner chooses one. An account that was invited before and has no password
// yet gets a new link, which takes the older one's place; admin makes it an
// administrator. publicURL is the server's, as clients reach it; empty means
// [DefaultPublicURL].
//
// Errors: [ErrInput], [ErrNoData], [ErrUserExists] for an account that has a
// password, [ErrUserState] for one that is disabled.
func Invite(ctx context.Context, dataDir, email string, admin bool, publicURL string) (link Link, err error) {
	email, err = userEmail(email)
	if err != nil {
		return Link{}, err
	}
	err = writeLink(ctx, dataDir, publicURL, &link, func(t *store.Tx) (model.Account, error) {
		a, err := t.AccountByEmail(ctx, email)
		switch {
		case errors.Is(err, store.ErrNotFound):
			link.New = true
			id, err := t.AddAccount(ctx, email, "", admin)
			if err != nil {
				return a, err
			}
			return t.Account(ctx, id)
		case err != nil:
			return a, err
		case !a.Invited():
			return a, fmt.Errorf("%w, and it has a password: %s; mibi user reset makes a link to choose another one", ErrUserExists, email)
		case admin && !a.Admin:
			if err := t.SetAdmin(ctx, a.ID, true); err != nil {
				return a, err
			}
			return t.Account(ctx, a.ID)
		}
		return a, nil
	})
	return link, err
}

// ResetPassword makes the link by which an account's owner chooses another
// password, in the place of older links. Until then the old one stays good.
// publicURL is as in [Invite].
//
// Errors: [ErrInput], [ErrNoData], [ErrNoUser], [ErrUserState] for an account
// that is disabled.
func ResetPassword(ctx context.Context, dataDir, email, publicURL string) (link Link, err error) {
	email, err = userEmail(email)
	if err != nil {
		return Link{}, err
	}
	err = writeLink(ctx, dataDir, publicURL, &link, func(t *store.Tx) (model.Account, error) {
		return findUser(ctx, t.Queries, dataDir, email)
	})
	return link, err
}

// writeLink makes a link for the account that find gives, in one transaction.
func writeLink(ctx context.Context, dataDir, publicURL string, link *Link, find func(*store.Tx) (model.Account, error)) error {
	if err := CheckPublicURL(publicURL); err != nil {
		return err
	}
	if publicURL == "" {
		publicURL = DefaultPublicURL
	}
	secret, hash := auth.NewSecret()
	return withDatabase(ctx, dataDir, func(db *store.Store) error {
		return db.WriteAs(ctx, commandLine(), func(t *store.Tx) error {
			a, err := find(t)
			if err != nil {
				return err
			}
			if !a.Active {
				return fmt.Errorf("%s is disabled: %w; enable it first", a.Email, ErrUserState)
			}
			kind := model.LinkReset
			if a.Invited() {
				kind = model.LinkInvite
			}
			link.User = userOf(a)
			link.URL = strings.TrimRight(publicURL, "/") + passwordPage + secret
			link.ExpiresAt, err = t.AddLink(ctx, a.ID, kind, hash, time.Now())
			return err
		})
	})
}
