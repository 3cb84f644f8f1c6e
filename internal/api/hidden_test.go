package api_test

import (
	"strings"
	"testing"
)

// What the viewer may not see does not show through what it may: neither
// inside an image, nor by searching for it.
func TestHiddenRelations(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	l := s.addLab(t, s.alice, "hidden")
	open := s.do(t, s.alice, "POST", "/projects/", `{"name": "open", "is_public": true}`).want(t, 201).id(t)
	path := "/images/" + itoa(l.image) + "/"
	s.do(t, s.alice, "PUT", path, map[string]any{"project": open, "section": l.section, "tissue": l.tissue}).want(t, 200)

	searches := []string{
		"/images/search_advanced/?panelName=tonic", "/images/search_advanced/?slide=s1", "/images/search_advanced/?antibodyTarget=calpro",
		"/images/search_advanced/?mass=69", "/images/?section=" + itoa(l.section), "/images/?section__panel=" + itoa(l.panel),
		"/images/?section__slide=" + itoa(l.slide),
	}
	for who, sees := range map[user]bool{s.alice: true, s.admin: true, s.bob: false} {
		image := s.do(t, who, "GET", path, nil).want(t, 200).object(t)
		run, _ := image["run"].(map[string]any)
		if image["project"] == nil || image["tissue"] == nil || (image["section"] != nil) != sees || (run["project"] != nil) != sees {
			t.Errorf("%s: the image shows section %v, run in project %v", who.email, image["section"], run["project"])
		}
		conjugates, want := s.do(t, who, "GET", path+"conjugates/?paging=no", nil).array(t), 0
		if sees {
			want = 2
		}
		if len(conjugates) != want {
			t.Errorf("%s: %d conjugates, want %d", who.email, len(conjugates), want)
		}
		for _, search := range searches {
			want := 0.0
			if sees {
				want = 1
			}
			if got := s.do(t, who, "GET", search, nil).want(t, 200).object(t)["count"]; got != want {
				t.Errorf("%s: %s finds %v, want %v", who.email, search, got, want)
			}
		}
	}

	// A section may be open while its slide and its panel are not.
	section := s.do(t, s.alice, "POST", "/sections/", map[string]any{"slide": l.slide, "panel": l.panel, "project": open}).want(t, 201).id(t)
	s.do(t, s.alice, "PUT", path, map[string]any{"section": section}).want(t, 200)
	for who, sees := range map[user]bool{s.alice: true, s.bob: false} {
		got := s.do(t, who, "GET", "/sections/"+itoa(section)+"/", nil).want(t, 200).object(t)
		if (got["slide"] != nil) != sees || (got["panel"] != nil) != sees {
			t.Errorf("%s: the section shows slide %v, panel %v", who.email, got["slide"], got["panel"])
		}
		for _, filter := range []string{"slide=" + itoa(l.slide), "panel=" + itoa(l.panel), "slide__name=S1", "panel__name=TONIC"} {
			body := string(s.do(t, who, "GET", "/sections/?paging=no&"+filter, nil).want(t, 200).body)
			if strings.Contains(body, `"id":`+itoa(section)+`,"position"`) != sees {
				t.Errorf("%s: sections by %s: %s", who.email, filter, body)
			}
		}
	}
	if got := s.do(t, s.bob, "GET", path+"conjugates/?paging=no", nil).array(t); len(got) != 0 {
		t.Errorf("conjugates of a hidden panel: %v", got)
	}
	if got := s.do(t, s.bob, "GET", "/images/?section="+itoa(section), nil).object(t)["count"]; got != 1.0 {
		t.Errorf("by a section that is seen: %v", got)
	}
}
