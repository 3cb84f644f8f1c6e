package mibitracker_test

import (
	"testing"

	"github.com/openmibi/openmibi/mibitracker"
)

// A body that cannot be sent is an error before anything is sent.
func TestBodiesThatCannotBeSent(t *testing.T) {
	t.Parallel()
	srv := newRecorder(t, nil)
	c := newClient(t, srv.URL)
	file := func(s mibitracker.Source) *mibitracker.Body {
		return mibitracker.MultipartBody(mibitracker.Part{Name: "a", File: &s, ContentType: "image/png"})
	}
	content := mibitracker.FromBytes("x", []byte("x"))
	for name, body := range map[string]*mibitracker.Body{
		"no content":             {Size: 5},
		"no content, any length": {Size: -1},
		"not JSON":               mibitracker.JSONBody(make(chan int)),
		"a file of nothing":      file(mibitracker.Source{Name: "x"}),
		"a file without content": file(mibitracker.Source{Name: "x", Size: 3}),
		"a size below zero":      file(mibitracker.Source{Name: "x", Size: -3, Open: content.Open}),
		"a type of two lines":    mibitracker.MultipartBody(mibitracker.Part{Name: "a", File: &content, ContentType: "image/png\r\nX: y"}),
	} {
		if err := c.JSON(t.Context(), mibitracker.Request{Method: "PUT", Route: "/x/", Body: body}, nil); err == nil {
			t.Errorf("%s is taken", name)
		}
	}
	if n := len(srv.of("/x/")); n != 0 {
		t.Errorf("%d requests", n)
	}
	if err := c.JSON(t.Context(), mibitracker.Request{Method: "PUT", Route: "/y/", Body: &mibitracker.Body{}}, nil); err != nil {
		t.Error(err)
	}
	if got := srv.of("/y/"); len(got) != 1 || got[0].Length != 0 || got[0].Header["Content-Type"] != nil {
		t.Errorf("an empty body came as %+v", got)
	}
}
