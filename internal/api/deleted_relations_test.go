package api_test

import (
	"testing"
)

// What is deleted stays where it is related to, and can be related to no more.
func TestDeletedRelations(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	l := s.addLab(t, s.alice, "one")
	image, run := "/images/"+itoa(l.image)+"/", "/runs/"+itoa(l.run)+"/"
	section, other := "/sections/"+itoa(l.section)+"/", "/images/"+itoa(l.image+1)+"/"
	s.do(t, s.alice, "PUT", image, map[string]any{"tissue": l.tissue, "section": l.section, "aperture": "B"}).want(t, 200)
	instrument := s.do(t, s.admin, "POST", "/instruments/", `{"name": "Beta"}`).want(t, 201).id(t)
	s.do(t, s.alice, "PUT", run, map[string]any{"instrument": instrument}).want(t, 200)
	for _, c := range []struct {
		deleted string
		field   string
		id      any
		stays   []string // what has it already
		fresh   []string // what has not
	}{
		{"/tissues/" + itoa(l.tissue), "tissue", l.tissue, []string{image, section}, []string{other}},
		{section[:len(section)-1], "section", l.section, []string{image}, []string{other}},
		{"/slides/" + itoa(l.slide), "slide", l.slide, []string{section}, nil},
		{"/panels/" + itoa(l.panel), "panel", l.panel, []string{section}, nil},
		{"/instruments/" + itoa(instrument), "instrument", instrument, []string{run}, nil},
		{"/apertures/2", "aperture", "B", []string{image}, []string{other, run}},
	} {
		s.do(t, s.admin, "DELETE", c.deleted+"/", nil).want(t, 204)
		for _, path := range c.stays {
			got := s.do(t, s.alice, "GET", path, nil).want(t, 200).object(t)
			if v, _ := got[c.field].(map[string]any); v == nil || c.field != "aperture" && v["active"] != false {
				t.Errorf("%s of %s: %v", c.field, path, got[c.field])
			}
			s.do(t, s.alice, "PUT", path, map[string]any{c.field: c.id}).want(t, 200)
		}
		for _, path := range c.fresh {
			s.do(t, s.alice, "PUT", path, map[string]any{c.field: c.id}).want(t, 400, `"`+c.field+`"`)
		}
	}
	for _, c := range []struct {
		path string
		body any
	}{
		{"/sections/", map[string]any{"tissue": l.tissue}}, {"/sections/", map[string]any{"slide": l.slide}},
		{"/sections/", map[string]any{"panel": l.panel}},
		{"/images/", map[string]any{"run": l.run, "folder": "Point9/x", "section": l.section}},
		{"/images/", map[string]any{"run": l.run, "folder": "Point9/x", "aperture": 2}},
		{"/runs/", runForm("new", runXML, "slides", itoa(l.slide))},
		{"/runs/", runForm("new", runXML, "instrument", itoa(instrument))},
		{"/runs/", runForm("new", runXML, "aperture", "B")},
	} {
		s.do(t, s.alice, "POST", c.path, c.body).want(t, 400, "deleted")
	}
	// The run keeps its deleted slide when its slides are written back.
	s.do(t, s.alice, "PUT", run, map[string]any{"slides": []int64{l.slide}}).want(t, 200, `"slide_ids":[{"id":`+itoa(l.slide))
	s.do(t, s.alice, "PUT", run, `{"slides": []}`).want(t, 200, `"slide_ids":[]`)
	s.do(t, s.alice, "PUT", run, map[string]any{"slides": []int64{l.slide}}).want(t, 400, `"slides"`)
	// A deleted run takes no more images; a slide no longer counts it.
	s.do(t, s.alice, "DELETE", run, nil).want(t, 204)
	s.do(t, s.alice, "POST", "/images/", map[string]any{"run": l.run, "folder": "Point9/x"}).want(t, 400, "deleted")
	s.do(t, s.alice, "POST", "/imagesets/", map[string]any{"name": "x", "images": []int64{l.image}}).want(t, 400, "deleted")
	s.do(t, s.alice, "GET", "/slides/"+itoa(l.slide)+"/", nil).want(t, 200, `"runs":[],"sections":[]`)
}

// What somebody may not see stays when they write what they see.
func TestHiddenStays(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	l := s.addLab(t, s.alice, "one")
	s.setRole(t, l.project, s.bob, "editor")
	secret := s.do(t, s.alice, "POST", "/slides/", `{"name": "secret"}`).want(t, 201).id(t)
	bobs := s.do(t, s.bob, "POST", "/slides/", `{"name": "bob's"}`).want(t, 201).id(t)
	run := "/runs/" + itoa(l.run) + "/"
	s.do(t, s.alice, "PUT", run, map[string]any{"slides": []int64{l.slide, secret}}).want(t, 200)
	s.do(t, s.bob, "PUT", run, map[string]any{"slides": []int64{secret}}).want(t, 400, `"slides"`)
	s.do(t, s.bob, "PUT", run, map[string]any{"slides": []int64{bobs}}).want(t, 200, `"slide_ids":[{"id":`+itoa(bobs))
	s.do(t, s.alice, "GET", run, nil).want(t, 200, `"slide_ids":[{"id":`+itoa(secret))
	s.do(t, s.bob, "GET", "/slides/"+itoa(bobs)+"/", nil).want(t, 200, `"runs":[`+itoa(l.run)+`]`)
	s.do(t, s.alice, "GET", "/slides/"+itoa(secret)+"/", nil).want(t, 200, `"runs":[`+itoa(l.run)+`]`)

	// Null is what he is shown, and takes nothing away.
	hiddenSection := s.do(t, s.alice, "POST", "/sections/", map[string]any{"slide": secret}).want(t, 201).id(t)
	image, section := "/images/"+itoa(l.image)+"/", "/sections/"+itoa(l.section)+"/"
	s.do(t, s.alice, "PUT", image, map[string]any{"section": hiddenSection}).want(t, 200)
	s.do(t, s.alice, "PUT", section, map[string]any{"slide": secret}).want(t, 200)
	s.do(t, s.bob, "PUT", image, `{"section": null}`).want(t, 200, `"section":null`)
	s.do(t, s.bob, "PUT", section, `{"slide": null}`).want(t, 200, `"slide":null`)
	s.do(t, s.alice, "GET", image, nil).want(t, 200, `"section":{"id":`+itoa(hiddenSection)+",")
	s.do(t, s.alice, "GET", section, nil).want(t, 200, `"slide":{"id":`+itoa(secret)+",")
	s.do(t, s.bob, "PUT", image, map[string]any{"section": l.section}).want(t, 200)
	s.do(t, s.bob, "PUT", image, `{"section": null}`).want(t, 200)
	s.do(t, s.alice, "GET", image, nil).want(t, 200, `"section":null`)

	// The same with the images of a set.
	own := s.addRun(t, s.alice, "own")
	hidden := idOf(imagesOf(own)[0])
	shares := s.do(t, s.alice, "POST", "/projects/", `{"name": "shares", "can_share_images": true}`).want(t, 201).id(t)
	s.do(t, s.alice, "PUT", "/images/"+itoa(hidden)+"/", map[string]any{"project": shares}).want(t, 200)
	set := "/imagesets/" + itoa(s.do(t, s.alice, "POST", "/imagesets/", map[string]any{
		"name": "set", "project": l.project, "images": []int64{l.image, hidden}}).want(t, 201).id(t)) + "/"
	images := func(who user) any {
		return relationIDs(s.do(t, who, "GET", set, nil).want(t, 200).object(t)["images"])
	}
	s.do(t, s.bob, "PUT", set, map[string]any{"images": []int64{l.image + 1}}).want(t, 200)
	same(t, images(s.bob), l.image+1)
	same(t, images(s.alice), l.image+1, hidden)
	s.do(t, s.bob, "PUT", set, map[string]any{"images": []int64{l.image, hidden}}).want(t, 400, `"images"`) // he cannot tell that it is in it
	s.do(t, s.bob, "PUT", set, map[string]any{"images": []int64{l.image}}).want(t, 200)
	bobsProject := s.do(t, s.bob, "POST", "/projects/", `{"name": "bob's"}`).want(t, 201).id(t)
	s.do(t, s.bob, "PUT", set, map[string]any{"project": bobsProject}).want(t, 400, `"project"`, `"images"`)
	same(t, images(s.alice), l.image, hidden)

	// So with a deleted one, which comes back with its image.
	s.do(t, s.alice, "DELETE", "/images/"+itoa(l.image)+"/", nil).want(t, 204)
	same(t, images(s.alice), hidden)
	s.do(t, s.alice, "PUT", set, map[string]any{"images": []int64{hidden}}).want(t, 200)
	s.do(t, s.alice, "PUT", "/images/"+itoa(l.image)+"/", `{"active": true}`).want(t, 200)
	same(t, images(s.alice), l.image, hidden)
	s.do(t, s.alice, "PUT", set, map[string]any{"images": []int64{hidden}}).want(t, 200)
	same(t, images(s.alice), hidden)
}

func same(t *testing.T, got any, want ...int64) {
	t.Helper()
	list, _ := got.([]any)
	for i, id := range want {
		if len(list) != len(want) || list[i] != float64(id) {
			t.Errorf("got %v, want %v", got, want)
			return
		}
	}
}

// A run's set is the run's.
func TestSetOfARun(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	run := s.addRun(t, s.alice, "one")
	set := "/imagesets/" + itoa(idOf(run["imageset"])) + "/"
	s.do(t, s.alice, "PUT", set, `{"name": "renamed", "description": "d"}`).want(t, 200, `"name":"renamed"`, `"description":"d"`)
	for body, field := range map[string]string{`{"images": [1]}`: "images", `{"project": null}`: "project", `{"active": false}`: "active"} {
		s.do(t, s.alice, "PUT", set, body).want(t, 400, `"`+field+`"`)
	}
	s.do(t, s.alice, "DELETE", set, nil).want(t, 400, "set of a run")
	s.do(t, s.bob, "DELETE", set, nil).want(t, 404)
	if got := imagesOf(s.do(t, s.alice, "GET", "/runs/"+itoa(idOf(run))+"/", nil).object(t)); len(got) != 2 {
		t.Errorf("%d images", len(got))
	}
}
