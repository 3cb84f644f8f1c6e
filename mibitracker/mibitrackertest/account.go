package mibitrackertest

import (
	"context"
	"crypto/rand"
	"fmt"
	"slices"
	"testing"

	"github.com/openmibi/openmibi/internal/server"
	"github.com/openmibi/openmibi/mibitracker"
)

// Account is an account of a lab. None is an administrator's.
type Account struct {
	// Email and Password are what it logs in with.
	Email, Password string
	// Client is logged in as the account.
	Client *mibitracker.Client

	url string
}

// NewAccount makes one more account and logs it in. It sees nothing of what
// the lab's own account made. [Lab.Close] closes its client's connections.
func (l *Lab) NewAccount(ctx context.Context) (*Account, error) {
	a := &Account{Email: fmt.Sprintf("account%d@example.org", l.accounts.Add(1)), Password: rand.Text(), url: l.URL}
	if _, err := server.AddUser(ctx, l.dir, a.Email, a.Password, false); err != nil {
		return nil, err
	}
	var err error
	if a.Client, err = a.newClient(); err != nil {
		return nil, err
	}
	l.onClose(a.Client.CloseIdleConnections)
	if err := a.Client.Login(ctx); err != nil {
		return nil, err
	}
	return a, nil
}

// AddAccount is [Lab.NewAccount] in a test, which fails if it cannot be made.
func (l *Lab) AddAccount(t testing.TB) *Account {
	t.Helper()
	a, err := l.NewAccount(t.Context())
	if err != nil {
		t.Fatalf("mibitrackertest: %v", err)
	}
	return a
}

// NewClient makes one more client of the account, for options that Client does
// not have. It logs in at its first request; the test's end closes its
// connections.
func (a *Account) NewClient(t testing.TB, opts ...mibitracker.Option) *mibitracker.Client {
	t.Helper()
	c, err := a.newClient(opts...)
	if err != nil {
		t.Fatalf("mibitrackertest: %v", err)
	}
	t.Cleanup(c.CloseIdleConnections)
	return c
}

func (a *Account) newClient(opts ...mibitracker.Option) (*mibitracker.Client, error) {
	return mibitracker.New(a.url, slices.Concat([]mibitracker.Option{mibitracker.WithPassword(a.Email, a.Password)}, opts)...)
}
