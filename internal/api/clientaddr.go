package api

import (
	"net/http"
	"net/netip"
	"strings"
)

// clientAddr is where a request comes from, for counting: an IPv4 address, or
// the /64 of an IPv6 one, which a single customer has whole. A trusted proxy's
// X-Forwarded-For is read from its end, where the proxy has added what it saw;
// what the client itself wrote before that does not count.
func (a *API) clientAddr(r *http.Request) string {
	remote, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return ""
	}
	addr := remote.Addr().Unmap()
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for i := len(hops) - 1; i >= 0 && a.trusts(addr); i-- {
		hop, err := parseHop(strings.TrimSpace(hops[i]))
		if err != nil {
			break
		}
		addr = hop
	}
	if addr.Is6() {
		if prefix, err := addr.WithZone("").Prefix(64); err == nil {
			return prefix.String()
		}
	}
	return addr.String()
}

// parseHop reads an address of X-Forwarded-For, to which some proxies add a
// port.
func parseHop(s string) (netip.Addr, error) {
	if hop, err := netip.ParseAddrPort(s); err == nil {
		return hop.Addr().Unmap(), nil
	}
	hop, err := netip.ParseAddr(strings.Trim(s, "[]"))
	return hop.Unmap(), err
}
