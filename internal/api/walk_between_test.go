package api_test

import (
	"strings"
	"testing"
)

// An image of one project in a run of another shows what an image cannot be
// without, the run's name and date; the run itself stays hidden, with its
// project, slides, XML and everything else in it.
func TestImageInAnotherLabsRun(t *testing.T) {
	t.Parallel()
	l := newLabs(t, true)
	a, b := l.a, l.b
	image := l.do(t, l.admin, "POST", "/images/", map[string]any{"run": b.run, "folder": "Point7/x", "project": a.project}).want(t, 201).id(t)
	path := "/images/" + itoa(image) + "/"
	for _, who := range []user{l.ann, l.vic} {
		got := l.do(t, who, "GET", path, nil).want(t, 200).object(t)
		run, _ := got["run"].(map[string]any)
		if run["label"] != "zeta label" || run["project"] != nil || len(got["imagesets"].([]any)) != 0 {
			t.Errorf("the image shows run %v, sets %v", run, got["imagesets"])
		}
		for _, slide := range run["slide_ids"].([]any) {
			if idOf(slide) != a.slide {
				t.Errorf("the image's run shows slide %v", slide)
			}
		}
		for _, hidden := range []string{
			"/runs/" + itoa(b.run) + "/", "/runs/" + itoa(b.run) + "/audit/", "/download/?path=" + b.path + "/zeta_run.xml",
			"/download/?path=" + b.path + "/" + folder + "/summed_image.tiff", "/upload_mibitiff/sign_tiff_url/?run_id=" + itoa(b.run),
		} {
			l.do(t, who, "GET", hidden, nil).want(t, 404)
		}
		for filter, want := range map[string]float64{
			"/runs/?label=zeta%20label": 0, "/runs/?project=" + itoa(b.project): 0, "/images/?run=" + itoa(b.run): 1, "/images/?run__label=zeta%20label": 1,
			"/images/?project=" + itoa(b.project): 0, "/images/search_advanced/?project=zeta": 0, "/images/search_advanced/?run=zeta": 1,
		} {
			if got := l.do(t, who, "GET", filter, nil).want(t, 200).object(t)["count"]; got != want {
				t.Errorf("%s: %s counts %v, want %v", who.email, filter, got, want)
			}
		}
		if body := string(l.do(t, who, "GET", path+"audit/?paging=no", nil).want(t, 200).body); strings.Contains(body, `"run":`+itoa(b.run)) || !strings.Contains(body, `"run":null`) {
			t.Errorf("its record: %s", body)
		}
	}
	// She may change the image, but not make it the run's again, nor anything of
	// the run's through it.
	l.do(t, l.ann, "PUT", path, `{"point": "mine"}`).want(t, 200)
	l.do(t, l.ann, "PUT", path, `{"project": null}`).want(t, 400, `"project"`)
	l.do(t, l.bob, "GET", path, nil).want(t, 404)
	l.do(t, l.bob, "GET", "/runs/"+itoa(b.run)+"/", nil).want(t, 200)
	if images := imagesOf(l.do(t, l.bob, "GET", "/runs/"+itoa(b.run)+"/", nil).object(t)); len(images) != 3 {
		t.Errorf("its run shows Bob %v", images)
	}
}

// The values that have to be unique tell that they are taken, and nothing of
// what has them.
func TestTakenValuesTellNoMore(t *testing.T) {
	t.Parallel()
	l := newLabs(t, true)
	// The label of a run, as the contract has it: but nothing of the run.
	got := l.do(t, l.ann, "POST", "/runs/", runForm("zeta label", runXML)).want(t, 400).object(t)
	if len(got) != 1 || strings.Contains(jsonText(t, got), "project") || !strings.Contains(jsonText(t, got["label"]), "already exists") {
		t.Errorf("a taken label: %v", got)
	}
	l.do(t, l.ann, "PUT", "/runs/"+itoa(l.a.run)+"/", `{"label": "zeta label"}`).want(t, 400, `{"label":["A run with the label \"zeta label\" already exists."]}`)
	// Everything else may be called what somebody else's is called.
	for path, body := range map[string]string{
		"/projects/": `{"name": "zeta project", "description": "zeta description"}`, "/slides/": `{"name": "zeta slide", "external_id": "zeta external"}`,
		"/panels/": `{"name": "zeta panel"}`, "/sections/": `{"position": "zeta position"}`, "/imagesets/": `{"name": "zeta set", "images": [` + itoa(l.a.image) + `]}`,
		"/tissues/": `{"organ": "zetaorgan", "subsite": "zeta subsite", "diagnosis": "zeta diagnosis"}`,
	} {
		l.do(t, l.ann, "POST", path, body).want(t, 201)
	}
	l.do(t, l.ann, "PUT", "/projects/"+itoa(l.a.project)+"/", `{"name": "zeta project 2"}`).want(t, 200)
	l.do(t, l.ann, "PUT", "/runs/"+itoa(l.a.run)+"/", `{"name": "zeta_run"}`).want(t, 200)
}
