package cli

import (
	"context"
	"net/http"
	"net/url"
	"os"
	"strings"
)

// proxyVariables are those that a scheme's proxy comes from, and those that
// other programs look at.
func proxyVariables(scheme string) (used []string, unused []string) {
	name := strings.ToUpper(scheme) + "_PROXY"
	return []string{name, strings.ToLower(name)}, []string{"ALL_PROXY", "all_proxy"}
}

// setVariable is the first of them that is set.
func setVariable(names ...string) string {
	for _, name := range names {
		if os.Getenv(name) != "" {
			return name
		}
	}
	return ""
}

// proxyOf is the proxy that requests to the server go through; nil for none.
func proxyOf(base string) (*url.URL, error) {
	u, err := url.Parse(base)
	if err != nil {
		return nil, err
	}
	return http.ProxyFromEnvironment(&http.Request{URL: u})
}

// checkProxy tells which proxy the environment names for the server.
func (o *doctor) checkProxy(context.Context) bool {
	if o.base == "" {
		return false
	}
	scheme, _, _ := strings.Cut(o.base, ":")
	used, unused := proxyVariables(scheme)
	name, except := setVariable(used...), setVariable("NO_PROXY", "no_proxy")
	proxy, err := proxyOf(o.base)
	switch {
	case err != nil || name != "" && !isProxy(os.Getenv(name)):
		// Its text may hold a password.
		o.say("proxy", healthWarning, "set it as http://HOST:PORT", "none: %s cannot be read", name)
	case proxy != nil:
		o.say("proxy", healthOK, "", "%s, from %s", shownURL(proxy), name)
	case name != "" && except != "":
		o.say("proxy", healthOK, "", "none for this server: %s is set, and %s or a local address excepts it", name, except)
	case name != "":
		o.say("proxy", healthOK, "", "none for this server: %s is set, and not used for local addresses", name)
	case setVariable(unused...) != "":
		o.say("proxy", healthWarning, "set "+used[0]+" as well, if the server is reached through the proxy only",
			"none: %s is set, which is not looked at", setVariable(unused...))
	default:
		o.say("proxy", healthOK, "", "none: %s is not set", used[0])
	}
	return true
}

// isProxy says whether a text names a proxy; what does not is ignored wherever
// a proxy is looked for.
func isProxy(text string) bool {
	for _, form := range []string{text, "http://" + text} {
		if u, err := url.Parse(form); err == nil && u.Host != "" {
			switch u.Scheme {
			case "http", "https", "socks5", "socks5h":
				return true
			}
		}
	}
	return false
}

// shownURL is a URL without user and password.
func shownURL(u *url.URL) string {
	return u.Scheme + "://" + u.Host
}
