package api_test

import "testing"

// edit_date moves with each change of the project, and with nothing else.
func TestEditDate(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	at := "/projects/" + itoa(s.do(t, s.alice, "POST", "/projects/", `{"name": "p", "description": "d"}`).want(t, 201).id(t)) + "/"
	members := at + "members/"
	s.do(t, s.alice, "POST", members, `{"email": "bob@example.org", "role": "viewer"}`).want(t, 201)
	bob := members + itoa(s.bob.id) + "/"
	date := func() string {
		t.Helper()
		return s.do(t, s.alice, "GET", at, nil).want(t, 200).object(t)["edit_date"].(string)
	}
	for _, c := range []struct {
		who    user
		method string
		path   string
		body   any
		status int
		moves  bool
	}{
		{s.alice, "PUT", at, `{"description": "e"}`, 200, true},
		{s.alice, "PATCH", at, `{"is_public": true}`, 200, true},
		{s.alice, "PUT", bob, `{"role": "editor"}`, 200, true},
		{s.alice, "DELETE", bob, nil, 204, true},
		{s.alice, "DELETE", at, nil, 204, true},
		{s.alice, "PUT", at, `{"active": true}`, 200, true},
		{s.alice, "POST", members, `{"email": "bob@example.org", "role": "viewer"}`, 201, true},
		{s.alice, "PUT", at, `{}`, 200, false},
		{s.alice, "PUT", at, `{"edit_date": "2030-01-01T00:00:00.000000Z", "created_by": "bob@example.org"}`, 200, false},
		{s.alice, "PUT", at, `{"name": ""}`, 400, false},
		{s.alice, "PUT", bob, `{}`, 200, false},
		{s.alice, "PUT", bob, `{"role": "viewer"}`, 200, false},
		{s.bob, "PUT", at, `{"name": "x"}`, 403, false},
	} {
		before := date()
		s.do(t, c.who, c.method, c.path, c.body).want(t, c.status)
		after := date()
		if after < before || (after != before) != c.moves {
			t.Errorf("%s %s %v: edit_date from %s to %s", c.method, c.path, c.body, before, after)
		}
	}
	s.do(t, s.alice, "GET", at, nil).want(t, 200, `"created_by":"alice@example.org"`)
}
