package mibitracker

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// Request is one call of any route.
type Request struct {
	// Method is the HTTP method; empty means GET.
	Method string
	// Route is the path below the base URL, such as "/images/12/", with or
	// without the first slash. It may carry a query.
	Route string
	// Query is added to the route's own query.
	Query url.Values
	// Header is sent besides what the client sets.
	Header http.Header
	// Body is the content; nil for none.
	Body *Body
	// Timeout is how long the request may wait without a byte moving; 0 means
	// the client's session timeout.
	Timeout time.Duration
	// Repeat says that doing a POST twice is harmless: it is then sent again
	// after a broken connection too, as other methods are.
	Repeat bool

	// unsure counts the attempts that the backend may have acted on without
	// saying so.
	unsure *int
	// imageless leaves the images of image sets out of the answer.
	imageless bool
}

// keyed gives a POST its Idempotency-Key, the same in all its repetitions. A
// method in lower case would be none of those that it is compared with.
func (r Request) keyed() Request {
	r.Method = strings.ToUpper(r.Method)
	if r.Method != http.MethodPost || r.Header.Get(idempotencyHeader) != "" {
		return r
	}
	if r.Header = r.Header.Clone(); r.Header == nil {
		r.Header = http.Header{}
	}
	r.Header.Set(idempotencyHeader, rand.Text())
	return r
}

// repeatable says whether the call may be made again after an answer that
// broke off, where these methods are repeated at all.
func (r Request) repeatable(methods []string) bool {
	method := cmp.Or(r.Method, http.MethodGet)
	if !slices.Contains(methods, method) {
		return false
	}
	switch method {
	case http.MethodGet, http.MethodHead, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions:
		return true
	}
	return r.Repeat
}

// Do sends a request to any route of the API, logged in. The answer's status
// is below 400, and its body is the caller's to close; any other status is an
// *APIError. After a 401 it gets a new token, once: it refreshes the old one,
// or else logs in again, and repeats the request.
func (c *Client) Do(ctx context.Context, r Request) (*http.Response, error) {
	r = r.keyed()
	token, err := c.ensure(ctx)
	if err != nil {
		return nil, err
	}
	resp, err := c.send(ctx, r, token)
	if err == nil || !errors.Is(err, ErrUnauthorized) {
		return resp, err
	}
	renewed, ok := c.renew(ctx, token)
	if !ok {
		return nil, err
	}
	return c.send(ctx, r, renewed)
}

// JSON is Do for an answer in JSON, which it decodes into out; a nil out
// drops the answer. What is not JSON, or longer than 256 MiB, is an
// *UnexpectedAnswerError. An answer that breaks off is asked for again, where
// the request may be repeated.
func (c *Client) JSON(ctx context.Context, r Request, out any) error {
	return c.decoded(ctx, r.keyed(), out, c.Do)
}

// decoded sends a request by do and decodes its answer into out, again where
// the answer breaks off and the request may be repeated.
func (c *Client) decoded(ctx context.Context, r Request, out any, do func(context.Context, Request) (*http.Response, error)) error {
	for attempt := 0; ; attempt++ {
		resp, err := do(ctx, r)
		if err != nil {
			return err
		}
		if out == nil {
			return drop(resp)
		}
		if r.imageless {
			resp.Body = struct {
				io.Reader
				io.Closer
			}{withoutImages(resp.Body), resp.Body}
		}
		if err = decode(resp, out); err != nil && r.unsure != nil {
			*r.unsure++
		}
		var broken *TransportError
		var silent *SilenceError
		switch {
		case err == nil, !errors.As(err, &broken) && !errors.As(err, &silent),
			!r.repeatable(c.retry.methods), attempt >= c.retry.retries, ctx.Err() != nil:
			return err
		}
		c.log.WarnContext(ctx, "an answer broke off, asking again", "error", err, "attempt", attempt+1)
		if pause(ctx, c.retry.backoff(attempt)) != nil {
			return err
		}
	}
}

func (c *Client) send(ctx context.Context, r Request, token string) (*http.Response, error) {
	target, err := c.resolve(r.Route, r.Query)
	if err != nil {
		return nil, err
	}
	wait := r.Timeout
	if wait == 0 {
		wait = c.waitAPI
	}
	req, err := newRequest(withCall(ctx, call{silence: wait, repeat: r.Repeat, unsure: r.unsure}), r.Method, target, r.Body)
	if err != nil {
		return nil, err
	}
	for name, values := range r.Header {
		req.Header[http.CanonicalHeaderKey(name)] = values
	}
	if req.Header.Get("Accept") == "" {
		req.Header.Set("Accept", "application/json")
	}
	req.Header.Set("User-Agent", c.agent)
	switch {
	case token == "":
		req.Header.Del("Authorization")
	case strings.HasPrefix(token, apiKeyPrefix):
		req.Header.Set("Authorization", "Bearer "+token)
	default:
		req.Header.Set("Authorization", "JWT "+token)
	}
	return finish(c.api, req, false)
}

// sendSigned sends a request to a signed URL: no credentials, no cookies.
func (c *Client) sendSigned(ctx context.Context, method, signed string, header http.Header, body *Body) (*http.Response, error) {
	target, err := url.Parse(signed)
	if err != nil || target.Scheme != "http" && target.Scheme != "https" || target.Host == "" {
		return nil, &UnexpectedAnswerError{Reason: "the server gave a signed URL that is not one"}
	}
	if target.Scheme == "http" && c.base.Scheme == "https" {
		c.openLinks.Do(func() {
			c.log.WarnContext(ctx, "the server gives links to its files without encryption: a proxy may not tell it that it is reached by https",
				"host", target.Host)
		})
	}
	req, err := newRequest(withCall(ctx, call{silence: c.waitData, signed: true}), method, target, body)
	if err != nil {
		return nil, err
	}
	for name, values := range header {
		req.Header[name] = values
	}
	// The file's own bytes and their length, not a compressed form of them.
	req.Header.Set("Accept-Encoding", "identity")
	req.Header.Set("User-Agent", c.agent)
	return finish(c.storage, req, true)
}

func finish(h *http.Client, req *http.Request, signed bool) (*http.Response, error) {
	resp, err := h.Do(req)
	if err != nil {
		return nil, transportError(req, signed, err)
	}
	switch {
	case resp.StatusCode >= 400:
		e := apiError(resp, req.Method, cleanURL(req.URL, signed))
		if signed {
			e.Storage, e.Body = true, storageReason(e.Body)
		}
		return nil, e
	case resp.StatusCode >= 300:
		_ = resp.Body.Close()
		return nil, &UnexpectedAnswerError{Reason: fmt.Sprintf("%s %s: %s", req.Method, cleanURL(req.URL, signed), resp.Status)}
	}
	return resp, nil
}

func newRequest(ctx context.Context, method string, target *url.URL, body *Body) (*http.Request, error) {
	if method == "" {
		method = http.MethodGet
	}
	req, err := http.NewRequestWithContext(ctx, method, target.String(), nil)
	if err != nil {
		return nil, fmt.Errorf("mibitracker: %w", err)
	}
	if body == nil {
		return req, nil
	}
	if body.Err != nil {
		return nil, body.Err
	}
	if body.ContentType != "" {
		req.Header.Set("Content-Type", body.ContentType)
	}
	if body.Size == 0 {
		req.Body = http.NoBody
		return req, nil
	}
	if body.Open == nil {
		return nil, errors.New("mibitracker: the request's body has a size and no content")
	}
	req.GetBody = body.Open
	req.ContentLength = body.Size
	if req.Body, err = body.Open(); err != nil {
		return nil, err
	}
	return req, nil
}

// resolve joins a route to the base URL, and never leaves its host.
func (c *Client) resolve(route string, query url.Values) (*url.URL, error) {
	u, err := url.Parse(c.base.String() + "/" + strings.TrimLeft(route, "/"))
	if err != nil || !sameOrigin(u, c.base) || strings.Contains(route, "://") && !strings.Contains(route, "?") {
		return nil, fmt.Errorf("mibitracker: %q is not a route: give the path below the base URL", route)
	}
	u.Fragment, u.RawFragment = "", ""
	if len(query) > 0 {
		if u.RawQuery != "" {
			u.RawQuery += "&"
		}
		u.RawQuery += query.Encode()
	}
	return u, nil
}
