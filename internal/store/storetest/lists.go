package storetest

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/openmibi/openmibi/internal/model"
	"github.com/openmibi/openmibi/internal/store"
)

func testVisibility(ctx context.Context, t *testing.T, lab Lab) {
	annImage := lab.Images(ctx, t, lab.AnnRun)[0]
	for _, tt := range []struct {
		name         string
		viewer       store.Viewer
		runs, images int
		seesAnn      bool
	}{{"owner", lab.Ann, 1, 3, true}, {"stranger", lab.Bob, 1, 2, false}, {"administrator", lab.Admin, 2, 5, true}} {
		runs, err := store.RunListing().IDs(ctx, lab.Store.Queries, tt.viewer, store.Query{})
		must(t, err)
		count, err := store.RunListing().Count(ctx, lab.Store.Queries, tt.viewer, store.Query{})
		must(t, err)
		images, err := store.ImageListing().Count(ctx, lab.Store.Queries, tt.viewer, store.Query{})
		must(t, err)
		if len(runs) != tt.runs || int(count) != tt.runs || int(images) != tt.images {
			t.Errorf("%s: %d runs, count %d, %d images; want %d, %d, %d", tt.name, len(runs), count, images, tt.runs, tt.runs, tt.images)
		}
		_, runErr := lab.Store.Run(ctx, tt.viewer, lab.AnnRun)
		_, imageErr := lab.Store.Image(ctx, tt.viewer, annImage)
		_, projectErr := lab.Store.Project(ctx, tt.viewer, lab.Project)
		for what, err := range map[string]error{"run": runErr, "image": imageErr, "project": projectErr} {
			if tt.seesAnn && err != nil || !tt.seesAnn && !errors.Is(err, store.ErrNotFound) {
				t.Errorf("%s: %s: %v", tt.name, what, err)
			}
		}
	}

	// A role, or opening the project, lets the stranger in.
	must(t, lab.Store.Write(ctx, func(tx *store.Tx) error { return tx.SetProjectRole(ctx, lab.Project, lab.Bob.ID, model.RoleViewer) }))
	run, err := lab.Store.Run(ctx, lab.Bob, lab.AnnRun)
	must(t, err)
	if run.Project.CallerRole != model.RoleViewer || len(run.Images) != 3 {
		t.Errorf("as a viewer: role %q, %d images", run.Project.CallerRole, len(run.Images))
	}
	must(t, lab.Store.Write(ctx, func(tx *store.Tx) error {
		return errors.Join(tx.SetProjectRole(ctx, lab.Project, lab.Bob.ID, model.RoleNone),
			tx.UpdateProject(ctx, lab.Project, []store.Change{{Column: "is_public", Value: true}}))
	}))
	if _, err := lab.Store.Run(ctx, lab.Bob, lab.AnnRun); err != nil {
		t.Errorf("in a public project: %v", err)
	}
}

func testFilters(ctx context.Context, t *testing.T, lab Lab) {
	for _, tt := range []struct {
		conds []store.Cond
		want  int
	}{
		{[]store.Cond{{Field: "run__label", Values: []any{"ann-1"}}}, 3},
		{[]store.Cond{{Field: "run__label", Values: []any{"ANN-1"}}}, 0},
		{[]store.Cond{{Field: "run__label", Values: []any{"ann-1"}}, {Field: "number", Values: []any{"Point2"}}}, 1},
		{[]store.Cond{{Field: "number", Values: []any{"Point2", "Point3"}}}, 3},
		{[]store.Cond{{Field: "status", Values: []any{"U"}}}, 5},
		{[]store.Cond{{Field: "status", Values: []any{"A"}}}, 0},
		{[]store.Cond{{Field: "fov_size", Values: []any{400.0}}}, 5},
		{[]store.Cond{{Field: "search.run", Values: []any{"NN-"}}}, 3},
		{[]store.Cond{{Field: "run__name", Values: []any{"' OR 1=1 --"}}}, 0},
		{[]store.Cond{{Field: "search.mass", Values: []any{int64(89)}}}, 0},
		{[]store.Cond{{Field: "search.target", Values: []any{"cd"}}}, 0},
	} {
		n, err := store.ImageListing().Count(ctx, lab.Store.Queries, lab.Admin, store.Query{Conds: tt.conds})
		must(t, err)
		if int(n) != tt.want {
			t.Errorf("%v: %d images, want %d", tt.conds, n, tt.want)
		}
	}
	// Every field that the allow-list offers must be one that the database knows.
	for name, f := range store.ImageListing().Fields() {
		q := store.Query{Conds: []store.Cond{{Field: name, Values: []any{"1"}}}}
		if f.Order {
			q.Order = []store.Order{{Field: name}}
		}
		if _, err := store.ImageListing().IDs(ctx, lab.Store.Queries, lab.Bob, q); err != nil {
			t.Errorf("images by %s: %v", name, err)
		}
	}
	for name := range store.RunListing().Fields() {
		if _, err := store.RunListing().IDs(ctx, lab.Store.Queries, lab.Bob, store.Query{Order: []store.Order{{Field: name, Desc: true}},
			Conds: []store.Cond{{Field: name, Values: []any{"1"}}}}); err != nil {
			t.Errorf("runs by %s: %v", name, err)
		}
	}
	for _, q := range []store.Query{
		{Conds: []store.Cond{{Field: "password_hash", Values: []any{"x"}}}},
		{Order: []store.Order{{Field: "label; DROP TABLE runs"}}},
	} {
		var unknown *store.FieldError
		if _, err := store.RunListing().IDs(ctx, lab.Store.Queries, lab.Admin, q); !errors.As(err, &unknown) {
			t.Errorf("%v: %v, want an unknown field", q, err)
		}
	}
}

func testOrderAndPages(ctx context.Context, t *testing.T, lab Lab) {
	must(t, lab.Store.Write(ctx, func(tx *store.Tx) error {
		for i := range 12 {
			run := NewRun(fmt.Sprintf("many-%02d", i), lab.Bob.ID, nil, 0)
			if i%3 == 0 {
				day := fmt.Sprintf("2024-01-%02d", i+1)
				run.RunDate = &day
			}
			if _, err := tx.AddRun(ctx, run); err != nil {
				return err
			}
		}
		return nil
	}))
	whole, err := store.RunListing().IDs(ctx, lab.Store.Queries, lab.Bob, store.Query{Order: []store.Order{{Field: "run_date"}}})
	must(t, err)
	var paged []int64
	for offset := 0; offset < len(whole); offset += 5 {
		part, err := store.RunListing().IDs(ctx, lab.Store.Queries, lab.Bob, store.Query{Order: []store.Order{{Field: "run_date"}}, Limit: 5, Offset: offset})
		must(t, err)
		paged = append(paged, part...)
	}
	if diff := cmp.Diff(whole, paged); diff != "" || len(whole) != 13 {
		t.Errorf("%d runs; pages differ from the whole: %s", len(whole), diff)
	}
	runs, err := lab.Store.RunsByID(ctx, lab.Bob, whole)
	must(t, err)
	if runs[0].RunDate != nil || runs[12].RunDate == nil || *runs[12].RunDate != "2024-01-10" {
		t.Errorf("unknown dates come first, the latest last: first %v, last %v", runs[0].RunDate, runs[12].RunDate)
	}
	newest, err := store.RunListing().IDs(ctx, lab.Store.Queries, lab.Bob, store.Query{})
	must(t, err)
	for i := 1; i < len(newest); i++ {
		if newest[i] > newest[i-1] {
			t.Fatalf("not newest first: %v", newest)
		}
	}
}

func testConflicts(ctx context.Context, t *testing.T, lab Lab) {
	for name, write := range map[string]func(*store.Tx) error{
		"label": func(tx *store.Tx) error {
			_, err := tx.AddRun(ctx, NewRun("bob-1", lab.Ann.ID, nil, 1))
			return err
		},
		"email": func(tx *store.Tx) error { _, err := tx.AddAccount(ctx, "ANN@example.ORG", "x", false); return err },
		"name": func(tx *store.Tx) error {
			_, err := tx.AddProject(ctx, lab.Ann.ID, []store.Change{{Column: "name", Value: "Ann's"}})
			return err
		},
		"folder": func(tx *store.Tx) error {
			_, err := tx.AddImage(ctx, model.NewImage{RunID: lab.AnnRun, Number: "Point1", Folder: "Point1/RowNumber0/Depth_Profile0", CreatorID: lab.Ann.ID})
			return err
		},
	} {
		var conflict *store.ConflictError
		if err := lab.Store.Write(ctx, write); !errors.As(err, &conflict) || conflict.Field != name {
			t.Errorf("%s taken: %v", name, err)
		}
	}
	var renamed *store.ConflictError
	if err := lab.Store.Write(ctx, func(tx *store.Tx) error {
		return tx.UpdateRun(ctx, lab.AnnRun, []store.Change{{Column: "description", Value: "x"}, {Column: "label", Value: "bob-1"}})
	}); !errors.As(err, &renamed) || renamed.Field != "label" || renamed.Value != "bob-1" {
		t.Errorf("renamed to a taken label: %v", err)
	}
	must(t, lab.Store.Write(ctx, func(tx *store.Tx) error {
		_, err := tx.AddProject(ctx, lab.Bob.ID, []store.Change{{Column: "name", Value: "Ann's"}}) // Bob cannot know that there is one
		return err
	}))
	if n, err := store.ImageListing().Count(ctx, lab.Store.Queries, lab.Admin, store.Query{}); err != nil || n != 5 {
		t.Errorf("a refused write left something: %d images, %v", n, err)
	}
}

func testSoftDelete(ctx context.Context, t *testing.T, lab Lab) {
	must(t, lab.Store.Write(ctx, func(tx *store.Tx) error {
		return tx.UpdateRun(ctx, lab.AnnRun, []store.Change{{Column: "active", Value: false}})
	}))
	living, err := store.RunListing().Count(ctx, lab.Store.Queries, lab.Ann, store.Query{})
	must(t, err)
	deleted, err := store.RunListing().Count(ctx, lab.Store.Queries, lab.Ann, store.Query{Inactive: true})
	must(t, err)
	run, err := lab.Store.Run(ctx, lab.Ann, lab.AnnRun)
	must(t, err)
	if living != 0 || deleted != 1 || run.Active {
		t.Errorf("living %d, deleted %d, active %t; want 0, 1, false", living, deleted, run.Active)
	}
	// A run takes its images and its image set along, in lists; by id they answer.
	images, err := store.ImageListing().Count(ctx, lab.Store.Queries, lab.Ann, store.Query{})
	must(t, err)
	gone, err := store.ImageListing().Count(ctx, lab.Store.Queries, lab.Ann, store.Query{Inactive: true})
	must(t, err)
	sets, err := store.ImageSetListing().Count(ctx, lab.Store.Queries, lab.Ann, store.Query{})
	must(t, err)
	counts, err := lab.Store.Counts(ctx)
	must(t, err)
	if images != 0 || gone != 3 || sets != 0 || counts.Images != 2 || len(run.Images) != 3 {
		t.Errorf("%d images, %d deleted, %d sets, %d images in all, %d in the run; want 0, 3, 0, 2, 3", images, gone, sets, counts.Images, len(run.Images))
	}
}

func testRelated(ctx context.Context, t *testing.T, lab Lab) {
	var section, image int64
	image = lab.Images(ctx, t, lab.AnnRun)[0]
	must(t, lab.Store.Write(ctx, func(tx *store.Tx) error {
		tissue, err := tx.AddTissue(ctx, lab.Ann.ID, []store.Change{{Column: "organ", Value: "Überrest"}})
		if err != nil {
			return err
		}
		slide, err := tx.AddSlide(ctx, lab.Ann.ID, []store.Change{{Column: "name", Value: "S1"}, {Column: "project_id", Value: lab.Project}})
		if err != nil {
			return err
		}
		panel, err := tx.AddPanel(ctx, model.Panel{Name: "P", CreatorID: lab.Ann.ID,
			Conjugates: []model.Conjugate{{Target: "CD3", Mass: 159}, {Target: "CD45", Mass: 169}}}, &lab.Project)
		if err != nil {
			return err
		}
		section, err = tx.AddSection(ctx, lab.Ann.ID, []store.Change{{Column: "tissue_id", Value: tissue},
			{Column: "slide_id", Value: slide}, {Column: "panel_id", Value: panel}, {Column: "project_id", Value: lab.Project}})
		if err != nil {
			return err
		}
		return errors.Join(tx.SetRunSlides(ctx, lab.AnnRun, []int64{slide}),
			tx.UpdateImage(ctx, image, []store.Change{{Column: "section_id", Value: section}, {Column: "tissue_id", Value: tissue}}))
	}))
	img, err := lab.Store.Image(ctx, lab.Ann, image)
	must(t, err)
	if img.Section == nil || img.Section.Panel == nil || img.Section.Slide == nil || len(img.Section.Slide.RunIDs) != 1 ||
		len(img.Run.Slides) != 1 || img.Tissue.Name() != "Überrest  []" || img.Project == nil || len(img.ImageSets) != 1 {
		t.Errorf("image with relations: %+v", img)
	}
	conjugates, err := lab.Store.Conjugates(ctx, img.Section.Panel.ID)
	must(t, err)
	if len(conjugates) != 2 || conjugates[1].Target != "CD45" || conjugates[1].Mass != 169 {
		t.Errorf("conjugates: %+v", conjugates)
	}
	for field, value := range map[string]any{"search.target": "d4", "search.mass": int64(169), "tissue__organ": "üBERREST", "search.slide": "s1", "search.panel": "p"} {
		if n, err := store.ImageListing().Count(ctx, lab.Store.Queries, lab.Ann, store.Query{Conds: []store.Cond{{Field: field, Values: []any{value}}}}); err != nil || n != 1 {
			t.Errorf("%s=%v: %d, %v", field, value, n, err)
		}
	}
}
