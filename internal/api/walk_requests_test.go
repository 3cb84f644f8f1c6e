package api_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// listed is a list as the OpenAPI document describes it.
type described struct {
	path     string
	filters  []string
	ordering []string
}

// describedLists are all lists that accounts can read, out of the document.
func (s *server) describedLists(t *testing.T) (out []described) {
	t.Helper()
	var doc struct {
		Paths map[string]map[string]struct {
			Parameters []struct {
				Name, In string
				Schema   struct{ Items struct{ Enum []string } }
			}
		}
	}
	must(t, json.Unmarshal(s.do(t, user{}, "GET", "/openapi.json", nil).want(t, 200).body, &doc))
	for _, path := range slices.Sorted(maps.Keys(doc.Paths)) {
		d := described{path: path}
		for _, p := range doc.Paths[path]["get"].Parameters {
			switch {
			case p.Name == "ordering":
				d.ordering = p.Schema.Items.Enum
			case p.In == "query" && p.Name != "":
				d.filters = append(d.filters, p.Name)
			}
		}
		if d.ordering != nil {
			out = append(out, d)
		}
	}
	return out
}

// forms are in what ways a list is asked for.
var forms = []string{"", "?paging=no", "?limit=1", "?limit=2&offset=1", "?limit=1&offset=3", "?active=false"}

// requests are all GETs that could show something of a lab, by somebody who has
// another one: of its objects by their ids, of every list by every filter with
// values of it, and by every ordering. seen are the objects of the asker.
func (l *labs) gets(t *testing.T, seen labIDs) []string {
	t.Helper()
	var out []string
	add := func(format string, args ...any) { out = append(out, fmt.Sprintf(format, args...)) }
	for _, list := range l.describedLists(t) {
		for _, path := range l.idsInto(list.path, seen) {
			for _, form := range forms {
				add("%s%s", path, form)
			}
			for _, order := range list.ordering {
				add("%s?paging=no&ordering=%s", path, order)
			}
			for _, filter := range list.filters {
				for _, value := range l.valuesOf(t, list.path, filter) {
					add("%s?%s=%s", path, filter, url.QueryEscape(value))
				}
			}
		}
	}
	for _, route := range l.api.Routes() {
		if route.Method != "GET" || !strings.Contains(route.Path, "{id}") {
			continue
		}
		for _, path := range l.idsInto(route.Path, seen) {
			if !slices.Contains(out, path) {
				add("%s", path)
			}
			if strings.HasSuffix(path, "channel_url/") {
				add("%s?channel=zetachannel", path)
				add("%s?channel=zetaextra", path)
				add("%s?channel=alphaextra", path)
			}
		}
	}
	for _, ids := range []labIDs{l.a, l.b, l.own} {
		for _, file := range []string{"zeta_run.xml", "zeta own_run.xml", "alpha_run.xml", folder + "/summed_image.tiff", folder + "/zeta.bmp", folder + "/alpha.bmp", "zeta/1/summed_image.tiff", "nothing"} {
			add("/download/?path=%s", url.QueryEscape(ids.path+"/"+file))
		}
		add("/upload_mibitiff/sign_tiff_url/?run_id=%d", ids.run)
	}
	add("/images/search_advanced/?antibodyTarget=target&mass=77")
	add("/images/search_advanced/?project=zeta&run=alpha")
	add("/images/search_advanced/?status=A&status=U&panelName=panel&ordering=section__panel")
	return out
}

// idsInto puts ids of both labs into a path.
func (l *labs) idsInto(path string, seen labIDs) []string {
	if !strings.Contains(path, "{id}") {
		return []string{path}
	}
	kind := strings.Split(path, "/")[1]
	of := func(ids labIDs) []int64 {
		if ids.run == 0 {
			return nil // it has nothing
		}
		return map[string][]int64{
			"projects": {ids.project}, "slides": {ids.slide, ids.gone}, "panels": {ids.panel, ids.panel - 1}, "sections": {ids.section, ids.bare},
			"runs": {ids.run}, "images": {ids.image, ids.image + 1, ids.barely, ids.barely + 1}, "imagesets": {ids.set, ids.set - 1}, "tissues": {1, 2}, "instruments": {3},
			"apertures": {7}, "users": {3}, "keys": {1},
		}[kind]
	}
	ids := slices.Concat(of(seen), of(l.b), of(l.own))
	slices.Sort(ids)
	var out []string
	for _, id := range slices.Compact(ids) {
		if id > 0 {
			out = append(out, strings.ReplaceAll(strings.ReplaceAll(path, "{id}", itoa(id)), "{account}", itoa(l.vic.id)))
		}
	}
	return out
}

// searched are what the advanced search and that of tissues are asked for.
var searched = map[string][]string{
	"tissue": {"ZETAorgan", "zeta subsite"}, "mass": {"77", "89"}, "antibodyTarget": {"zetat", "zetac", "zetaextra", "target"}, "run": {"zeta", "alpha"}, "point": {"zeta"},
	"panelName": {"zeta", "panel"}, "project": {"zeta", "alpha"}, "instrument": {"zeta"}, "slide": {"zeta", "slide"}, "startDate": {"1977-07-07", "1978-01-01"},
	"endDate": {"1977-07-07", "1978-01-01"}, "status": {"A", "U"}, "q": {"zeta"},
}

// valuesOf are values of a field that objects have which an administrator sees:
// Bob's and Ann's.
func (l *labs) valuesOf(t *testing.T, path, filter string) []string {
	t.Helper()
	if values := searched[filter]; values != nil && strings.Contains(path, "search") {
		return values
	}
	switch filter {
	case "from", "to":
		return []string{"2000-01-01"}
	case "role":
		return []string{"manager", "viewer"}
	case "action":
		return []string{"create", "change", "upload"}
	case "user":
		return []string{itoa(l.bob.id), itoa(l.ann.id)}
	case "scope":
		return []string{"read"}
	}
	if strings.Contains(path, "{id}/images") {
		path = "/images/"
	}
	path = strings.NewReplacer("{id}/audit/", "", "{id}", itoa(l.a.project)).Replace(path)
	if strings.Contains(path, "conjugates") {
		path = "/images/" + itoa(l.b.image) + "/conjugates/"
	}
	out := map[string]bool{}
	for _, object := range l.do(t, l.admin, "GET", path+"?paging=no", nil).want(t, 200).array(t) {
		for _, text := range valuesAt(object, strings.Split(filter, "__")) {
			out[text] = true
		}
	}
	values := slices.Sorted(maps.Keys(out))
	if len(values) > 8 {
		values = slices.Concat(values[:4], values[len(values)-4:])
	}
	return values
}

// valuesAt are the values at a path in an object: of a relation its id.
func valuesAt(v any, path []string) []string {
	switch v := v.(type) {
	case map[string]any:
		if len(path) == 0 {
			return valuesAt(v["id"], nil)
		}
		return valuesAt(v[path[0]], path[1:])
	case []any:
		var out []string
		for _, one := range v {
			out = append(out, valuesAt(one, path)...)
		}
		return out
	case string:
		return []string{v}
	case float64:
		return []string{strings.TrimSuffix(fmt.Sprintf("%.9f", v), ".000000000")}
	case bool:
		return []string{fmt.Sprint(v)}
	}
	return nil
}

var changing = regexp.MustCompile(`[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|http://[0-9.:]+|\d{4}-\d\d-\d\dT[\d:.]+Z|grant=[^"]*|"request_id":"[^"]*"|"location":"[^"]*"`)

// alike is an answer without what differs from one request, or server, to the
// next.
func (a answer) alike() string {
	return fmt.Sprint(a.status, " ", a.header.Get("Content-Type"), " ", a.header.Get("Allow"), " ", changing.ReplaceAllString(string(a.body), "~"))
}
