package api_test

import (
	"encoding/json"
	"net/url"
	"slices"
	"strings"
	"testing"
)

// Two servers, the same but for what Bob has: no GET by somebody else tells
// them apart. And on the one where he has something, much can be seen of it by
// an administrator with the same requests.
func TestAnotherLabShowsNowhere(t *testing.T) {
	t.Parallel()
	sequential(t)
	with, without := newLabs(t, true), newLabs(t, false)
	gets := with.gets(t, with.a)
	visible, told := 0, 0
	there := without.mirror(t, with)
	for i, path := range gets {
		if i%thin != 0 {
			continue
		}
		for name, who := range map[string][2]user{"Ann": {with.ann, without.ann}, "Vic": {with.vic, without.vic}} {
			if name == "Vic" && i%(4*thin) != 0 {
				continue // less would be too little, and all takes long
			}
			got, want := with.do(t, who[0], "GET", path, nil), without.do(t, who[1], "GET", there.Replace(path), nil)
			if strings.Contains(path, "/audit/") && entangled(path, with.a) {
				// That an administrator changed Ann's object is in its record, but
				// not with what of Bob's.
				with.knowsNothing(t, name+": "+path, got)
				continue
			}
			if got.alike() != want.alike() {
				told++
				if told < 40 {
					t.Errorf("%s: GET %s:\n%.1500s\nwithout the other lab:\n%.1500s", name, path, got.alike(), want.alike())
				}
			}
			if name == "Vic" && with.do(t, with.admin, "GET", path, nil).alike() != got.alike() {
				visible++
			}
		}
	}
	t.Logf("%d requests by Ann and a quarter of them by Vic, on 2 servers; an administrator is answered otherwise in %d of that quarter", len(gets), visible)
	if visible < len(gets)/8/thin {
		t.Errorf("only %d of %d requests could have told anything", visible, len(gets)/4)
	}
}

// mirror makes a path of another server one of this: Ann's run lies elsewhere,
// and her project was made at another time.
func (l *labs) mirror(t *testing.T, other *labs) *strings.Replacer {
	t.Helper()
	made := func(l *labs) string {
		text, _ := l.do(t, l.ann, "GET", "/projects/"+itoa(l.a.project)+"/", nil).want(t, 200).object(t)["edit_date"].(string)
		return url.QueryEscape(text)
	}
	return strings.NewReplacer(other.a.path, l.a.path, made(other), made(l))
}

// knowsNothing checks that the audit record of an object of Ann's names nothing
// but what is hers.
func (l *labs) knowsNothing(t *testing.T, what string, got answer) {
	t.Helper()
	if strings.Contains(string(got.body), "zeta") {
		t.Errorf("%s: %s", what, got.body)
	}
	hers := map[string][]int64{
		"project": {l.a.project}, "run": {l.a.run}, "slide": {l.a.slide}, "slides": {l.a.slide}, "section": {l.a.section, l.a.bare}, "panel": {l.a.panel},
		"previous": {l.a.panel - 1}, "images": {l.a.image, l.a.image + 1, l.a.barely},
	}
	if got.status != 200 {
		return // no such filter
	}
	var page struct {
		Results []struct {
			Action, Kind  string
			Before, After map[string]any
		}
	}
	if got.body[0] == '[' {
		must(t, json.Unmarshal(got.body, &page.Results))
	} else {
		must(t, json.Unmarshal(got.body, &page))
	}
	for _, r := range page.Results {
		for _, side := range []map[string]any{r.Before, r.After} {
			for field, known := range hers {
				if r.Kind == "run" && field == "images" {
					continue // how many it was made with
				}
				for _, text := range valuesAt(side[field], nil) {
					if id := mustInt(t, text); !slices.Contains(known, id) {
						t.Errorf("%s: %s %s shows %s %s", what, r.Action, r.Kind, field, text)
					}
				}
				if side[field+"_count"] != nil {
					t.Errorf("%s: %s counts hidden ones: %v", what, field, side)
				}
			}
		}
	}
}

// entangled tells whether a record is of an object that was related to Bob's.
func entangled(path string, a labIDs) bool {
	for _, p := range []string{"/runs/" + itoa(a.run), "/imagesets/" + itoa(a.set), "/images/" + itoa(a.image+1), "/panels/" + itoa(a.panel-1), "/sections/" + itoa(a.bare)} {
		if strings.HasPrefix(path, p+"/") {
			return true
		}
	}
	return false
}
