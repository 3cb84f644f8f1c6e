package cli

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"syscall"
	"time"
)

// checkServer finds out how far a request to the server comes: its name, a
// connection, the certificate, an answer of the right kind, and its clock.
func (o *doctor) checkServer(ctx context.Context) bool {
	target, err := url.Parse(o.base)
	if err != nil {
		return false
	}
	next, what := target, "the server"
	proxy, err := proxyOf(o.base)
	if err == nil && proxy != nil {
		next, what = proxy, "the proxy"
	}
	if !o.checkName(ctx, next, what) || !o.checkConnection(ctx, next, what) {
		return false
	}
	return o.checkAnswer(ctx, target)
}

// checkName looks the name up. An address needs no looking up.
func (o *doctor) checkName(ctx context.Context, u *url.URL, what string) bool {
	host := u.Hostname()
	if net.ParseIP(host) != nil {
		return true
	}
	ctx, cancel := context.WithTimeout(ctx, o.wait)
	defer cancel()
	addresses, err := net.DefaultResolver.LookupHost(ctx, host)
	if err != nil {
		advice := "check the spelling of " + what + "'s name, the network, and whether a VPN is needed"
		if what == "the server" {
			advice += "; if the network has a proxy, set HTTPS_PROXY"
		}
		o.say("name", healthWrong, advice, "%s's name %s is not known here: %v", what, host, shortNetError(err))
		return false
	}
	o.say("name", healthOK, "", "%s is %s", host, strings.Join(few(addresses), ", "))
	return true
}

func (o *doctor) checkConnection(ctx context.Context, u *url.URL, what string) bool {
	port := u.Port()
	if port == "" {
		port = map[string]string{"https": "443", "socks5": "1080", "socks5h": "1080"}[u.Scheme]
	}
	if port == "" {
		port = "80"
	}
	address := net.JoinHostPort(u.Hostname(), port)
	ctx, cancel := context.WithTimeout(ctx, o.wait)
	defer cancel()
	began := time.Now()
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", address)
	if err != nil {
		advice := "a firewall may be in between, or a VPN be needed; if the network has a proxy, set HTTPS_PROXY"
		if errors.Is(err, syscall.ECONNREFUSED) {
			advice = "nothing listens there: check the port, and whether " + what + " runs"
		}
		o.say("connection", healthWrong, advice, "%s does not take a connection at %s: %v", what, address, shortNetError(err))
		return false
	}
	_ = conn.Close()
	o.say("connection", healthOK, "", "%s takes connections at %s, after %v", what, address, time.Since(began).Round(time.Millisecond))
	return true
}

// shortNetError is the cause without what is told beside it.
func shortNetError(err error) error {
	var dns *net.DNSError
	var op *net.OpError
	var call *os.SyscallError
	switch {
	case errors.As(err, &dns):
		return errors.New(dns.Err)
	case errors.As(err, &call):
		return call.Err
	case errors.As(err, &op):
		return op.Err
	}
	return err
}

// checkAnswer asks as a client without a token does, which a MIBItracker refuses
// in its own way.
func (o *doctor) checkAnswer(ctx context.Context, target *url.URL) bool {
	standard, ok := http.DefaultTransport.(*http.Transport)
	if !ok {
		return true
	}
	transport := standard.Clone()
	defer transport.CloseIdleConnections()
	if o.g.caFile != "" {
		roots, err := rootsWith(o.g.caFile)
		if err != nil {
			o.say("certificate", healthWrong, "", "%v", err)
			return false
		}
		transport.TLSClientConfig = &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}
	}
	client := http.Client{Transport: transport, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	ctx, cancel := context.WithTimeout(ctx, o.wait)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodOptions, o.base+"/", nil)
	if err != nil {
		o.say("server", healthWrong, "", "%v", err)
		return false
	}
	req.Header.Set("User-Agent", "mibi/"+programVersion())
	began := time.Now()
	resp, err := client.Do(req)
	if err != nil {
		o.noAnswer(target, err)
		return false
	}
	took := time.Since(began)
	defer func() { _ = resp.Body.Close() }()
	body, _ := io.ReadAll(io.LimitReader(resp.Body, 64<<10)) // what broke off is no MIBItracker's answer
	o.certificate(resp.TLS)
	o.clock(resp.Header.Get("Date"), began.Add(took/2))
	return o.judge(target, resp, body, took)
}

// noAnswer says why no answer came.
func (o *doctor) noAnswer(target *url.URL, err error) {
	var wrapped *url.Error
	if errors.As(err, &wrapped) {
		err = wrapped.Err
	}
	var authority x509.UnknownAuthorityError
	var name x509.HostnameError
	var invalid x509.CertificateInvalidError
	var plain tls.RecordHeaderError
	var failed *tls.CertificateVerificationError
	switch {
	case errors.As(err, &authority):
		o.say("certificate", healthWrong, "get the certificate of the authority that signed it from whoever runs the server or the network, and give it with --ca-file FILE.pem",
			"no authority that this computer trusts signed the server's certificate")
	case errors.As(err, &name):
		o.say("certificate", healthWrong, "use the name that the certificate is for", "%v", name)
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		o.say("certificate", healthWrong, "check this computer's clock; if it is right, whoever runs the server has to renew the certificate", "%v", invalid)
	case errors.As(err, &failed):
		o.say("certificate", healthWrong, "", "%v", failed.Err)
	case errors.As(err, &plain), strings.Contains(err.Error(), "server gave HTTP response to HTTPS client"):
		o.say("certificate", healthWrong, "if it is meant to be without encryption, use http://"+target.Host, "the server does not speak https at this port")
	case errors.Is(err, context.DeadlineExceeded):
		o.say("server", healthWrong, "wait for longer with --timeout, or ask whoever runs the server", "it takes the connection and does not answer within %v", o.wait)
	case strings.Contains(err.Error(), "Proxy Authentication Required"):
		o.say("server", healthWrong, "set it as http://USER:PASSWORD@HOST:PORT", "the proxy wants a login")
	default:
		o.say("server", healthWrong, "", "it takes the connection and gives no answer: %v", shortNetError(err))
	}
}

// certificateSoon is how long before its end a certificate is warned of.
const certificateSoon = 14 * 24 * time.Hour

func (o *doctor) certificate(state *tls.ConnectionState) {
	if state == nil || len(state.PeerCertificates) == 0 {
		warnable := !strings.HasPrefix(o.base, "https:")
		if u, err := url.Parse(o.base); err == nil && warnable && !local(u.Hostname()) {
			o.say("certificate", healthWarning, "use https:// if the server has it", "none: the password and all data go over the network without encryption")
		}
		return
	}
	ends := state.PeerCertificates[0].NotAfter
	if left := time.Until(ends); left < certificateSoon {
		o.say("certificate", healthWarning, "tell whoever runs the server", "it ends on %s", ends.Format(time.DateOnly))
		return
	}
	o.say("certificate", healthOK, "", "%s, good until %s", tls.VersionName(state.Version), ends.Format(time.DateOnly))
}

// local says that a host is this computer.
func local(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// maxSkew is by how much clocks may differ.
const maxSkew = time.Minute

func (o *doctor) clock(date string, here time.Time) {
	there, err := http.ParseTime(date)
	if err != nil {
		return // not every server says
	}
	// The header has no parts of seconds.
	skew := here.Sub(there.Add(time.Second / 2)).Round(time.Second)
	if skew.Abs() <= maxSkew {
		o.say("clock", healthOK, "", "it agrees with the server's, within %v", max(skew.Abs(), time.Second))
		return
	}
	way := "ahead of"
	if skew < 0 {
		way = "behind"
	}
	o.say("clock", healthWarning, "let the clock be set by the network; tokens and signed links end too early or too late otherwise",
		"this computer's clock is %v %s the server's", skew.Abs(), way)
}

// judge says whether an answer is that of a MIBItracker.
func (o *doctor) judge(target *url.URL, resp *http.Response, body []byte, took time.Duration) bool {
	isJSON := strings.HasPrefix(resp.Header.Get("Content-Type"), "application/json")
	switch status := resp.StatusCode; {
	case status == http.StatusUnauthorized && (isJSON || strings.HasPrefix(resp.Header.Get("WWW-Authenticate"), "JWT")):
		o.say("server", healthOK, "", "a MIBItracker answers at %s, after %v", o.base, took.Round(time.Millisecond))
		return true
	case status >= 300 && status < 400:
		to, err := target.Parse(resp.Header.Get("Location"))
		if err != nil {
			to = target
		}
		o.say("server", healthWrong, "if that is the server's own address, use it with --url; else the network may want a login of its own in a browser",
			"it leads on to %s", shownURL(to)+to.Path)
	case status == http.StatusProxyAuthRequired:
		o.say("server", healthWrong, "set it as http://USER:PASSWORD@HOST:PORT", "the proxy wants a login")
	case status == http.StatusBadGateway, status == http.StatusServiceUnavailable, status == http.StatusGatewayTimeout:
		o.say("server", healthWrong, "try again in a while, or ask whoever runs the server", "what stands before it cannot reach it: %s", resp.Status)
	case status < 300 && isJSON && len(body) > 0:
		o.say("server", healthOK, "", "an API answers at %s, after %v", o.base, took.Round(time.Millisecond))
		return true
	default:
		o.say("server", healthWrong, "check the URL, with the path before the API if it has one, such as https://host/mibi",
			"what answers at %s is no MIBItracker: %s", o.base, fmt.Sprintf("%s, %s", resp.Status, first(resp.Header.Get("Content-Type"), "no content type")))
	}
	return false
}
