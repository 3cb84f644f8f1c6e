package mibitracker_test

import (
	"context"
	"net/url"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/openmibi/openmibi/mibitracker"
)

// goldenCall is one call of the Python client, the answers to it, and the
// same call here. Its name is the golden file's, and the driver's.
type goldenCall struct {
	name    string
	answers []stageAnswer
	options []mibitracker.Option // nil: the account's password
	base    string               // added to the base URL
	// ours does the call and gives the gist of its result. dir holds the
	// files to send.
	ours func(ctx context.Context, c *mibitracker.Client, dir string) (any, error)
}

func goldenToken(s string) []mibitracker.Option {
	return []mibitracker.Option{mibitracker.WithToken(s)}
}

func goldenLogin(ctx context.Context, c *mibitracker.Client, _ string) (any, error) {
	return nil, c.Login(ctx)
}

// goldenSend gives a call of any route, whose answer is dropped.
func goldenSend(method, route string, body *mibitracker.Body) func(context.Context, *mibitracker.Client, string) (any, error) {
	return func(ctx context.Context, c *mibitracker.Client, _ string) (any, error) {
		return nil, c.JSON(ctx, mibitracker.Request{Method: method, Route: route, Body: body}, nil)
	}
}

// goldenAsk gives a call of any route, whose answer is decoded.
func goldenAsk(r mibitracker.Request) func(context.Context, *mibitracker.Client, string) (any, error) {
	return func(ctx context.Context, c *mibitracker.Client, _ string) (any, error) {
		var out any
		err := c.JSON(ctx, r, &out)
		return out, err
	}
}

// goldenSendForm gives a call with a form and a file in it.
func goldenSendForm(method, route, wireField, text, file string) func(context.Context, *mibitracker.Client, string) (any, error) {
	return func(ctx context.Context, c *mibitracker.Client, dir string) (any, error) {
		source, err := mibitracker.FromFile(filepath.Join(dir, "point1.tiff"))
		if err != nil {
			return nil, err
		}
		source.Name = "p.tiff"
		return goldenAsk(mibitracker.Request{Method: method, Route: route, Body: mibitracker.MultipartBody(
			mibitracker.Part{Name: wireField, Text: text},
			mibitracker.Part{Name: file, File: &source, ContentType: "image/tiff"},
		)})(ctx, c, dir)
	}
}

func goldenRefresh(after time.Duration) []mibitracker.Option {
	return []mibitracker.Option{
		mibitracker.WithPassword("a@example.org", "a-password"), mibitracker.WithRefreshAfter(after),
	}
}

// goldenOlder logs in, lets the token grow older than a nanosecond, and goes on.
func goldenOlder(ctx context.Context, c *mibitracker.Client, dir string) (any, error) {
	if err := c.Login(ctx); err != nil {
		return nil, err
	}
	<-time.After(time.Millisecond)
	return goldenSend("GET", "/runs/", nil)(ctx, c, dir)
}

func goldenSession() []goldenCall {
	refused := func(on, why string) []stageAnswer {
		return []stageAnswer{{on: on, status: 400, body: jsonObject{"non_field_errors": []any{why}}}}
	}
	return []goldenCall{
		{name: "login-password", ours: goldenLogin},
		{
			name: "login-password-wrong", answers: refused("POST /api-token-auth/", "Unable to log in with provided credentials."),
			options: []mibitracker.Option{mibitracker.WithPassword("a@example.org", "not-a-password")}, ours: goldenLogin,
		},
		{name: "login-token", options: goldenToken("given-token"), ours: goldenLogin},
		{
			name: "login-token-bad", options: goldenToken("bad-token"), ours: goldenLogin,
			answers: []stageAnswer{{on: "OPTIONS /", status: 401, body: jsonObject{"detail": "Signature has expired."}}},
		},
		{
			name: "login-token-and-password", ours: goldenLogin,
			options: append(goldenToken("given-token"), mibitracker.WithPassword("a@example.org", "a-password")),
		},
		{name: "login-nothing", options: []mibitracker.Option{}, ours: goldenLogin},
		{name: "login-url-with-slash", base: "/", ours: goldenSend("GET", "/runs/", nil)},
		{name: "refresh", ours: func(ctx context.Context, c *mibitracker.Client, dir string) (any, error) {
			if err := c.Login(ctx); err != nil {
				return nil, err
			}
			if err := c.Refresh(ctx); err != nil {
				return nil, err
			}
			return goldenSend("GET", "/runs/", nil)(ctx, c, dir)
		}},
		{
			name: "refresh-expired", answers: refused("POST /api-token-refresh/", "Signature has expired."),
			ours: func(ctx context.Context, c *mibitracker.Client, _ string) (any, error) {
				if err := c.Login(ctx); err != nil {
					return nil, err
				}
				return nil, c.Refresh(ctx)
			},
		},
		{name: "refresh-by-itself", options: goldenRefresh(1), ours: goldenOlder},
		{name: "refresh-off", options: goldenRefresh(0), ours: goldenOlder},
		{
			name: "cookie", answers: []stageAnswer{{on: "GET /odd/", body: jsonObject{}, header: map[string]string{"Set-Cookie": "place=1; Path=/"}}},
			ours: func(ctx context.Context, c *mibitracker.Client, dir string) (any, error) {
				if _, err := goldenSend("GET", "/odd/", nil)(ctx, c, dir); err != nil {
					return nil, err
				}
				return goldenSend("GET", "/runs/", nil)(ctx, c, dir)
			},
		},
	}
}

func goldenRoutes() []goldenCall {
	echo := func(on string) []stageAnswer { return []stageAnswer{{on: on, body: jsonObject{"id": 12, "ok": true}}} }
	return []goldenCall{
		{name: "get", ours: goldenAsk(mibitracker.Request{
			Route: "/runs/", Query: url.Values{"name": {"a b&c=d/é+1"}, "limit": {"3"}},
		})},
		{name: "get-without-slashes", answers: echo("GET /images/12"), ours: goldenAsk(mibitracker.Request{Route: "images/12"})},
		{name: "get-query-in-route", answers: echo("GET /tissues/"), ours: goldenAsk(mibitracker.Request{Route: "/tissues/?organ=tonsil"})},
		{name: "post-json", answers: echo("POST /slides/1/"), ours: goldenAsk(mibitracker.Request{
			Method: "POST", Route: "/slides/1/", Body: mibitracker.JSONBody(jsonObject{"a": []any{1, 2.5, nil, "é"}}),
		})},
		{name: "post-form", answers: echo("POST /slides/"), ours: goldenAsk(mibitracker.Request{
			Method: "POST", Route: "slides/", Body: mibitracker.FormBody(url.Values{"name": {"a b&c"}, "lot": {"7"}}),
		})},
		{name: "post-files", answers: echo("POST /slides/"), ours: goldenSendForm("POST", "/slides/", "lot", "7", "file")},
		{name: "put-json", answers: echo("PUT /images/12/"), ours: goldenAsk(mibitracker.Request{
			Method: "PUT", Route: "/images/12/", Body: mibitracker.JSONBody(jsonObject{"tissue": nil, "fov_size": 500}),
		})},
		{name: "put-files", answers: echo("PUT /images/12"), ours: goldenSendForm("PUT", "images/12", "tissue", "1", "attachment")},
		{name: "delete", answers: []stageAnswer{{on: "DELETE /imagesets/4/", status: 204}}, ours: goldenSend("DELETE", "/imagesets/4/", nil)},
		{name: "options", answers: echo("OPTIONS /runs/"), ours: goldenSend("OPTIONS", "/runs/", nil)},
		{
			name: "redirect-elsewhere", ours: goldenSend("GET", "/odd/", nil),
			answers: []stageAnswer{
				{on: "GET /odd/", status: 302, header: map[string]string{"Location": "{storage}/there"}},
				{on: "GET storage/there", body: jsonObject{}},
			},
		},
		{
			name: "redirect-of-a-post", ours: goldenSend("POST", "/odd/", mibitracker.JSONBody(jsonObject{"a": 1})),
			answers: []stageAnswer{
				{on: "POST /odd/", status: 301, header: map[string]string{"Location": "{api}/there/"}},
				{on: "GET /there/", body: jsonObject{}},
			},
		},
	}
}

func goldenRefusals() []goldenCall {
	calls := []goldenCall{
		{
			name: "retry-in-vain", answers: []stageAnswer{{on: "GET /odd/", status: 503, body: "<html>busy</html>"}},
			options: []mibitracker.Option{
				mibitracker.WithPassword("a@example.org", "a-password"), mibitracker.WithRetries(1, 0, 0),
			},
			ours: goldenSend("GET", "/odd/", nil),
		},
	}
	password := mibitracker.WithPassword("a@example.org", "a-password")
	calls = append(calls,
		goldenCall{
			name: "retry-codes", options: []mibitracker.Option{password, mibitracker.WithRetryCodes(500), mibitracker.WithRetries(1, 0, 0)},
			answers: []stageAnswer{{on: "GET /odd/", times: 1, status: 500, body: ""}, {on: "GET /odd/", status: 502, body: ""}},
			ours:    goldenSend("GET", "/odd/", nil),
		},
		goldenCall{
			name: "retry-methods", options: []mibitracker.Option{password, mibitracker.WithRetryMethods("GET"), mibitracker.WithRetries(1, 0, 0)},
			answers: []stageAnswer{{on: "PUT /odd/", times: 1, status: 502, body: ""}, {on: "PUT /odd/", body: jsonObject{}}},
			ours:    goldenSend("PUT", "/odd/", nil),
		})
	for method, status := range map[string]int{"GET": 502, "PUT": 503, "DELETE": 502, "POST": 503} {
		var body *mibitracker.Body
		if method == "POST" {
			body = mibitracker.JSONBody(jsonObject{"a": 1})
		}
		calls = append(calls, goldenCall{
			name: "retry-" + strings.ToLower(method), ours: goldenSend(method, "/odd/", body),
			answers: []stageAnswer{{on: method + " /odd/", times: 1, status: status, body: ""}, {on: method + " /odd/", body: jsonObject{}}},
		})
	}
	for _, method := range []string{"GET", "PUT", "POST"} {
		calls = append(calls, goldenCall{
			name: "broken-" + strings.ToLower(method), ours: goldenSend(method, "/odd/", mibitracker.JSONBody(jsonObject{"a": 1})),
			answers: []stageAnswer{{on: method + " /odd/", times: 1, status: goldenBroken}, {on: method + " /odd/", body: jsonObject{}}},
		})
	}
	for status, body := range map[int]any{
		400: jsonObject{"label": []any{"This field is required."}},
		401: jsonObject{"detail": "Signature has expired."},
		403: jsonObject{"detail": "You do not have permission to perform this action."},
		404: jsonObject{"detail": "Not found."},
		409: jsonObject{"detail": "Conflict."},
		429: jsonObject{"detail": "Request was throttled."},
		500: "<html><h1>Server Error</h1></html>",
	} {
		calls = append(calls, goldenCall{
			name: "status-" + strconv.Itoa(status), answers: []stageAnswer{{on: "GET /odd/", status: status, body: body}},
			ours: goldenSend("GET", "/odd/", nil),
		})
	}
	return calls
}
