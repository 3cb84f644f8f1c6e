package api

import (
	"context"
	"crypto/rand"
	"errors"
	"net/http"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"github.com/go-chi/chi/v5"
)

// requestIDHeader carries a request's number in its answer.
const requestIDHeader = "X-Request-Id"

type requestIDKey struct{}

func requestID(ctx context.Context) string {
	id, _ := ctx.Value(requestIDKey{}).(string)
	return id
}

// identified gives every request a number, which its answer carries and a
// failure is logged under. The number is always ours: one that a client sends
// could be another request's, or break the log.
func (a *API) identified(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		id := rand.Text()[:16]
		w.Header().Set(requestIDHeader, id)
		w.Header().Set("X-Content-Type-Options", "nosniff")
		next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), requestIDKey{}, id)))
	})
}

// recovered turns a panic into the 500 of any other failure.
func (a *API) recovered(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		tw := &tracked{ResponseWriter: w}
		defer func() {
			v := recover()
			if v == nil {
				return
			}
			if err, ok := v.(error); ok && errors.Is(err, http.ErrAbortHandler) {
				panic(http.ErrAbortHandler)
			}
			a.Logger.ErrorContext(r.Context(), "panic", "method", r.Method, "path", r.URL.Path,
				"panic", v, "stack", string(debug.Stack()))
			if tw.began {
				panic(http.ErrAbortHandler)
			}
			newProblem(http.StatusInternalServerError, "Internal error. Tell the administrator this number: %s",
				requestID(r.Context())).write(w)
		}()
		next.ServeHTTP(tw, r)
	})
}

// tracked remembers whether an answer has begun.
type tracked struct {
	http.ResponseWriter
	began bool
}

func (t *tracked) WriteHeader(status int) {
	t.began = true
	t.ResponseWriter.WriteHeader(status)
}

func (t *tracked) Write(p []byte) (int, error) {
	t.began = true
	return t.ResponseWriter.Write(p)
}

// Unwrap lets [http.ResponseController] through.
func (t *tracked) Unwrap() http.ResponseWriter { return t.ResponseWriter }

// bounded refuses what is too long to be meant, and gives every body the
// deadline that moves with its progress.
func (a *API) bounded(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if p := refusedHead(r); p != nil {
			p.write(w)
			return
		}
		if r.Body != nil && r.Body != http.NoBody {
			control := http.NewResponseController(w)
			// Also for a body that no handler reads: the server discards it.
			now := time.Now()
			_ = control.SetReadDeadline(now.Add(a.IdleBody))
			r.Body = &movingBody{ReadCloser: r.Body, idle: a.IdleBody, control: control, begun: now}
		}
		next.ServeHTTP(w, r)
	})
}

// oneSlash makes "/runs", "/runs/" and "//runs//" the same route, for every
// method and without a redirect, which would turn a POST into a GET. An
// encoded slash is left alone: it belongs to a name.
func oneSlash(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		u := *r.URL
		u.Path = onePath(u.Path)
		if u.RawPath != "" {
			u.RawPath = onePath(u.RawPath)
		}
		r2 := *r
		r2.URL = &u
		next.ServeHTTP(w, &r2)
	})
}

func onePath(p string) string {
	if !strings.Contains(p, "//") && strings.HasPrefix(p, "/") && strings.HasSuffix(p, "/") {
		return p
	}
	var b strings.Builder
	for part := range strings.SplitSeq(p, "/") {
		if part != "" {
			b.WriteByte('/')
			b.WriteString(part)
		}
	}
	b.WriteByte('/')
	return b.String()
}

func (a *API) notFound(w http.ResponseWriter, _ *http.Request) { notFoundProblem().write(w) }

var methods = []string{
	http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions,
}

func (a *API) methodNotAllowed(w http.ResponseWriter, r *http.Request) {
	path := r.URL.RawPath
	if path == "" {
		path = r.URL.Path
	}
	allowed := slices.DeleteFunc(slices.Clone(methods), func(m string) bool {
		if m == http.MethodHead { // every GET answers it
			m = http.MethodGet
		}
		return !a.router.Match(chi.NewRouteContext(), m, path)
	})
	if len(allowed) == 0 { // a method that the router has never heard of
		notFoundProblem().write(w)
		return
	}
	newProblem(http.StatusMethodNotAllowed, "Method %s not allowed.", quote(r.Method)).
		with("Allow", strings.Join(allowed, ", ")).write(w)
}
