package api

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// Whatever a body holds, reading it ends with fields or with a 4xx.
func FuzzGiven(f *testing.F) {
	f.Add("application/json", `{"a": 1, "ids": [1, "2"], "date": "2019-01-01T00:00:00", "depths": "0,5"}`)
	f.Add("application/json", `{"a": "\ud800", "ids": "1,,2", "date": null, "flag": "True"}`)
	f.Add("application/x-www-form-urlencoded", "a=1&ids=1,2&ids=3&flag=True")
	f.Add("multipart/form-data; boundary=x", "--x\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n5\r\n--x--\r\n")
	f.Add("multipart/form-data; boundary=x", "--x\r\nContent-Disposition: form-data; name=\"f\"; filename=\"../a\"\r\n\r\n5\r\n--x--\r\n")
	f.Add("multipart/form-data; boundary=x", "--x\r\nContent-Disposition: form-data; name=\"a\"\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n=00\r\n--x--\r\n")
	f.Fuzz(func(t *testing.T, contentType, body string) {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/", strings.NewReader(body))
		r.Header.Set("Content-Type", contentType)
		c := &Call{Request: r, Writer: httptest.NewRecorder(), api: &API{}, about: &description{}}
		g, err := c.given(&filePart{name: "f", max: 1 << 10, take: func(name string, r io.Reader) error {
			if base := baseName(name); strings.ContainsAny(base, "/\\\x00") || base == ".." {
				t.Errorf("base name %q", base)
			}
			_, err := io.Copy(io.Discard, r)
			return err
		}})
		if err != nil {
			var p *problem
			var tooLarge *http.MaxBytesError
			if !errors.As(err, &tooLarge) && (!errors.As(err, &p) || p.status/100 != 4) {
				t.Fatalf("%v is no client's mistake", err)
			}
			return
		}
		for _, name := range []string{"a", "ids", "date", "depths", "flag"} {
			if o := g.text(name, 100); o.has() && !clean(*o.Value) {
				t.Errorf("text %q", *o.Value)
			}
			g.number(name)
			if o := g.integer(name, 1); o.has() && *o.Value < 1 {
				t.Errorf("integer %d", *o.Value)
			}
			if o := g.ids(name); o.has() {
				for _, id := range *o.Value {
					if id < 1 {
						t.Errorf("id %d", id)
					}
				}
			}
			if o := g.date(name); o.has() && len(*o.Value) != 10 {
				t.Errorf("date %q", *o.Value)
			}
			g.boolean(name)
			g.depths(name)
			g.conjugates(name, nil, true)
			g.batches(name, nil, true)
		}
		if err := g.err(); err != nil && g.wrong == nil {
			t.Error("an error without fields")
		}
	})
}

// Paths come out in one form, and stay there.
func FuzzOnePath(f *testing.F) {
	for _, p := range []string{"/", "", "//", "/runs", "//runs//1", "/a%2Fb/", "../x"} {
		f.Add(p)
	}
	f.Fuzz(func(t *testing.T, p string) {
		once := onePath(p)
		if !strings.HasPrefix(once, "/") || !strings.HasSuffix(once, "/") || strings.Contains(once, "//") || onePath(once) != once {
			t.Errorf("%q becomes %q", p, once)
		}
	})
}

// A run's folder is one plain segment, whatever the file was called.
func FuzzSafeFolder(f *testing.F) {
	for _, p := range []string{"a", "..", "a/b", "", "ü", ".hidden", "a..b", "con"} {
		f.Add(p)
	}
	f.Fuzz(func(t *testing.T, name string) {
		got := safeFolder(name)
		if got == "" || len(got) > 100 || got[0] == '.' || strings.Contains(got, "..") || strings.ContainsAny(got, "/\\\x00 ") {
			t.Errorf("%q becomes %q", name, got)
		}
	})
}

// When too many logins wait, the next is told to come back.
func TestTooManyLogins(t *testing.T) {
	t.Parallel()
	a := &API{logins: make(chan struct{}, 1)}
	a.logins <- struct{}{}
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/api-token-auth/", nil)
	w := httptest.NewRecorder()
	_, err := a.checkPassword(t.Context(), newThrottle().password(time.Now, "a", "b"), "b", "")
	a.fail(w, r, err)
	if w.Code != http.StatusTooManyRequests || w.Header().Get("Retry-After") == "" || !strings.Contains(w.Body.String(), "detail") {
		t.Errorf("%d %v %s", w.Code, w.Header(), w.Body)
	}
}
