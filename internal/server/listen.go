package server

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"strconv"
)

// listen opens the address, with TLS if there is a certificate.
func listen(ctx context.Context, cfg Config, all *connections) (net.Listener, error) {
	var config *tls.Config
	if cfg.TLSCert != "" {
		cert, err := tls.LoadX509KeyPair(cfg.TLSCert, cfg.TLSKey)
		if err != nil {
			return nil, fmt.Errorf("read the TLS certificate %s and its key %s: %w", cfg.TLSCert, cfg.TLSKey, err)
		}
		config = &tls.Config{Certificates: []tls.Certificate{cert}, MinVersion: tls.VersionTLS12, NextProtos: []string{"h2", "http/1.1"}}
	}
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", cfg.Addr)
	if err != nil {
		return nil, fmt.Errorf("listen on %s (another program may have this address already): %w", cfg.Addr, err)
	}
	l = all.listener(l)
	if config != nil {
		l = tls.NewListener(l, config)
	}
	return l, nil
}

// CheckAddr refuses what is not HOST:PORT, as an [ErrInput].
func CheckAddr(addr string) error {
	_, port, err := net.SplitHostPort(addr)
	if err == nil {
		_, err = strconv.ParseUint(port, 10, 16)
	}
	if err != nil {
		return fmt.Errorf("the address %q: %w: --addr takes HOST:PORT, such as 127.0.0.1:8000", addr, ErrInput)
	}
	return nil
}

// CheckPublicURL refuses what answers' URLs cannot begin with. A URL that may
// hold a password is not shown. An error is an [ErrInput].
func CheckPublicURL(text string) error {
	if text == "" {
		return nil
	}
	u, err := url.Parse(text)
	switch {
	case err == nil && u.User != nil:
		text = u.Redacted()
	case err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != "" && u.RawQuery == "" && u.Fragment == "":
		return nil
	}
	return fmt.Errorf("the public URL %q: %w: --public-url takes an absolute URL without a name, a password or a query, such as https://mibi.example.org",
		text, ErrInput)
}

// localURL is where this computer reaches the server.
func localURL(addr net.Addr, secure bool) string {
	host := addr.String()
	if ap, err := netip.ParseAddrPort(host); err == nil && ap.Addr().IsUnspecified() {
		loopback := netip.AddrFrom4([4]byte{127, 0, 0, 1})
		host = netip.AddrPortFrom(loopback, ap.Port()).String()
	}
	scheme := "http"
	if secure {
		scheme = "https"
	}
	return scheme + "://" + host
}

// warnings says what is dangerous about a configuration.
func warnings(cfg Config) []string {
	if cfg.TLSCert != "" {
		return nil
	}
	public, err := url.Parse(cfg.PublicURL)
	if err == nil && public.Scheme == "https" {
		return nil
	}
	host, _, err := net.SplitHostPort(cfg.Addr)
	beyond := err != nil || !isLoopback(host)
	if cfg.PublicURL != "" {
		beyond = beyond || !isLoopback(public.Hostname())
	}
	if !beyond {
		return nil
	}
	return []string{"DANGER: other computers can reach this server without encryption. Passwords, tokens and patients' data " +
		"can be read and changed on their way. Give it a certificate (--tls-cert, --tls-key), or put it behind a proxy " +
		"that speaks https and say so (--public-url https://...)."}
}

func isLoopback(host string) bool {
	if host == "localhost" {
		return true
	}
	addr, err := netip.ParseAddr(host)
	return err == nil && addr.Unmap().IsLoopback()
}
