package api_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/openmibi/openmibi/internal/model"
	"github.com/openmibi/openmibi/internal/store"
)

// A run is shown with all of its images, so it has no more of them than can be
// shown to many at once.
func TestImagesOfARun(t *testing.T) {
	t.Parallel()
	sequential(t)
	s := newServer(t)
	xml := func(points int) string {
		return "<D><Root>" + strings.Repeat(`<Point><RowNumber0 XAttrib="1" YAttrib="2"/><Depth_Profile/></Point>`, points) + "</Root></D>"
	}
	s.do(t, s.alice, "POST", "/runs/", newForm("label", "large", "instrument", "1").
		file("xml", "large.xml", "application/xml", xml(10_001))).want(t, 400, `"xml"`, "10000")
	id := s.do(t, s.alice, "POST", "/runs/", newForm("label", "large", "instrument", "1").
		file("xml", "large.xml", "application/xml", xml(1))).want(t, 201).id(t)
	must(t, s.store.Write(t.Context(), func(tx *store.Tx) error {
		for i := range 9_998 {
			if _, err := tx.AddImage(t.Context(), model.NewImage{RunID: id, Number: "x", Folder: fmt.Sprintf("x/%d", i), CreatorID: s.alice.id}); err != nil {
				return err
			}
		}
		return nil
	}))
	body := `{"run": ` + itoa(id) + `, "folder": "%s"}`
	s.do(t, s.alice, "POST", "/images/", fmt.Sprintf(body, "y")).want(t, 201)
	s.do(t, s.alice, "POST", "/images/", fmt.Sprintf(body, "z")).want(t, 400, `"run"`, "10000 images")
}
