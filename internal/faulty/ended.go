package faulty

import (
	"bytes"
	"io"
	"net/http"
	"strings"
)

// end makes a token or a grant count no more.
func (p *Proxy) end(secret string) {
	if _, token, ok := strings.Cut(secret, " "); ok {
		secret = token // "JWT ..."
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.ended[secret] = true
}

// revive lets count again what the backend has given out once more: two logins
// within one second give the same token.
func (p *Proxy) revive(answer []byte) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for secret := range p.ended {
		if bytes.Contains(answer, []byte(secret)) {
			delete(p.ended, secret)
		}
	}
}

func (p *Proxy) hasEnded(secret string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.ended[secret]
}

// refuseEnded answers a request whose token or link has ended.
func (p *Proxy) refuseEnded(x *exchange) bool {
	_, token, _ := strings.Cut(x.r.Header.Get("Authorization"), " ")
	switch {
	case token != "" && p.hasEnded(token):
		x.unauthorized()
		return true
	case x.event.Signed && p.hasEnded(x.r.URL.Query().Get(p.cfg.Grant)):
		x.linkEnded()
		return true
	case x.r.Method == http.MethodPost && strings.HasPrefix(x.r.URL.Path, "/api-token-refresh") && x.r.ContentLength > 0 && x.r.ContentLength < maxBody:
		body, err := io.ReadAll(x.r.Body)
		if err != nil {
			panic(http.ErrAbortHandler)
		}
		x.r.Body = io.NopCloser(bytes.NewReader(body))
		if p.holdsEnded(body) {
			x.answer(http.StatusBadRequest, "application/json", `{"non_field_errors":["Signature has expired."]}`)
			return true
		}
	}
	return false
}

func (p *Proxy) holdsEnded(body []byte) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	for secret := range p.ended {
		if bytes.Contains(body, []byte(secret)) {
			return true
		}
	}
	return false
}
