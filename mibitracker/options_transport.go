package mibitracker

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"
	"net/url"
)

// WithRootCAs trusts these certificate authorities instead of the system's,
// for a backend with a certificate of the lab's own.
func WithRootCAs(roots *x509.CertPool) Option {
	return func(c *config) error {
		if roots == nil {
			return errors.New("the pool of certificate authorities is nil")
		}
		c.roots = roots
		return nil
	}
}

// WithProxy chooses the proxy of a request, as http.Transport.Proxy does.
// Without it, the environment does (HTTPS_PROXY, NO_PROXY).
func WithProxy(choose func(*http.Request) (*url.URL, error)) Option {
	return func(c *config) error {
		if choose == nil {
			return errors.New("the choice of a proxy is nil")
		}
		c.proxy = choose
		return nil
	}
}

// WithMiddleware puts a RoundTripper of the caller's between the client and
// the network: a tracer (such as otelhttp's), a counter. It sees every attempt
// of every request, to signed URLs too; those carry their secret in the query.
// The first one given is the outermost.
func WithMiddleware(wrap func(http.RoundTripper) http.RoundTripper) Option {
	return func(c *config) error {
		if wrap == nil {
			return errors.New("the middleware is nil")
		}
		c.wrap = append(c.wrap, wrap)
		return nil
	}
}

// adapt gives a transport the authorities, the proxy and the middleware of the
// options, and gives the transport without the middleware too. The caller's own
// transport is copied, never changed.
func (cfg *config) adapt(below http.RoundTripper) (whole, network http.RoundTripper, err error) {
	if cfg.roots != nil || cfg.proxy != nil {
		standard, ok := below.(*http.Transport)
		if !ok {
			return nil, nil, fmt.Errorf("certificate authorities and a proxy cannot be set on a transport of type %T: set them on it yourself", below)
		}
		standard = standard.Clone()
		if cfg.roots != nil {
			if standard.TLSClientConfig == nil {
				standard.TLSClientConfig = &tls.Config{MinVersion: tls.VersionTLS12}
			}
			standard.TLSClientConfig.RootCAs = cfg.roots
		}
		if cfg.proxy != nil {
			standard.Proxy = cfg.proxy
		}
		below = standard
	}
	network = below
	for i := len(cfg.wrap) - 1; i >= 0; i-- {
		if below = cfg.wrap[i](below); below == nil {
			return nil, nil, errors.New("a middleware gave no transport")
		}
	}
	return below, network, nil
}
