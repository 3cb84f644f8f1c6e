package faulty_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/openmibi/openmibi/internal/faulty"
)

// silence is how long nothing may come until who asks gives up: from the moment
// at which all that was to come has come.
const silence = 300 * time.Millisecond

var errImpatient = errors.New("nothing came any more")

// backend answers with the body that it got, or with its own text, and counts.
type backend struct {
	hits, whole atomic.Int64
	came        chan struct{} // for each hit
	server      *httptest.Server
}

var text = strings.Repeat("0123456789abcdef", 16<<10) // 256 KiB

func newBackend(t *testing.T) *backend {
	t.Helper()
	b := &backend{came: make(chan struct{}, 100)}
	b.server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b.hits.Add(1)
		b.came <- struct{}{}
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return
		}
		b.whole.Add(1)
		switch r.URL.Path {
		case "/link":
			w.Header().Set("Content-Type", "application/json")
			_, _ = fmt.Fprintf(w, `{"url":"http://%s/storage/x?grant=first"}`, r.Host)
			return
		case "/api-token-auth/", "/api-token-refresh/":
			w.Header().Set("Content-Type", "application/json")
			_, _ = io.WriteString(w, `{"token":"abc"}`)
			return
		}
		if len(body) == 0 {
			body = []byte(text)
		}
		w.Header().Set("Content-Length", fmt.Sprint(len(body)))
		_, _ = w.Write(body)
	}))
	t.Cleanup(b.server.Close)
	return b
}

func startProxy(t *testing.T, b *backend, plan faulty.Plan) *faulty.Proxy {
	t.Helper()
	p, err := faulty.Start(t.Context(), faulty.Config{Backend: b.server.URL, Plan: plan, DropHeaders: []string{"X-Drop"}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := p.Close(); err != nil {
			t.Error(err)
		}
	})
	return p
}

// answer is what a client sees of one request.
type answer struct {
	status int
	header http.Header
	body   []byte
	err    error
}

func ask(t *testing.T, method, url, body string, header http.Header) answer {
	t.Helper()
	return askUntil(t.Context(), t, method, url, body, header, func(int) {})
}

// askUntil gives up with its context, and tells how much of the answer came.
func askUntil(ctx context.Context, t *testing.T, method, url, body string, header http.Header, came func(n int)) answer {
	t.Helper()
	transport := &http.Transport{DisableKeepAlives: true}
	defer transport.CloseIdleConnections()
	req, err := http.NewRequestWithContext(ctx, method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for name, values := range header {
		req.Header[name] = values
	}
	resp, err := transport.RoundTrip(req)
	if err != nil {
		return answer{err: err}
	}
	defer func() { _ = resp.Body.Close() }()
	a := answer{status: resp.StatusCode, header: resp.Header}
	piece := make([]byte, 32<<10)
	for a.err == nil {
		var n int
		n, a.err = resp.Body.Read(piece)
		a.body = append(a.body, piece[:n]...)
		came(len(a.body))
	}
	if a.err == io.EOF {
		a.err = nil
	}
	return a
}

// patience ends a request with errImpatient: it begins to count when the proxy
// has what it gets of the backend, and the client so many bytes of the answer.
func patience(ctx context.Context, p *faulty.Proxy, asked bool, bytes int) (limited context.Context, came func(n int), end func()) {
	limited, giveUp := context.WithCancelCause(ctx)
	var got atomic.Int64
	var counts sync.WaitGroup
	counts.Go(func() {
		tick := time.NewTicker(silence / 100)
		defer tick.Stop()
		for {
			events := p.Events()
			if len(events) == 1 && (events[0].Took > 0 || !asked) && got.Load() >= int64(bytes) {
				break
			}
			select {
			case <-tick.C:
			case <-limited.Done():
				return
			}
		}
		select {
		case <-time.After(silence):
			giveUp(errImpatient)
		case <-limited.Done():
		}
	})
	return limited, func(n int) { got.Store(int64(n)) }, func() {
		giveUp(nil)
		counts.Wait()
	}
}

func TestEachFault(t *testing.T) {
	t.Parallel()
	isReset := func(a answer) bool {
		return errors.Is(a.err, syscall.ECONNRESET) || errors.Is(a.err, syscall.EPIPE) || errors.Is(a.err, io.EOF) ||
			errors.Is(a.err, net.ErrClosed) // as the transport puts it that was still sending
	}
	part := func(a answer) bool { return a.status == 200 && len(a.body) == len(text)/2 }
	right := func(a answer) bool { return a.status == 200 && a.err == nil && string(a.body) == text }
	for _, test := range []struct {
		fault  faulty.Fault
		upload bool
		header http.Header
		query  string
		hits   int64 // requests that the backend began to read
		whole  int64 // and read to their end
		want   func(a answer) bool
	}{
		{fault: faulty.Fault{}, hits: 1, whole: 1, want: right},
		{fault: faulty.Fault{Kind: faulty.SlowFirst, Delay: 50 * time.Millisecond}, hits: 1, whole: 1, want: right},
		{fault: faulty.Fault{Kind: faulty.SlowDrip, Delay: 5 * time.Millisecond}, hits: 1, whole: 1, want: right},
		{fault: faulty.Fault{Kind: faulty.Refused, Status: 503, RetryAfter: "1"}, want: func(a answer) bool {
			return a.status == 503 && a.err == nil && len(a.body) == 0 && a.header.Get("Retry-After") == "1"
		}},
		{fault: faulty.Fault{Kind: faulty.RefusedLost, Status: 502, Page: true}, hits: 1, whole: 1, want: func(a answer) bool {
			return a.status == 502 && a.err == nil && bytes.Contains(a.body, []byte("<html>"))
		}},
		{fault: faulty.Fault{Kind: faulty.ResetFirst}, want: isReset},
		{fault: faulty.Fault{Kind: faulty.ResetFirst}, upload: true, want: isReset},
		{fault: faulty.Fault{Kind: faulty.ResetRequest, At: 0.5}, upload: true, hits: 1, want: isReset},
		{fault: faulty.Fault{Kind: faulty.ResetRequest, At: 0.5}, hits: 1, whole: 1, want: right}, // no body to break
		{fault: faulty.Fault{Kind: faulty.ResetHeader}, hits: 1, whole: 1, want: func(a answer) bool { return a.status == 0 && a.err != nil }},
		{fault: faulty.Fault{Kind: faulty.ResetBody, At: 0.5}, hits: 1, whole: 1, want: func(a answer) bool {
			// What was on the way is lost with the connection.
			return a.status == 200 && len(a.body) <= len(text)/2 && errors.Is(a.err, syscall.ECONNRESET) || a.status == 0 && isReset(a)
		}},
		{fault: faulty.Fault{Kind: faulty.Unauthorized}, hits: 1, whole: 1, want: right}, // no credentials to refuse
		{fault: faulty.Fault{Kind: faulty.Unauthorized}, header: http.Header{"Authorization": {"JWT abc"}}, want: func(a answer) bool { return a.status == 401 }},
		{fault: faulty.Fault{Kind: faulty.LinkEnds}, query: "?grant=x", want: func(a answer) bool {
			return a.status == 403 && bytes.Contains(a.body, []byte("<Error>"))
		}},
		{fault: faulty.Fault{Kind: faulty.StallFirst}, want: func(a answer) bool { return a.status == 0 && errors.Is(a.err, errImpatient) }},
		{fault: faulty.Fault{Kind: faulty.StallFirst}, upload: true, want: func(a answer) bool { return a.status == 0 && errors.Is(a.err, errImpatient) }},
		{fault: faulty.Fault{Kind: faulty.StallRequest, At: 0.5}, upload: true, hits: 1, want: func(a answer) bool {
			return a.status == 0 && errors.Is(a.err, errImpatient)
		}},
		{fault: faulty.Fault{Kind: faulty.StallAnswer}, hits: 1, whole: 1, want: func(a answer) bool {
			return a.status == 0 && errors.Is(a.err, errImpatient)
		}},
		{fault: faulty.Fault{Kind: faulty.StallBody, At: 0.5}, hits: 1, whole: 1, want: func(a answer) bool {
			return part(a) && errors.Is(a.err, errImpatient)
		}},
		{fault: faulty.Fault{Kind: faulty.Truncated, At: 0.5}, hits: 1, whole: 1, want: func(a answer) bool {
			return part(a) && errors.Is(a.err, io.ErrUnexpectedEOF)
		}},
		{fault: faulty.Fault{Kind: faulty.TooLong, At: 0.5}, hits: 1, whole: 1, want: func(a answer) bool {
			return a.status == 200 && string(a.body) == text && errors.Is(a.err, io.ErrUnexpectedEOF)
		}},
		{fault: faulty.Fault{Kind: faulty.TooShort, At: 0.5}, hits: 1, whole: 1, want: func(a answer) bool { return part(a) && a.err == nil }},
	} {
		t.Run(fmt.Sprintf("%s upload=%v", test.fault, test.upload), func(t *testing.T) {
			t.Parallel()
			b := newBackend(t)
			p := startProxy(t, b, faulty.PlanFunc(func(faulty.Request) faulty.Fault { return test.fault }))
			method, body := http.MethodGet, ""
			if test.upload {
				method, body = http.MethodPost, text
			}
			ctx, came, end := t.Context(), func(int) {}, func() {}
			switch test.fault.Kind {
			case faulty.StallBody:
				ctx, came, end = patience(ctx, p, true, len(text)/2)
			case faulty.StallFirst, faulty.StallRequest, faulty.StallAnswer:
				ctx, came, end = patience(ctx, p, test.hits > 0, 0)
			}
			got := askUntil(ctx, t, method, p.URL()+"/any/12/"+test.query, body, test.header, came)
			end()
			if !test.want(got) {
				t.Errorf("status %d, %d bytes, %v", got.status, len(got.body), got.err)
			}
			for range test.hits {
				<-b.came // or Close would take the connection for one that nothing came on
			}
			if err := p.Close(); err != nil {
				t.Error(err)
			}
			b.server.Close() // waits for what it is reading
			if b.hits.Load() != test.hits || b.whole.Load() != test.whole {
				t.Errorf("the backend had %d requests, %d of them whole; want %d and %d", b.hits.Load(), b.whole.Load(), test.hits, test.whole)
			}
			events := p.Events()
			if len(events) != 1 || events[0].Class == "" || (events[0].Status == 200) != (test.whole == 1) ||
				(events[0].Took > 0) != (test.hits == 1) {
				t.Errorf("%v", events)
			}
		})
	}
}

// Every kind has a case above, and a link or token that ends has its own test.
func TestKindsAreNamedOnce(t *testing.T) {
	t.Parallel()
	seen := map[faulty.Kind]bool{}
	for _, k := range faulty.Kinds() {
		if seen[k] || k == faulty.None {
			t.Errorf("%q stands twice, or is none", k)
		}
		seen[k] = true
	}
	if faulty.TooShort.Harmless() || !faulty.SlowDrip.Harmless() || !faulty.None.Harmless() {
		t.Error("Harmless")
	}
}

// Links lead through the proxy: it keeps the Host that it was asked for.
func TestLinksLeadThroughTheProxy(t *testing.T) {
	t.Parallel()
	b := newBackend(t)
	p := startProxy(t, b, faulty.Script{"GET signed": {{Kind: faulty.LinkEndsHalfway, At: 0.5}}})
	link := func() string {
		a := ask(t, http.MethodGet, p.URL()+"/link", "", nil)
		_, rest, _ := strings.Cut(string(a.body), `"url":"`)
		return strings.TrimSuffix(rest, `"}`)
	}
	url := link()
	if !strings.HasPrefix(url, p.URL()+"/storage/") {
		t.Fatalf("the link is %q", url)
	}
	if a := ask(t, http.MethodGet, url, "", nil); a.err == nil {
		t.Errorf("halfway: %d, %d bytes", a.status, len(a.body))
	}
	for range 2 {
		if a := ask(t, http.MethodGet, url, "", nil); a.status != 403 {
			t.Errorf("ended: %d", a.status)
		}
	}
	if again := link(); again != url {
		t.Fatalf("another link: %q", again)
	}
	if a := ask(t, http.MethodGet, url, "", nil); a.status != 200 || string(a.body) != text {
		t.Errorf("given out again: %d, %v", a.status, a.err)
	}
}

func TestTokenEnds(t *testing.T) {
	t.Parallel()
	b := newBackend(t)
	p := startProxy(t, b, faulty.Script{"GET /a/#/": {{}, {Kind: faulty.TokenEnds}}})
	old, other := http.Header{"Authorization": {"JWT abc"}}, http.Header{"Authorization": {"JWT other"}}
	status := func(want int, method, path, body string, header http.Header) {
		t.Helper()
		if a := ask(t, method, p.URL()+path, body, header); a.status != want {
			t.Errorf("%s %s: %d, want %d", method, path, a.status, want)
		}
	}
	status(200, "GET", "/a/1/", "", old)
	status(401, "GET", "/a/2/", "", old)
	status(401, "GET", "/b/", "", old)
	status(200, "GET", "/b/", "", other)
	status(400, "POST", "/api-token-refresh/", `{"token":"abc"}`, nil)
	status(200, "POST", "/api-token-refresh/", `{"token":"other"}`, nil) // gives "abc" out
	status(200, "GET", "/a/3/", "", old)
}

func TestDropHeaders(t *testing.T) {
	t.Parallel()
	got := make(chan http.Header, 1)
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { got <- r.Header.Clone() }))
	defer server.Close()
	p := startProxy(t, &backend{server: server}, nil)
	ask(t, http.MethodPost, p.URL()+"/", "x", http.Header{"X-Drop": {"1"}, "X-Keep": {"2"}})
	if h := <-got; h.Get("X-Drop") != "" || h.Get("X-Keep") != "2" {
		t.Errorf("%v", h)
	}
}

// A proxy that is closed while requests stall in it leaves nothing behind.
func TestCloseLeavesNothing(t *testing.T) {
	b := newBackend(t)
	here := goleak.IgnoreCurrent()
	for _, kind := range []faulty.Kind{faulty.StallFirst, faulty.StallAnswer, faulty.StallBody, faulty.SlowFirst, faulty.None, faulty.StallRequest} {
		stalls := faulty.Fault{Kind: kind, Delay: time.Hour}
		came := make(chan struct{}, 1)
		p, err := faulty.Start(t.Context(), faulty.Config{Backend: b.server.URL, Plan: faulty.PlanFunc(func(faulty.Request) faulty.Fault {
			came <- struct{}{}
			return stalls
		})})
		if err != nil {
			t.Fatal(err)
		}
		transport := &http.Transport{}
		asked := make(chan struct{})
		go func() {
			defer close(asked)
			req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, p.URL(), strings.NewReader(text))
			if err != nil {
				t.Error(err)
				return
			}
			if resp, err := transport.RoundTrip(req); err == nil {
				_, _ = io.Copy(io.Discard, resp.Body)
				_ = resp.Body.Close()
			}
		}()
		<-came
		if err := p.Close(); err != nil {
			t.Error(err)
		}
		<-asked // Close alone lets the client go
		transport.CloseIdleConnections()
	}
	b.server.Close()
	if err := goleak.Find(here); err != nil {
		t.Error(err)
	}
}

func TestStartRefuses(t *testing.T) {
	t.Parallel()
	for _, backend := range []string{"", "https://127.0.0.1:1", "http://", "127.0.0.1:80", "http://%"} {
		if p, err := faulty.Start(t.Context(), faulty.Config{Backend: backend}); err == nil {
			t.Errorf("%q is taken", backend)
			_ = p.Close()
		}
	}
}
