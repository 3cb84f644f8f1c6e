package api

import (
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
)

// absolute makes an absolute URL of a path (escaped as it is to travel) and a
// query: on the public URL, else on the request's scheme and host. A proxy's
// word on these counts only if the proxy is trusted.
func (a *API) absolute(r *http.Request, escapedPath string, query url.Values) string {
	var base string
	if a.base != nil {
		base = strings.TrimRight(a.base.String(), "/")
	} else {
		scheme, host := "http", r.Host
		if r.TLS != nil {
			scheme = "https"
		}
		if a.fromTrustedProxy(r) {
			if p := strings.ToLower(lastOf(r.Header.Get("X-Forwarded-Proto"))); p == "http" || p == "https" {
				scheme = p
			}
			if h := lastOf(r.Header.Get("X-Forwarded-Host")); plainHost(h) {
				host = h
			}
		}
		if here, ok := r.Context().Value(http.LocalAddrContextKey).(net.Addr); ok && host == "" {
			host = here.String() // as the client has named none
		}
		base = (&url.URL{Scheme: scheme, Host: host}).String()
	}
	if len(query) > 0 {
		escapedPath += "?" + query.Encode()
	}
	return base + escapedPath
}

func (a *API) fromTrustedProxy(r *http.Request) bool {
	remote, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return false
	}
	return a.trusts(remote.Addr().Unmap())
}

// trusts tells whether an address is a trusted proxy's.
func (a *API) trusts(addr netip.Addr) bool {
	for _, prefix := range a.TrustedProxies {
		if prefix.Contains(addr) {
			return true
		}
	}
	return false
}

// lastOf is the last of a header's comma-separated values: the one that the
// nearest proxy, the trusted one, has added.
func lastOf(list string) string { return strings.TrimSpace(list[strings.LastIndexByte(list, ',')+1:]) }

func plainHost(h string) bool {
	return h != "" && !strings.ContainsFunc(h, func(r rune) bool {
		return !strings.ContainsRune("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-:[]", r)
	})
}
