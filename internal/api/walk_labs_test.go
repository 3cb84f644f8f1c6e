package api_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/openmibi/openmibi/internal/model"
	"github.com/openmibi/openmibi/internal/store"
)

// labs is a server with the lab of Ann, and perhaps that of Bob.
type labs struct {
	*server

	ann, vic, bob user   // Ann manages her project, Vic only views it
	a, b          labIDs // b is zero where Bob has nothing
	own           labIDs // Bob's, in no project
}

// labIDs are the objects of a lab.
type labIDs struct {
	project, slide, panel, section, run, image, set, gone int64
	bare, barely                                          int64 // a section of its own, and an image of it
	path                                                  string
}

// said are the words of a lab: whatever text its objects have begins with name,
// and whatever number and day they have is its own.
type said struct {
	name, day string
	number    float64
	mass      int
}

var (
	annSays = said{"alpha", "2020-02-02", 2222.5, 22}
	bobSays = said{"zeta", "1977-07-07", 7777.5, 77}
)

// newLabs makes a server, the same to the letter for everybody but Bob,
// whether Bob has a lab or not.
func newLabs(t *testing.T, withBob bool) *labs {
	t.Helper()
	s := newServer(t)
	l := &labs{server: s, ann: s.addUser(t, "ann@example.org", false), vic: s.addUser(t, "vic@example.org", false), bob: s.bob}
	// The lab's vocabulary is everybody's, whoever uses it.
	for _, says := range []said{annSays, bobSays} {
		s.do(t, s.admin, "POST", "/tissues/", map[string]any{"organ": says.name + "organ", "subsite": says.name + " subsite", "diagnosis": says.name + " diagnosis"}).want(t, 201)
		s.do(t, s.admin, "POST", "/instruments/", map[string]any{"name": says.name + " instrument"}).want(t, 201)
		s.do(t, s.admin, "POST", "/apertures/", map[string]any{"code": says.name, "name": says.name + " aperture"}).want(t, 201)
	}
	l.a = l.build(t, l.ann, annSays, true)
	s.setRole(t, l.a.project, l.vic, model.RoleViewer)
	if withBob {
		l.b = l.build(t, l.bob, bobSays, true)
		l.own = l.build(t, l.bob, said{"zeta own", bobSays.day, bobSays.number, bobSays.mass}, false)
		l.entangle(t)
	}
	return l
}

// build makes a lab. Every field that a list can be filtered by has a value.
func (l *labs) build(t *testing.T, who user, says said, inProject bool) (ids labIDs) {
	t.Helper()
	post := func(path string, body map[string]any) int64 {
		if ids.project != 0 && path != "/projects/" {
			body["project"] = ids.project
		}
		return l.do(t, who, "POST", path, body).want(t, 201).id(t)
	}
	word, _, _ := strings.Cut(says.name, " ")
	tissue, instrument := int64(1), int64(2)
	if word == bobSays.name {
		tissue, instrument = 2, 3
	}
	text := func(what string) string { return says.name + " " + what }
	if inProject {
		ids.project = post("/projects/", map[string]any{"name": text("project"), "description": text("description"), "can_share_images": true})
	}
	ids.slide = post("/slides/", map[string]any{"name": text("slide"), "description": text("slide's"), "external_id": text("external"), "source": text("source"),
		"lot": text("lot"), "slide_type": text("type"), "location": text("location")})
	ids.gone = post("/slides/", map[string]any{"name": text("gone")})
	l.do(t, who, "DELETE", "/slides/"+itoa(ids.gone)+"/", nil).want(t, 204)
	first := post("/panels/", map[string]any{"name": text("panel"), "description": text("panel's"), "manufacture_date": says.day, "dilution": says.number, "is_draft": true,
		"conjugates": []any{map[string]any{"target": says.name + "target", "mass": says.mass, "clone": text("clone"), "element": text("element"), "lot": text("lot"),
			"external_id": text("external")}}})
	ids.panel = post("/panels/", map[string]any{"previous_id": first})
	ids.section = post("/sections/", map[string]any{"position": text("position"), "description": text("section's"), "block": text("block"), "cut_date": says.day,
		"stain_date": says.day, "receive_date": says.day, "tissue": tissue, "slide": ids.slide, "panel": ids.panel})
	pairs := []string{"label", text("label"), "instrument", itoa(instrument), "description", text("run's"), "operator", text("operator"), "fov_size", fmt.Sprint(says.number),
		"aperture", word, "user_run_date", says.day, "slides", itoa(ids.slide), "magnification", fmt.Sprint(says.number)}
	if inProject {
		pairs = append(pairs, "project", itoa(ids.project))
	}
	xml := strings.ReplaceAll(runXML, "2170_Bottom", text("2170"))
	run := l.do(t, who, "POST", "/runs/", newForm(pairs...).file("xml", says.name+"_run.xml", "application/xml", xml)).want(t, 201).object(t)
	ids.run, ids.image = idOf(run), idOf(imagesOf(run)[0])
	ids.path, _ = run["path"].(string)
	l.do(t, who, "PUT", "/images/"+itoa(ids.image)+"/", newForm("tissue", itoa(tissue), "section", itoa(ids.section), "description", text("image's"),
		"imaging_preset", text("preset"), "lens1_voltage", fmt.Sprint(says.number), "dwell_time", fmt.Sprint(says.number), "mass_gain", fmt.Sprint(says.number),
		"mass_offset", fmt.Sprint(says.number), "time_bin", fmt.Sprint(says.number), "x_coord", fmt.Sprint(says.number), "y_coord", fmt.Sprint(says.number),
		"depths", fmt.Sprint(100*says.mass)).file("attachment", word+".bmp", "image/bmp", bmpBytes)).want(t, 200)
	ids.set = post("/imagesets/", map[string]any{"name": text("set"), "description": text("set's"), "images": []int64{ids.image, ids.image + 1}})
	ids.bare = post("/sections/", map[string]any{"position": text("bare")})
	ids.barely = l.do(t, who, "POST", "/images/", map[string]any{"run": ids.run, "folder": "Point3/x", "section": ids.bare}).want(t, 201).id(t)
	// The first image has a TIFF, and a channel beside it.
	putURL, location := l.sign(t, who, ids.run)
	l.put(t, putURL, string(mibiTIFF(t, text("label"), folder, says.name+"channel"))).want(t, 200)
	l.enqueue(t, who, location, ids.run).want(t, 200)
	l.publish(t, says.name+"channel")
	l.do(t, who, "POST", "/images/"+itoa(ids.image)+"/upload_channel/",
		newForm().file("attachment", says.name+"extra.png", "image/png", pngOf(t, tiffWidth, tiffHeight, 8))).want(t, 200)
	return ids
}

// entangle relates objects of the two labs in every way that there is, by an
// administrator, who may.
func (l *labs) entangle(t *testing.T) {
	t.Helper()
	put := func(path string, id int64, body map[string]any) {
		l.do(t, l.admin, "PUT", path+itoa(id)+"/", body).want(t, 200)
	}
	a, b := l.a, l.b
	put("/runs/", a.run, map[string]any{"slides": []int64{a.slide, b.slide, l.own.slide}})
	put("/runs/", b.run, map[string]any{"slides": []int64{b.slide, a.slide}})
	// An image of Bob's in a run of Ann's, and sections of Bob's on her slide.
	theirs := l.do(t, l.admin, "POST", "/images/", map[string]any{"run": a.run, "folder": "zeta/1", "project": b.project, "section": a.section}).want(t, 201).id(t)
	put("/sections/", b.section, map[string]any{"slide": a.slide})
	put("/imagesets/", a.set, map[string]any{"images": []int64{a.image, a.image + 1, theirs, b.image}})
	put("/imagesets/", b.set, map[string]any{"images": []int64{b.image, b.image + 1, a.image}})
	// A panel of Bob's that follows one of Ann's, and what of Ann's has something
	// of Bob's: her second image his section, her second panel and section his.
	l.do(t, l.admin, "POST", "/panels/", map[string]any{"previous_id": a.panel, "name": "zeta next", "project": b.project}).want(t, 201)
	put("/sections/", a.bare, map[string]any{"slide": b.slide, "panel": b.panel})
	put("/images/", a.image+1, map[string]any{"section": b.section})
	must(t, l.store.Write(t.Context(), func(tx *store.Tx) error {
		return tx.UpdatePanel(t.Context(), a.panel-1, []store.Change{{Column: "previous_id", Value: b.panel}})
	}))
	l.do(t, l.bob, "POST", "/imagesets/", map[string]any{"name": "zeta alone", "images": []int64{b.image}}).want(t, 201)
	l.do(t, l.admin, "POST", "/imagesets/", map[string]any{"name": "zeta mixed", "images": []int64{a.image, b.image}}).want(t, 201)
}
