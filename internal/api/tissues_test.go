package api_test

import (
	"net/url"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestTissueNames(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	for body, name := range map[string]string{
		`{"organ": "Tonsil", "diagnosis": "Unremarkable"}`:                    "Tonsil  [Unremarkable]",
		`{"organ": "Tonsil", "subsite": "left", "diagnosis": "Unremarkable"}`: "Tonsil left [Unremarkable]",
		`{"organ": "Tonsil"}`: "Tonsil  []",
		`{"organ": "Tonsil", "subsite": null, "diagnosis": null}`: "Tonsil  []",
	} {
		s.do(t, s.bob, "POST", "/tissues/", body).want(t, 201, `"name":"`+name+`"`)
	}
	at := "/tissues/1/"
	s.do(t, s.bob, "PUT", at, `{"subsite": "right", "diagnosis": null}`).want(t, 200, `"name":"Tonsil right []"`)
}

func TestSearchTissues(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	for _, body := range []string{
		`{"organ": "Tonsil", "subsite": "left", "diagnosis": "Unremarkable", "description": "from Über-Klinik"}`,
		`{"organ": "Liver", "subsite": "lobe", "diagnosis": "HCC 100%"}`,
		`{"organ": "Lung", "diagnosis": "gone"}`,
	} {
		s.do(t, s.bob, "POST", "/tissues/", body).want(t, 201)
	}
	s.do(t, s.bob, "DELETE", "/tissues/3/", nil).want(t, 204)
	for q, want := range map[string][]int64{
		"": {2, 1}, "TONSIL": {1}, "l": {2, 1}, "nsil le": {1}, "left [unrem": {1}, "[hcc": {2}, "ÜBER": {1}, "über-klinik": {1},
		"lung": nil, "100%": {2}, "%": {2}, "_": nil, "] from": nil, "]from": nil, "'": nil, `" OR 1`: nil,
	} {
		if diff := cmp.Diff(want, s.ids(t, s.alice, "/tissues/search/?q="+url.QueryEscape(q))); diff != "" {
			t.Errorf("%q: %s", q, diff)
		}
	}
	if got := s.ids(t, s.alice, "/tissues/search/?q=lung&active=false"); !slices.Equal(got, []int64{3}) {
		t.Errorf("among the deleted: %v", got)
	}
	page := s.do(t, s.alice, "GET", "/tissues/search/?q=l&limit=1&ordering=organ", nil).want(t, 200, `"organ":"Liver"`).object(t)
	if page["count"] != 2.0 || page["next"] == nil {
		t.Errorf("a page: %v", page)
	}
	s.do(t, s.alice, "GET", "/tissues/search/?organ=Liver", nil).want(t, 400, `"organ"`)
	s.do(t, s.alice, "GET", "/tissues/search/?q=%FF", nil).want(t, 400, `"q"`)
	s.do(t, user{}, "GET", "/tissues/search/?q=l", nil).want(t, 401)
	s.do(t, s.alice, "POST", "/tissues/search/", `{}`).want(t, 405)
}

func TestImagesOfATissue(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	l := s.addLab(t, s.alice, "one")
	hidden := s.addLab(t, s.bob, "two")
	tissue := map[string]any{"tissue": l.tissue}
	s.do(t, s.alice, "PUT", "/images/"+itoa(l.image)+"/", tissue).want(t, 200)
	s.do(t, s.alice, "PUT", "/images/"+itoa(l.image+1)+"/", tissue).want(t, 200)
	s.do(t, s.bob, "PUT", "/images/"+itoa(hidden.image)+"/", tissue).want(t, 200)
	at := "/tissues/" + itoa(l.tissue) + "/images/"
	for who, want := range map[user][]int64{s.alice: {l.image + 1, l.image}, s.bob: {hidden.image}, s.admin: {hidden.image, l.image + 1, l.image}} {
		if diff := cmp.Diff(want, s.ids(t, who, at+"?active=true")); diff != "" {
			t.Errorf("%s: %s", who.email, diff)
		}
		if got := s.do(t, who, "GET", at+"?limit=1", nil).want(t, 200).object(t)["count"]; got != float64(len(want)) {
			t.Errorf("%s counts %v, want %d", who.email, got, len(want))
		}
	}
	if got := s.ids(t, s.alice, at+"?number=Point1"); !slices.Equal(got, []int64{l.image}) {
		t.Errorf("filtered: %v", got)
	}
	if got := s.ids(t, s.alice, at+"?tissue="+itoa(hidden.tissue)); got != nil {
		t.Errorf("of two tissues at once: %v", got)
	}
	s.do(t, s.alice, "GET", "/tissues/99/images/", nil).want(t, 404)
	s.do(t, user{}, "GET", at, nil).want(t, 401)
	// A deleted tissue stays with its images.
	s.do(t, s.alice, "DELETE", "/tissues/"+itoa(l.tissue)+"/", nil).want(t, 204)
	if got := s.ids(t, s.alice, at+"?active=true"); len(got) != 2 {
		t.Errorf("of a deleted tissue: %v", got)
	}
}
