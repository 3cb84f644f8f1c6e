package storetest

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/openmibi/openmibi/internal/model"
	"github.com/openmibi/openmibi/internal/store"
)

// Line is an audit record as tests compare it: without its id and time, its
// values as one JSON text each.
type Line struct {
	Actor, Action, Kind string
	Object              int64
	Before, After       string
}

// Audit returns the audit records of a query, oldest first.
func (l Lab) Audit(ctx context.Context, t testing.TB, conds ...store.Cond) []Line {
	t.Helper()
	q := store.Query{Conds: conds, Order: []store.Order{{Field: "id"}}}
	ids, err := store.AuditListing{}.IDs(ctx, l.Store.Queries, l.Admin, q)
	if err != nil {
		t.Fatal(err)
	}
	records, err := store.AuditListing{}.Load(ctx, l.Store.Queries, l.Admin, ids)
	if err != nil {
		t.Fatal(err)
	}
	return Lines(t, records)
}

// Lines makes records comparable.
func Lines(t testing.TB, records []model.AuditRecord) []Line {
	t.Helper()
	side := func(m map[string]json.RawMessage) string {
		if m == nil {
			return ""
		}
		text, err := json.Marshal(m) // in the order of the names
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	out := make([]Line, len(records))
	for i, r := range records {
		out[i] = Line{r.Actor, r.Action, r.Kind, r.ObjectID, side(r.Before), side(r.After)}
	}
	return out
}

// since forgets the lines that were there before.
func (l Lab) since(ctx context.Context, t testing.TB, write func(*store.Tx) error) []Line {
	t.Helper()
	had := len(l.Audit(ctx, t))
	ann := store.Actor{AccountID: l.Ann.ID, Name: "ann@example.org", RequestID: "R1"}
	if err := l.Store.WriteAs(ctx, ann, write); err != nil {
		t.Fatal(err)
	}
	return l.Audit(ctx, t)[had:]
}

func testAuditLines(ctx context.Context, t *testing.T, lab Lab) {
	images := lab.Images(ctx, t, lab.AnnRun)
	set := func(column string, value any) []store.Change { return []store.Change{{Column: column, Value: value}} }
	ann := func(action, kind string, object int64, before, after string) []Line {
		return []Line{{"ann@example.org", action, kind, object, before, after}}
	}
	text, size := "new words", 400.0
	for _, test := range []struct {
		name  string
		write func(*store.Tx) error
		want  []Line
	}{
		{"a changed field", func(tx *store.Tx) error {
			return tx.UpdateImage(ctx, images[0], append(set("description", &text), set("fov_size", &size)...))
		}, ann("change", "image", images[0], `{"description":null}`, `{"description":"new words"}`)},
		{"the same again", func(tx *store.Tx) error {
			return tx.UpdateImage(ctx, images[0], append(set("description", text), set("fov_size", 400)...))
		}, []Line{}},
		{"deleted", func(tx *store.Tx) error { return tx.UpdateImage(ctx, images[0], set("active", false)) },
			ann("delete", "image", images[0], `{"active":true}`, `{"active":false}`)},
		{"deleted again", func(tx *store.Tx) error { return tx.UpdateImage(ctx, images[0], set("active", false)) }, []Line{}},
		{"restored and moved", func(tx *store.Tx) error {
			return tx.UpdateImage(ctx, images[0], append(set("active", true), set("project_id", lab.Project)...))
		}, ann("restore", "image", images[0], `{"active":false,"project":null}`, `{"active":true,"project":1}`)},
		{"changed twice", func(tx *store.Tx) error {
			return errors.Join(tx.UpdateRun(ctx, lab.AnnRun, set("operator", "A")), tx.UpdateRun(ctx, lab.AnnRun, set("operator", "B")),
				tx.UpdateRun(ctx, lab.AnnRun, set("name", "other")))
		}, ann("change", "run", lab.AnnRun, `{"name":"ann-1","operator":null}`, `{"name":"other","operator":"B"}`)},
		{"there and back", func(tx *store.Tx) error {
			return errors.Join(tx.UpdateRun(ctx, lab.AnnRun, set("operator", "C")), tx.UpdateRun(ctx, lab.AnnRun, set("operator", "B")))
		}, []Line{}},
		{"a project's member", func(tx *store.Tx) error { return tx.SetProjectRole(ctx, lab.Project, lab.Bob.ID, model.RoleEditor) },
			ann("change", "project", lab.Project, `{"members":{"bob@example.org":null}}`, `{"members":{"bob@example.org":"editor"}}`)},
		{"the same member", func(tx *store.Tx) error { return tx.SetProjectRole(ctx, lab.Project, lab.Bob.ID, model.RoleEditor) }, []Line{}},
		{"a member less", func(tx *store.Tx) error { return tx.SetProjectRole(ctx, lab.Project, lab.Bob.ID, model.RoleNone) },
			ann("change", "project", lab.Project, `{"members":{"bob@example.org":"editor"}}`, `{"members":{"bob@example.org":null}}`)},
		{"an SED image", func(tx *store.Tx) error {
			return tx.SetSED(ctx, images[1], &store.SED{Name: "a.png", Key: "sed/1", SHA256: "5e", Size: 7})
		}, ann("change", "image", images[1], `{"sed":null,"sed_sha256":""}`, `{"sed":"a.png","sed_sha256":"5e"}`)},
		{"an added channel", func(tx *store.Tx) error {
			return tx.PutExtraChannel(ctx, model.Channel{ImageID: images[1], Name: "cells", Key: "c/1", SHA256: "c1"})
		}, ann("change", "image", images[1], `{"extra_channels":null}`, `{"extra_channels":{"cells":"c1"}}`)},
		{"a replaced channel", func(tx *store.Tx) error {
			return tx.PutExtraChannel(ctx, model.Channel{ImageID: images[1], Name: "cells", Key: "c/2", SHA256: "c2"})
		}, ann("change", "image", images[1], `{"extra_channels":{"cells":"c1"}}`, `{"extra_channels":{"cells":"c2"}}`)},
	} {
		if diff := cmp.Diff(test.want, lab.since(ctx, t, test.write)); diff != "" {
			t.Errorf("%s: (-want +got)\n%s", test.name, diff)
		}
	}
}

// However many rows it takes, an object is one line.
func testAuditWholes(ctx context.Context, t *testing.T, lab Lab) {
	var id int64
	lines := lab.since(ctx, t, func(tx *store.Tx) (err error) {
		id, err = tx.AddRun(ctx, NewRun("big", lab.Ann.ID, &lab.Project, 8))
		return err
	})
	want := []Line{{"ann@example.org", "create", "run", id, "", `{"filename":"big.xml","fov_size":400,"images":8,"instrument":1,` +
		`"label":"big","name":"big","path":"big-path","project":1,"xml":"big.xml","xml_sha256":"00"}`}}
	if diff := cmp.Diff(want, lines); diff != "" {
		t.Errorf("a run with its images: (-want +got)\n%s", diff)
	}
	lines = lab.since(ctx, t, func(tx *store.Tx) (err error) {
		id, err = tx.AddImage(ctx, model.NewImage{RunID: id, Number: "Point9", Folder: "Point9/x", CreatorID: lab.Ann.ID})
		return err
	})
	if len(lines) != 1 || lines[0].Kind != "image" || lines[0].Object != id || !strings.Contains(lines[0].After, `"folder":"Point9/x"`) {
		t.Errorf("an image more: %+v", lines)
	}
	lines = lab.since(ctx, t, func(tx *store.Tx) (err error) {
		id, err = tx.AddAccount(ctx, "new@example.org", "the hash", false)
		return err
	})
	want = []Line{{"ann@example.org", "create", "account", id, "", `{"email":"new@example.org","is_admin":false,"password":"changed"}`}}
	if diff := cmp.Diff(want, lines); diff != "" {
		t.Errorf("an account: (-want +got)\n%s", diff)
	}
}

// What a job does to an image is done by who uploaded the file.
func testAuditJobs(ctx context.Context, t *testing.T, lab Lab) {
	image := lab.Images(ctx, t, lab.AnnRun)[0]
	had := len(lab.Audit(ctx, t))
	lab.Queue(ctx, t, "up1", lab.AnnRun, image)
	job, err := lab.Store.TakeJob(ctx, time.Hour, 3)
	must(t, err)
	must(t, lab.Store.FailJob(ctx, job, "it is broken"))
	lab.Queue(ctx, t, "up2", lab.AnnRun, image)
	lab.Queue(ctx, t, "up3", lab.AnnRun, image)
	second, err := lab.Store.TakeJob(ctx, time.Hour, 3)
	must(t, err)
	third, err := lab.Store.TakeJob(ctx, time.Hour, 3)
	must(t, err)
	for _, job := range []model.Job{third, second} { // the second is overtaken: it changes nothing
		_, err = lab.Store.Publish(ctx, job, store.Publication{TIFF: model.TIFF{Key: "k" + job.UploadID, SHA256: "71"}}, nil)
		must(t, err)
	}
	upload := func(name string) Line {
		return Line{"server", "upload", "image", image, `{"upload":null}`, `{"upload":{"sha256":"sha-` + name + `","size":10}}`}
	}
	want := []Line{
		upload("up1"),
		{"ann@example.org", "fail", "image", image, `{"processing_error":null,"status":"U"}`, `{"processing_error":"it is broken","status":"E"}`},
		{"server", "upload", "image", image, `{"processing_error":"it is broken","status":"E","upload":null}`,
			`{"processing_error":null,"status":"U","upload":{"sha256":"sha-up2","size":10}}`},
		upload("up3"),
		{"ann@example.org", "publish", "image", image, `{"status":"U","tiff_sha256":""}`, `{"status":"A","tiff_sha256":"71"}`},
	}
	if diff := cmp.Diff(want, lab.Audit(ctx, t)[had:]); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// What was undone left no line.
func testAuditUndone(ctx context.Context, t *testing.T, lab Lab) {
	had := lab.Audit(ctx, t)
	stop := errors.New("stop")
	err := lab.Store.Write(ctx, func(tx *store.Tx) error {
		return errors.Join(tx.UpdateRun(ctx, lab.AnnRun, []store.Change{{Column: "name", Value: "x"}}), stop)
	})
	if !errors.Is(err, stop) {
		t.Fatal(err)
	}
	if diff := cmp.Diff(had, lab.Audit(ctx, t)); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// A line is bounded, and says what was cut.
func testAuditBounds(ctx context.Context, t *testing.T, lab Lab) {
	long := strings.Repeat("ü", 5000)
	p := lab.since(ctx, t, func(tx *store.Tx) error {
		return tx.UpdateRun(ctx, lab.AnnRun, []store.Change{{Column: "description", Value: long}})
	})
	if len(p) != 1 || len(p[0].After) > 2100 || !strings.Contains(p[0].After, "10000 bytes in all") {
		t.Errorf("a long text: %+v", p)
	}
	slides := make([]int64, 0, 300)
	must(t, lab.Store.Write(ctx, func(tx *store.Tx) error {
		for range cap(slides) {
			id, err := tx.AddSlide(ctx, lab.Ann.ID, []store.Change{{Column: "name", Value: "s"}})
			if err != nil {
				return err
			}
			slides = append(slides, id)
		}
		return nil
	}))
	lines := lab.since(ctx, t, func(tx *store.Tx) error { return tx.SetRunSlides(ctx, lab.AnnRun, slides) })
	if len(lines) != 1 || !strings.Contains(lines[0].After, `"slides_count":300`) || strings.Count(lines[0].After, ",") > 210 {
		t.Errorf("a long list: %+v", lines)
	}
}
