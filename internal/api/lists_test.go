package api_test

import (
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/openmibi/openmibi/internal/api"
	"github.com/openmibi/openmibi/internal/store"
)

// listPaths are the routes that answer lists, and who reads each; those of the
// audit record, which all that happens adds to, have tests of their own.
func (s *server) listPaths(image int64) map[string]user {
	out := map[string]user{}
	for _, route := range s.api.Routes() {
		if strings.HasSuffix(route.Path, "/audit/") {
			continue
		}
		if strings.HasPrefix(route.Name, "list-") && route.Name != "list-image-channels" || strings.HasPrefix(route.Name, "search-") {
			who := s.alice
			if route.Access == api.Admin {
				who = s.admin
			}
			out[strings.ReplaceAll(route.Path, "{id}", itoa(image))] = who
		}
	}
	return out
}

// Every list knows both forms, and refuses what it does not know by name.
func TestEveryList(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	l := s.addLab(t, s.alice, "one")
	s.do(t, s.alice, "PUT", "/images/"+itoa(l.image)+"/", map[string]any{"section": l.section, "tissue": l.tissue}).want(t, 200)
	s.addKey(t, s.alice, "read")
	paths := s.listPaths(l.image)
	if len(paths) < 17 {
		t.Fatalf("lists: %v", paths)
	}
	for path, who := range paths {
		paged := s.do(t, who, "GET", path, nil).want(t, 200).object(t)
		bare := s.do(t, who, "GET", path+"?paging=no", nil).want(t, 200).array(t)
		if len(bare) == 0 || paged["count"] != float64(len(bare)) {
			t.Errorf("%s: count %v, array of %d", path, paged["count"], len(bare))
		}
		if diff := cmp.Diff(bare, paged["results"]); diff != "" {
			t.Errorf("%s: the two forms differ: %s", path, diff)
		}
		if _, there := paged["next"]; !there || paged["next"] != nil || paged["previous"] != nil {
			t.Errorf("%s: next %v, previous %v", path, paged["next"], paged["previous"])
		}
		one := s.do(t, who, "GET", path+"?limit=1&offset=0&ordering=-id", nil).want(t, 200).object(t)
		if len(one["results"].([]any)) != 1 {
			t.Errorf("%s: limit=1 gave %v", path, one["results"])
		}
		for _, query := range []string{
			"nonsense=1", "Label=x", "id__in=1", "limit=0", "limit=-1", "limit=x", "limit=", "offset=-1", "offset=x", "paging=maybe", "paging=",
			"ordering=nonsense", "ordering=", "ordering=-", "ordering=--id", "active=perhaps", "%00=1", "search.run=x", "password_hash=x",
		} {
			name, _, _ := strings.Cut(query, "=")
			name, _ = url.PathUnescape(name)
			got := s.do(t, who, "GET", path+"?"+query, nil).want(t, 400).object(t)
			if _, named := got[name]; !named || len(got) != 1 {
				t.Errorf("%s?%s: %v", path, query, got)
			}
		}
		if path != "/images/search_advanced/" {
			s.do(t, who, "GET", path+"?id=one", nil).want(t, 400, `"id"`)
		}
		s.do(t, who, "GET", path+"?%zz", nil).want(t, 400, "detail")
		s.do(t, who, "GET", path+"?active=false&paging=no", nil).want(t, 200, "[]")
		if again := s.do(t, who, "GET", path+"?active=true&paging=no", nil).array(t); len(again) != len(bare) {
			t.Errorf("%s: active=true gave %d", path, len(again))
		}
	}
}

// Each field of each allow-list can filter (a wrong value is named) and order.
func TestEveryField(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	s.addLab(t, s.alice, "one")
	for path, fields := range map[string]store.Fields{
		"/runs/": store.RunListing().Fields(), "/images/": store.ImageListing().Fields(), "/projects/": store.ProjectListing().Fields(), "/slides/": store.SlideListing().Fields(),
		"/sections/": store.SectionListing().Fields(), "/panels/": store.PanelListing().Fields(), "/tissues/": store.TissueListing().Fields(),
		"/instruments/": store.InstrumentListing().Fields(), "/imagesets/": store.ImageSetListing().Fields(),
		"/apertures/": store.ApertureListing().Fields(),
	} {
		for name, f := range fields {
			if strings.Contains(name, ".") {
				continue
			}
			good, bad := "x", "%FF"
			switch f.Kind {
			case store.KindInt:
				good, bad = "77", "1.5"
			case store.KindFloat:
				good, bad = "1.5", "NaN"
			case store.KindBool:
				good, bad = "True", "2"
			case store.KindDate:
				good, bad = "2019-03-08", "2019-3-8"
			case store.KindStatus:
				good, bad = "U", "AU"
			}
			if f.Filter {
				s.do(t, s.alice, "GET", path+"?"+name+"="+good, nil).want(t, 200)
				s.do(t, s.alice, "GET", path+"?"+name+"="+bad, nil).want(t, 400, `"`+name+`"`)
			}
			if f.Order {
				s.do(t, s.alice, "GET", path+"?ordering="+name, nil).want(t, 200)
				s.do(t, s.alice, "GET", path+"?ordering=-"+name+",id", nil).want(t, 200)
			}
		}
	}
}

func TestFilters(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	for i := range 3 {
		s.addRun(t, s.alice, fmt.Sprint("run ", i), "fov_size", fmt.Sprint(400+i), "user_run_date", fmt.Sprint("2020-01-0", i+1))
	}
	labels := func(query string) (out []any) {
		for _, run := range s.do(t, s.alice, "GET", "/runs/?paging=no&"+query, nil).want(t, 200).array(t) {
			out = append(out, run.(map[string]any)["label"])
		}
		return out
	}
	for query, want := range map[string][]any{
		"":                                    {"run 2", "run 1", "run 0"},
		"ordering=label":                      {"run 0", "run 1", "run 2"},
		"ordering=-fov_size":                  {"run 2", "run 1", "run 0"},
		"ordering=%2Blabel":                   {"run 0", "run 1", "run 2"},
		"ordering=+label":                     {"run 0", "run 1", "run 2"},
		"label=run%201":                       {"run 1"},
		"label=run+1":                         {"run 1"},
		"label=RUN%201":                       nil,
		"label=":                              nil,
		"fov_size=401":                        {"run 1"},
		"fov_size=4.01e2":                     {"run 1"},
		"run_date=2020-01-03":                 {"run 2"},
		"label=run+1&id=1":                    nil,
		"label=run+1&label=run+2":             {"run 2", "run 1"},
		"name=20190308_2169_2170&ordering=id": {"run 0", "run 1", "run 2"},
	} {
		if diff := cmp.Diff(want, labels(query)); diff != "" {
			t.Errorf("%s: %s", query, diff)
		}
	}
	for query, want := range map[string]int{
		"run__label=run+1": 2, "run__label=run+1&folder=Point2/RowNumber0/Chemical_Image0": 1, "run=1": 2, "number=Point1": 3,
		"run__name=20190308_2169_2170": 6, "status=U": 6, "status=A": 0, "point=2170_Bottom_R5C2_Liver": 3, "project=1": 0,
	} {
		if got := s.do(t, s.alice, "GET", "/images/?"+query, nil).object(t)["count"]; got != float64(want) {
			t.Errorf("%s: %v, want %d", query, got, want)
		}
	}
}

// Pages are walked by their next; nothing is missed or repeated, and the other
// parameters stay.
func TestPages(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	for i := range 7 {
		s.do(t, s.alice, "POST", "/tissues/", map[string]any{"organ": "Liver & Lung", "subsite": fmt.Sprint(i)}).want(t, 201)
	}
	s.do(t, s.alice, "POST", "/tissues/", `{"organ": "Skin"}`).want(t, 201)
	var seen []any
	next := s.URL + "//tissues?organ=liver+%26+lung&ordering=subsite&limit=3"
	previous := 0
	for pages := 0; next != ""; pages++ {
		if !strings.HasPrefix(next, s.URL) || pages > 3 {
			t.Fatalf("page %d: %s", pages, next)
		}
		got := s.do(t, s.alice, "GET", strings.TrimPrefix(next, s.URL), nil).want(t, 200).object(t)
		for _, tissue := range got["results"].([]any) {
			seen = append(seen, tissue.(map[string]any)["subsite"])
		}
		if got["previous"] != nil {
			previous++
		}
		next, _ = got["next"].(string)
	}
	if diff := cmp.Diff([]any{"0", "1", "2", "3", "4", "5", "6"}, seen); diff != "" || previous != 2 {
		t.Errorf("%d previous; %s", previous, diff)
	}
	// An offset beyond the end is an empty page; the previous one is not.
	got := s.do(t, s.alice, "GET", "/tissues/?offset=2000", nil).want(t, 200).object(t)
	if len(got["results"].([]any)) != 0 || got["next"] != nil || got["previous"] == nil {
		t.Errorf("beyond the end: %v", got)
	}
	// More than the limit's limit is cut, and says so in next.
	got = s.do(t, s.alice, "GET", "/tissues/?limit=5000&offset=1", nil).want(t, 200).object(t)
	if previous := fmt.Sprint(got["previous"]); !strings.Contains(previous, "limit=1000") {
		t.Errorf("previous: %s", previous)
	}
}

// A list longer than a chunk comes whole and in order.
func TestLongArray(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	const points = 257
	xml := "<D><Root>" + strings.Repeat(`<Point><RowNumber0 XAttrib="1" YAttrib="2"/><Depth_Profile/></Point>`, points) + "</Root></D>"
	run := s.do(t, s.alice, "POST", "/runs/", runForm("long", xml)).want(t, 201).object(t)
	if got := len(imagesOf(run)); got != points {
		t.Fatalf("%d images, want %d", got, points)
	}
	for i, image := range s.do(t, s.alice, "GET", "/images/?paging=no&ordering=id", nil).want(t, 200).array(t) {
		if want := fmt.Sprint("Point", i+1); image.(map[string]any)["number"] != want {
			t.Fatalf("place %d: %v", i, image.(map[string]any)["number"])
		}
	}
	for i, image := range imagesOf(run) {
		if want := fmt.Sprint("Point", i+1); image.(map[string]any)["number"] != want {
			t.Fatalf("place %d of the run: %v", i, image.(map[string]any)["number"])
		}
	}
}

func TestAbsoluteURLs(t *testing.T) {
	t.Parallel()
	everyone := []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128")}
	for name, c := range map[string]struct {
		public  string
		trusted []netip.Prefix
		header  map[string]string
		want    string
	}{
		"the request's":    {"", nil, nil, "http://lab.example.org:8080/apertures/?"},
		"the public URL's": {"https://mibi.example.org/", everyone, map[string]string{"X-Forwarded-Host": "evil.example"}, "https://mibi.example.org/apertures/?"},
		"a trusted proxy's": {"", everyone, map[string]string{"X-Forwarded-Host": "mibi.example.org", "X-Forwarded-Proto": "https"},
			"https://mibi.example.org/apertures/?"},
		"the nearest proxy's": {"", everyone, map[string]string{"X-Forwarded-Host": "evil.example, mibi.example.org", "X-Forwarded-Proto": "gopher, HTTPS"},
			"https://mibi.example.org/apertures/?"},
		"anybody's": {"", []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}, map[string]string{"X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "https"},
			"http://lab.example.org:8080/apertures/?"},
		"nonsense": {"", everyone, map[string]string{"X-Forwarded-Host": "a/b?c", "X-Forwarded-Proto": "javascript"},
			"http://lab.example.org:8080/apertures/?"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newServer(t, func(cfg *api.Config) { cfg.PublicURL, cfg.TrustedProxies = c.public, c.trusted })
			req, err := http.NewRequestWithContext(t.Context(), "GET", s.URL+"/apertures?limit=2&offset=2", nil)
			must(t, err)
			req.Host = "lab.example.org:8080"
			req.Header.Set("Authorization", "JWT "+s.alice.token)
			for k, v := range c.header {
				req.Header.Set(k, v)
			}
			got := s.send(t, req).want(t, 200).object(t)
			if next := fmt.Sprint(got["next"]); next != c.want+"limit=2&offset=4" {
				t.Errorf("next: %s", next)
			}
			if previous := fmt.Sprint(got["previous"]); previous != c.want+"limit=2" {
				t.Errorf("previous: %s", previous)
			}
		})
	}
}
