package api_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// An image tells which sets it is in, as these change.
func TestSetsOfAnImage(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	run := s.addRun(t, s.alice, "one")
	first, second := idOf(imagesOf(run)[0]), idOf(imagesOf(run)[1])
	set := s.do(t, s.alice, "POST", "/imagesets/", map[string]any{"name": "set", "images": []int64{second, first, second}}).want(t, 201)
	at := "/imagesets/" + itoa(set.id(t)) + "/"
	same(t, relationIDs(set.object(t)["images"]), first, second) // by id, however they are given
	in := func(image int64, want ...string) {
		t.Helper()
		got := []string{}
		for _, one := range s.do(t, s.alice, "GET", "/images/"+itoa(image)+"/", nil).want(t, 200).object(t)["imagesets"].([]any) {
			got = append(got, one.(map[string]any)["name"].(string))
		}
		if diff := cmp.Diff(append([]string{"20190308_2169_2170"}, want...), got); diff != "" {
			t.Errorf("image %d: %s", image, diff)
		}
	}
	in(first, "set")
	s.do(t, s.alice, "PUT", at, map[string]any{"images": itoa(second), "name": "renamed"}).want(t, 200)
	in(first)
	in(second, "renamed")
	s.do(t, s.alice, "PUT", at, map[string]any{"images": []int64{first}}).want(t, 200)
	in(first, "renamed")
	in(second)
	s.do(t, s.alice, "DELETE", at, nil).want(t, 204)
	in(first)
	s.do(t, s.alice, "PUT", at, `{"active": true}`).want(t, 200)
	in(first, "renamed")
	s.do(t, s.bob, "PUT", at, `{"name": "mine"}`).want(t, 404)
}

// A set that is put together has its bounds.
func TestLargeSets(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	ids := make([]int64, 10_001)
	for i := range ids {
		ids[i] = int64(i + 1)
	}
	s.do(t, s.alice, "POST", "/imagesets/", map[string]any{"name": "set", "images": ids}).want(t, 400, "More than 10000 images.")
	// Of very many mistakes some are told.
	got := s.do(t, s.alice, "POST", "/imagesets/", map[string]any{"name": "set", "images": ids[:10_000]}).want(t, 400, "There is no image 1,")
	if n := len(got.object(t)["images"].([]any)); n != 20 {
		t.Errorf("%d mistakes", n)
	}
}

// There are few apertures: each image that is shown looks among them.
func TestManyApertures(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	for i := range 95 {
		s.do(t, s.admin, "POST", "/apertures/", `{"code": "x`+itoa(int64(i))+`", "name": "n"}`).want(t, 201)
	}
	s.do(t, s.admin, "POST", "/apertures/", `{"code": "y", "name": "n"}`).want(t, 400, "100 apertures")
}
