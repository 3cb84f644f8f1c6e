package cli

import (
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/openmibi/openmibi/internal/config"
)

// jwt is a token that says when it ends.
func jwt(exp string) string {
	return "e30." + base64.RawURLEncoding.EncodeToString([]byte(`{"exp":`+exp+`}`)) + ".c2ln"
}

func only(t *testing.T, o *doctor) finding {
	t.Helper()
	if len(o.found) != 1 {
		t.Fatalf("found %+v", o.found)
	}
	return o.found[0]
}

func TestDoctorClock(t *testing.T) {
	t.Parallel()
	now := time.Now()
	for _, test := range []struct {
		off   time.Duration
		state health
		says  string
	}{
		{0, healthOK, "agrees"}, {50 * time.Second, healthOK, "agrees"}, {-50 * time.Second, healthOK, "agrees"},
		{2 * time.Hour, healthWarning, "behind"}, {-2 * time.Hour, healthWarning, "ahead of"},
	} {
		o := doctor{}
		o.clock(now.Add(test.off).UTC().Format(http.TimeFormat), now)
		if f := only(t, &o); f.State != test.state || !strings.Contains(f.Detail, test.says) {
			t.Errorf("off by %v: %+v", test.off, f)
		}
	}
	o := doctor{}
	if o.clock("soon", now); len(o.found) != 0 {
		t.Errorf("a date that is none: %+v", o.found)
	}
}

func TestDoctorTokenEnd(t *testing.T) {
	t.Parallel()
	at := func(d time.Duration) string { return fmt.Sprint(time.Now().Add(d).Unix()) }
	for name, test := range map[string]struct {
		token   string
		renewed bool
		state   health
		says    string
	}{
		"of a profile":    {jwt(at(30 * time.Minute)), true, healthOK, "exchanged"},
		"that ends soon":  {jwt(at(30 * time.Minute)), false, healthWarning, "nobody renews it"},
		"that ends later": {jwt(at(30 * time.Hour)), false, healthOK, "in 30h0m0s"},
		"an API key":      {"mibi_1_x", false, healthOK, "API key"},
		"opaque":          {"opaque", false, healthOK, "does not say"},
		"without an end":  {jwt("null"), false, healthOK, "does not say"},
		"no JSON":         {"e30.!!!.c2ln", false, healthOK, "does not say"},
		"beyond all time": {jwt("1e300"), false, healthOK, "ends on"},
		"before it":       {jwt("-1e300"), false, healthWarning, "1970"},
	} {
		s := config.Settings{Token: test.token}
		if test.renewed {
			s.Renewed = time.Now()
		}
		o := doctor{}
		o.tokenEnd(s)
		if f := only(t, &o); f.State != test.state || !strings.Contains(f.Detail, test.says) || strings.Contains(f.Detail, test.token) {
			t.Errorf("%s: %+v", name, f)
		}
	}
	if s := tokenEnded(jwt(at(-time.Hour))); !strings.Contains(s, "ended on") {
		t.Errorf("a token that has ended: %q", s)
	}
	if s := tokenEnded(jwt(at(time.Hour))) + tokenEnded("opaque"); s != "" {
		t.Errorf("tokens that have not ended: %q", s)
	}
}

func TestDoctorJudgesAnswers(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		status int
		header http.Header
		body   string
		ok     bool
		says   string
	}{
		"a MIBItracker": {401, http.Header{"Content-Type": {"application/json"}}, `{"detail": ""}`, true, "MIBItracker answers"},
		"an older one":  {401, http.Header{"Www-Authenticate": {`JWT realm="api"`}}, "", true, "MIBItracker answers"},
		"an open one":   {200, http.Header{"Content-Type": {"application/json"}}, `{}`, true, "an API answers"},
		"a web page":    {200, http.Header{"Content-Type": {"text/html"}}, "<html>", false, "no MIBItracker: 200"},
		"a portal":      {302, http.Header{"Location": {"/login?secret=1"}}, "", false, "leads on to https://mibi.example.org/login"},
		"a proxy":       {407, nil, "", false, "wants a login"},
		"a dead one":    {502, nil, "", false, "cannot reach it"},
		"basic":         {401, http.Header{"Www-Authenticate": {"Basic"}}, "", false, "no MIBItracker: 401"},
	} {
		target := &url.URL{Scheme: "https", Host: "mibi.example.org"}
		o := doctor{base: target.String()}
		resp := &http.Response{StatusCode: test.status, Status: fmt.Sprint(test.status), Header: test.header}
		ok := o.judge(target, resp, []byte(test.body), time.Millisecond)
		if f := only(t, &o); ok != test.ok || ok != (f.State == healthOK) || !strings.Contains(f.Detail, test.says) || strings.Contains(f.Detail, "secret") {
			t.Errorf("%s: %v, %+v", name, ok, f)
		}
	}
}

func TestDiskFree(t *testing.T) {
	t.Parallel()
	free, err := diskFree(t.TempDir())
	if errors.Is(err, errors.ErrUnsupported) {
		t.Skip(err)
	}
	if err != nil || free == 0 {
		t.Errorf("%d bytes, %v", free, err)
	}
	if _, err := diskFree(t.TempDir() + "/none"); err == nil {
		t.Error("a folder that is not there has room")
	}
}
