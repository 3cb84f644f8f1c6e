package api

import (
	"net/http"
	"net/url"
	"strings"
)

// Limits of what stands before a request's body. What is beyond them the
// contract's errors say; docs/limits.md lists all limits of the server.
const (
	maxURL         = 16 << 10 // bytes of the request's target
	maxParams      = 500      // parameters of a query string
	maxHeaders     = 100      // lines of headers
	maxHeaderBytes = 32 << 10 // bytes of them all
)

// refusedHead is what is wrong with a request before its body, or nil.
func refusedHead(r *http.Request) *problem {
	if len(r.RequestURI) > maxURL {
		return newProblem(http.StatusRequestURITooLong, "The URL is longer than %d bytes.", maxURL)
	}
	lines, size := 0, 0
	for name, values := range r.Header {
		lines += len(values)
		for _, value := range values {
			size += len(name) + len(value)
		}
	}
	if lines > maxHeaders || size > maxHeaderBytes {
		return newProblem(http.StatusRequestHeaderFieldsTooLarge,
			"The request has %d headers of %d bytes; at most %d headers of %d bytes are accepted.", lines, size, maxHeaders, maxHeaderBytes)
	}
	if !usableHost(r.Host) {
		return newProblem(http.StatusBadRequest, "The Host header %s names no host.", quote(r.Host))
	}
	if strings.Count(r.URL.RawQuery, "&") >= maxParams {
		return newProblem(http.StatusBadRequest, "The query string has more than %d parameters.", maxParams)
	}
	if _, err := url.ParseQuery(r.URL.RawQuery); err != nil {
		return newProblem(http.StatusBadRequest, "The query string cannot be read.")
	}
	return nil
}

// usableHost tells whether absolute URLs can begin with a host: a name or an
// address, with or without a port. HTTP/1.0 sends none.
func usableHost(host string) bool {
	return len(host) <= 255+len(":65535") && !strings.ContainsFunc(host, func(c rune) bool {
		return !strings.ContainsRune("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_:[]%", c)
	})
}
