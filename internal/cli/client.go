package cli

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/openmibi/openmibi/internal/config"
	"github.com/openmibi/openmibi/mibitracker"
)

// client is the one way in which commands reach the server: the settings, and a
// client that has logged in with them. Without settings the error is
// config.ErrNotLoggedIn, and nothing was sent.
func (g *globals) client(ctx context.Context) (*mibitracker.Client, config.Settings, error) {
	s, err := config.Resolve(ctx, g.settings, os.Getenv)
	for _, w := range s.Warnings {
		g.warn(w)
	}
	if err != nil {
		return nil, s, given(err)
	}
	var opts []mibitracker.Option
	if store, err := config.Open(os.Getenv); err == nil { // else the token is no profile's
		if token, ok := store.Token(s); ok {
			opts = append(opts, mibitracker.WithTokenStore(token))
		}
	}
	c, err := g.connect(ctx, s, opts...)
	if err != nil {
		return nil, s, err
	}
	g.renew(ctx, c, s)
	g.keepLogin(ctx, c)
	return c, s, nil
}

// renewAfter is the age at which a profile's token is exchanged for a new one,
// so that a login lasts as long as it is used, if the server lets it. Commands
// that run for long exchange theirs more often: see [globals.keepLogin].
const renewAfter = time.Hour

// renew exchanges a profile's token that has aged. Where that fails the token
// goes on being used until it ends.
func (g *globals) renew(ctx context.Context, c *mibitracker.Client, s config.Settings) {
	if s.Renewed.IsZero() || time.Since(s.Renewed) < renewAfter {
		return
	}
	if err := c.Refresh(ctx); err != nil {
		g.logger().DebugContext(ctx, "the profile's token was not renewed", "profile", s.Profile, "error", err)
	}
}

// keepLogin keeps the client's token from ending while a command runs, also
// while it sends no request for long, as in the middle of a large file. It ends
// with the command.
func (g *globals) keepLogin(ctx context.Context, c *mibitracker.Client) {
	ctx, stop := context.WithCancel(ctx)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		tick := time.NewTicker(time.Minute)
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
				// What fails is in the log, and the request that needs the token says so.
				_ = c.KeepLogin(ctx)
			case <-ctx.Done():
				return
			}
		}
	}()
	g.atEnd = append(g.atEnd, func() {
		stop()
		<-ended
	})
}

// connect makes a client of settings, and logs in.
func (g *globals) connect(ctx context.Context, s config.Settings, more ...mibitracker.Option) (*mibitracker.Client, error) {
	opts, err := g.transferOptions()
	if err != nil {
		return nil, err
	}
	opts = append(append(opts, more...), credentials(s))
	c, err := mibitracker.New(s.URL, opts...)
	if err != nil {
		return nil, usage(err)
	}
	if err := c.Login(ctx); err != nil {
		// Wrong credentials are a 400 where a password is exchanged for a token.
		if errors.Is(err, mibitracker.ErrBadRequest) {
			return nil, &refusedError{fmt.Errorf("%w\nCheck the e-mail address and the password; whoever runs the server can send you a link to choose another one (mibi user reset)", err)}
		}
		if errors.Is(err, mibitracker.ErrNotFound) {
			return nil, fmt.Errorf("%w\nNo MIBItracker seems to answer at %s: check the URL, and see mibi doctor --url %s", err, s.URL, shellWord(s.URL))
		}
		return nil, err
	}
	return c, nil
}

// credentials are what the settings log in with.
func credentials(s config.Settings) mibitracker.Option {
	if s.Token != "" {
		return mibitracker.WithToken(s.Token)
	}
	return mibitracker.WithPassword(s.Email, s.Password)
}

// transferOptions are what the flags say of any transfer, without credentials.
func (g *globals) transferOptions() ([]mibitracker.Option, error) {
	opts := []mibitracker.Option{
		mibitracker.WithUserAgent("mibi/" + programVersion()),
		mibitracker.WithLogger(g.clientLogger()),
	}
	opts = append(opts, g.bandwidth.options()...)
	if g.flags.Changed("timeout") {
		opts = append(opts, mibitracker.WithSessionTimeout(g.timeout), mibitracker.WithTransferTimeout(g.timeout))
	}
	if g.caFile != "" {
		roots, err := rootsWith(g.caFile)
		if err != nil {
			return nil, err
		}
		opts = append(opts, mibitracker.WithRootCAs(roots))
	}
	return opts, nil
}

// rootsWith are the system's certificates and those of a file.
func rootsWith(path string) (*x509.CertPool, error) {
	pem, err := os.ReadFile(path)
	if err != nil {
		return nil, given(fmt.Errorf("read --ca-file: %w", err))
	}
	roots, err := x509.SystemCertPool()
	if err != nil { // a system without any
		roots = x509.NewCertPool()
	}
	if !roots.AppendCertsFromPEM(pem) {
		return nil, usage(fmt.Errorf("--ca-file: %s holds no PEM certificate", path))
	}
	return roots, nil
}
