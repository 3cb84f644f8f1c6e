package e2e

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
)

// What a person is told where no password was set: by the page itself, and of
// answers that a server or a proxy before it gives on a bad day.
func TestPasswordPageRefuses(t *testing.T) {
	t.Parallel()
	b := newBrowser(t)
	target, err := url.Parse(newSite(t).url)
	if err != nil {
		t.Fatal(err)
	}
	// The server sits below a path of its proxy's, which answers for it.
	var answer atomic.Pointer[http.HandlerFunc]
	var asked atomic.Int64
	forward := httputil.NewSingleHostReverseProxy(target)
	front := httptest.NewServer(http.StripPrefix("/mibi", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/users/set-password/" {
			forward.ServeHTTP(w, r)
			return
		}
		asked.Add(1)
		body, _ := io.ReadAll(r.Body)
		if r.Method != http.MethodPost || string(body) != `{"token":"a+b/c=","password":"correct horse"}` || r.Header.Get("Cookie") != "" {
			t.Errorf("%s %q", r.Method, body)
		}
		(*answer.Load())(w, r)
	})))
	defer front.Close()
	link := front.URL + "/mibi/app/password/"

	b.open(link)
	b.until(`document.getElementById("link-problem").innerText.includes("not whole")`)
	b.until(`document.getElementById("set").hidden`)
	b.screenshot("password-no-token")

	// The secret comes through however it is written.
	b.open(link + "#token=a%2Bb%2Fc%3D")
	b.until(`!document.getElementById("set").hidden`)
	b.screenshot("password-form")
	b.press() // nothing has the focus: nothing is sent
	b.enter("password", "short")
	b.press()
	b.until(`document.getElementById("password-problem").innerText.includes("too short")`)
	b.until(`document.activeElement.id === "password" && document.activeElement.getAttribute("aria-invalid") === "true"`)
	b.enter("password", "correct horse")
	b.enter("again", "correct house")
	b.press()
	b.until(`document.getElementById("again-problem").innerText.includes("differ")`)
	b.until(`document.getElementById("password-problem").hidden && document.activeElement.id === "again"`)
	b.screenshot("password-differ")
	if n := asked.Load(); n != 0 {
		t.Fatalf("%d requests for passwords that cannot be meant", n)
	}

	b.enter("again", "correct horse")
	for _, test := range []struct {
		name   string
		answer http.HandlerFunc
		says   string
	}{
		{"throttled", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", "7")
			http.Error(w, `{"detail": "Too many."}`, http.StatusTooManyRequests)
		}, "Try again in 7 seconds"},
		{"a proxy's page", func(w http.ResponseWriter, _ *http.Request) {
			http.Error(w, "<h1>Bad gateway</h1>", http.StatusBadGateway)
		}, "error 502"},
		{"failed", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("X-Request-Id", "ABC")
			http.Error(w, `{"detail": "Internal error."}`, http.StatusInternalServerError)
		}, "request ABC"},
		{"broken off", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, "cannot be reached"},
	} {
		answer.Store(&test.answer)
		b.eval(`document.getElementById("again").focus()`)
		b.press()
		b.until(`document.getElementById("problem").innerText.includes("` + test.says + `") && !document.querySelector("#set button").disabled`)
		if got, _ := b.eval(`document.activeElement.id`).(string); got != "problem" {
			t.Errorf("%s: the focus is at %q: who cannot see is not told", test.name, got)
		}
		b.screenshot("password-" + strings.Fields(test.name)[0])
	}
	b.sound()
}
