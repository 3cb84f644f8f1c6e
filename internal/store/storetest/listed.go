package storetest

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/openmibi/openmibi/internal/model"
	"github.com/openmibi/openmibi/internal/store"
)

// crowd is a lab with images of many kinds, and the database's own answers to
// compare with: a transaction asks the tables, everybody else asks memory.
type crowd struct {
	Lab

	rnd                               *rand.Rand
	viewers                           []store.Viewer
	projects, runs, images            []int64
	tissues, slides, panels, sections []int64
	instruments                       []int64
	values                            map[string][]any // of each field, from the data
	uploads, turn                     int
}

func choose[T any](c *crowd, list []T) T { return list[c.rnd.IntN(len(list))] }

// some is one of a list, or nothing.
func some[T any](c *crowd, list []T) *T {
	if c.rnd.IntN(3) == 0 {
		return nil
	}
	v := choose(c, list)
	return &v
}

func change[T any](column string, v *T) store.Change {
	if v == nil {
		return store.Change{Column: column}
	}
	return store.Change{Column: column, Value: *v}
}

func newCrowd(ctx context.Context, t *testing.T, lab Lab) *crowd {
	c := &crowd{Lab: lab, rnd: rand.New(rand.NewPCG(7, 7)), viewers: []store.Viewer{lab.Admin, lab.Ann, lab.Bob}}
	must(t, lab.Store.Write(ctx, func(tx *store.Tx) (err error) {
		stranger, err := tx.AddAccount(ctx, "stranger@example.org", "no hash", false)
		if err != nil {
			return err
		}
		c.viewers = append(c.viewers, store.Viewer{ID: stranger})
		add := func(list *[]int64, id int64, failed error) {
			*list = append(*list, id)
			if err == nil {
				err = failed
			}
		}
		for i := range 5 {
			id, failed := tx.AddProject(ctx, choose(c, c.viewers).ID, []store.Change{{Column: "name", Value: fmt.Sprintf("P%d", (i*3)%5)},
				{Column: "is_public", Value: i == 4}})
			add(&c.projects, id, failed)
		}
		for i := range 3 {
			id, failed := tx.AddInstrument(ctx, []store.Change{{Column: "name", Value: fmt.Sprintf("Beta%d", 3-i)}})
			add(&c.instruments, id, failed)
		}
		for i := range 6 {
			id, failed := tx.AddTissue(ctx, lab.Ann.ID, []store.Change{{Column: "organ", Value: []string{"Über", "über", "Liver"}[i%3]},
				{Column: "diagnosis", Value: []string{"", "TNBC"}[i%2]}})
			add(&c.tissues, id, failed)
			id, failed = tx.AddSlide(ctx, choose(c, c.viewers).ID, []store.Change{{Column: "name", Value: fmt.Sprintf("S%d", i%4)}, change("project_id", some(c, c.projects))})
			add(&c.slides, id, failed)
			id, failed = tx.AddPanel(ctx, model.Panel{Name: fmt.Sprintf("Panel %d", i%4), CreatorID: choose(c, c.viewers).ID, Conjugates: []model.Conjugate{
				{Target: fmt.Sprintf("CD%d", i), Mass: 140 + i}, {Target: "dsDNA", Mass: 89}}}, some(c, c.projects))
			add(&c.panels, id, failed)
		}
		for range 10 {
			id, failed := tx.AddSection(ctx, choose(c, c.viewers).ID, []store.Change{change("tissue_id", some(c, c.tissues)), change("slide_id", some(c, c.slides)),
				change("panel_id", some(c, c.panels)), change("project_id", some(c, c.projects))})
			add(&c.sections, id, failed)
		}
		for i := range 10 {
			run := NewRun(fmt.Sprintf("crowd-%d", (i*7)%10), choose(c, c.viewers).ID, some(c, c.projects), 0)
			run.Name, run.RunDate, run.InstrumentID = fmt.Sprintf("name %d", i%4), some(c, []string{"2024-01-02", "2023-12-31"}), choose(c, c.instruments)
			id, failed := tx.AddRun(ctx, run)
			add(&c.runs, id, failed)
		}
		return err
	}))
	for range 5 { // in between, so that a run's images do not all lie together
		c.addImages(ctx, t, 50)
	}
	for i, id := range c.images {
		if i%3 == 0 {
			c.publish(ctx, t, id)
		}
	}
	c.collect(ctx, t)
	return c
}

// addImages adds images with few values and many ties, and some without.
func (c *crowd) addImages(ctx context.Context, t *testing.T, n int) {
	must(t, c.Store.Write(ctx, func(tx *store.Tx) error {
		for range n {
			number := fmt.Sprintf("Point%d", len(c.images))
			id, err := tx.AddImage(ctx, model.NewImage{
				RunID: choose(c, c.runs), ProjectID: some(c, append([]int64{}, c.projects[:2]...)), CreatorID: c.Ann.ID, Number: fmt.Sprintf("Point%d", c.rnd.IntN(6)),
				Folder: number + "/RowNumber0", Point: some(c, []string{"a", "A", "b c", "ünder", ""}), Description: some(c, []string{"x", "y"}),
				DwellTime: some(c, []float64{1, 2.5, -3}), Depths: some(c, []int64{1, 2, 12}), Frame: some(c, []int64{512, 1024}),
				FOVSize: some(c, []float64{400, 500.5}), MassGain: some(c, []float64{0.1, 1e-9}), MassOffset: some(c, []float64{0, 1}),
				TimeBin: some(c, []float64{0.5}), XCoord: some(c, []float64{-10, 7, 7.5}), YCoord: some(c, []float64{0, 1e9}),
				ApertureID: some(c, []int64{1, 2, 3}), ImagingPreset: some(c, []string{"Fine", "Coarse"}), Lens1Voltage: some(c, []float64{3}),
				TissueID: some(c, c.tissues), SectionID: some(c, c.sections),
			})
			if err != nil {
				return err
			}
			c.images = append(c.images, id)
			if c.rnd.IntN(10) == 0 {
				if err := tx.UpdateImage(ctx, id, []store.Change{{Column: "active", Value: false}}); err != nil {
					return err
				}
			}
		}
		return nil
	}))
}

// publish gives an image channels.
func (c *crowd) publish(ctx context.Context, t *testing.T, image int64) {
	c.uploads++
	upload := fmt.Sprintf("crowd-%d", c.uploads)
	c.Queue(ctx, t, upload, c.runs[0], image)
	job, err := c.Store.TakeJob(ctx, time.Minute, tries)
	must(t, err)
	names, mass := []string{"dsDNA", fmt.Sprintf("CD%d", c.rnd.IntN(4))}, 150+c.rnd.IntN(3)
	p := publication(upload, names...)
	p.Channels[1].Mass = &mass
	_, err = c.Store.Publish(ctx, job, p, nil)
	must(t, err)
}

// collect draws values for filters from the data.
func (c *crowd) collect(ctx context.Context, t *testing.T) {
	anyID := func(list []int64) []any {
		return []any{choose(c, list), choose(c, list), int64(1 << 40)}
	}
	images, err := c.Store.ImagesByID(ctx, c.Admin, c.images)
	must(t, err)
	c.values = map[string][]any{
		"id": anyID(c.images), "run": anyID(c.runs), "project": anyID(c.projects), "tissue": anyID(c.tissues), "section": anyID(c.sections),
		"aperture": {int64(1), int64(2), int64(9)}, "run__instrument": anyID(c.instruments), "section__slide": anyID(c.slides), "section__panel": anyID(c.panels),
		"status": {"A", "U", "E"}, "number": {"Point1", "point1"}, "point": {"a", "", "ünder"}, "description": {"x", "z"}, "folder": {images[9].Folder},
		"dwell_time": {1.0, -3.0}, "depths": {int64(2), int64(3)}, "frame": {int64(512)}, "fov_size": {500.5, 400.0}, "mass_gain": {1e-9}, "mass_offset": {0.0},
		"time_bin": {0.5}, "x_coord": {7.0}, "y_coord": {1e9, 0.0}, "sed": {"none.bmp"}, "imaging_preset": {"Fine"}, "lens1_voltage": {3.0},
		"run__label": {images[5].Run.Label, "CROWD-1"}, "run__name": {images[5].Run.Name}, "run__run_date": {"2024-01-02"},
		"tissue__organ": {"ÜBER", "liver"}, "tissue__diagnosis": {"TNBC", ""}, "project__name": {"P1", "p1"},
		"search.run": {"ROWD-3", "ame 2"}, "search.point": {"B", "ÜN"}, "search.tissue": {"liver  [t", "["}, "search.instrument": {"ETA1"},
		"search.project": {"p2"}, "search.panel": {"EL 1", "panel"}, "search.slide": {"s"}, "search.mass": {int64(89), int64(151), int64(141)},
		"search.target": {"cd3", "DNA", "cd"}, "search.start": {"2024-01-01"}, "search.end": {"2023-12-31"},
	}
}

// compare asks the same of memory and of the tables: every field as a filter,
// and as an ordering, in turn; then random combinations.
func (c *crowd) compare(ctx context.Context, t *testing.T, after string, random int) {
	t.Helper()
	var filters, orders []string
	fields := store.ImageListing().Fields()
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		if len(c.values[name]) == 0 {
			t.Fatalf("no values for the field %s", name)
		}
		filters = append(filters, name)
		if fields[name].Order {
			orders = append(orders, name)
		}
	}
	var queries []store.Query
	for i, name := range filters {
		queries = append(queries, store.Query{Conds: []store.Cond{{Field: name, Values: c.values[name][:1]}}},
			store.Query{Conds: []store.Cond{{Field: name, Values: c.values[name]}}, Order: []store.Order{{Field: orders[i%len(orders)], Desc: i%2 == 0}}, Limit: 10})
	}
	for i, name := range orders {
		queries = append(queries, store.Query{Order: []store.Order{{Field: name, Desc: i%2 == 0}}}, store.Query{Order: []store.Order{{Field: name, Desc: i%2 == 1}}, Limit: 7, Offset: i * 5})
	}
	queries = append(queries, store.Query{}, store.Query{Limit: 10}, store.Query{Limit: 10, Offset: 1 << 30}, store.Query{Order: []store.Order{{Field: "id"}}, Limit: 9, Offset: 3})
	for range random {
		q := store.Query{Limit: c.rnd.IntN(20), Inactive: c.rnd.IntN(4) == 0}
		if q.Limit > 0 {
			q.Offset = c.rnd.IntN(150)
		}
		for range c.rnd.IntN(3) {
			name := choose(c, filters)
			q.Conds = append(q.Conds, store.Cond{Field: name, Values: c.values[name][:1+c.rnd.IntN(len(c.values[name]))]})
		}
		for range c.rnd.IntN(4) {
			q.Order = append(q.Order, store.Order{Field: choose(c, orders), Desc: c.rnd.IntN(2) == 0})
		}
		queries = append(queries, q)
	}
	if UnderRace { // each has its turn
		c.turn++
		queries = slices.DeleteFunc(queries, func(store.Query) bool { c.turn++; return c.turn%8 != 0 })
	}
	type answer struct {
		IDs   []int64
		Count int64
	}
	got := make([]answer, len(queries))
	who := make([]store.Viewer, len(queries))
	for i, q := range queries {
		who[i] = c.viewers[(i+c.rnd.IntN(2))%len(c.viewers)]
		ids, count, err := store.ImageListing().Page(ctx, c.Store.Queries, who[i], q)
		must(t, err)
		got[i] = answer{append([]int64{}, ids...), count}
	}
	images, runs := c.images[:25], c.runs[:4]
	viewer := choose(c, c.viewers)
	wholeImages, err := c.Store.ImagesByID(ctx, viewer, images)
	must(t, err)
	wholeRuns, err := c.Store.RunsByID(ctx, viewer, runs)
	must(t, err)
	must(t, c.Store.Write(ctx, func(tx *store.Tx) error {
		if want, err := tx.ImagesByID(ctx, viewer, images); err != nil || !cmp.Equal(want, wholeImages, cmpopts.EquateEmpty()) {
			t.Errorf("%s: images for %+v differ: %v, %s", after, viewer, err, cmp.Diff(want, wholeImages, cmpopts.EquateEmpty()))
		}
		if want, err := tx.RunsByID(ctx, viewer, runs); err != nil || !cmp.Equal(want, wholeRuns, cmpopts.EquateEmpty()) {
			t.Errorf("%s: runs for %+v differ: %v, %s", after, viewer, err, cmp.Diff(want, wholeRuns, cmpopts.EquateEmpty()))
		}
		for i, q := range queries {
			ids, count, err := store.ImageListing().Page(ctx, tx.Queries, who[i], q)
			if err != nil {
				return err
			}
			if diff := cmp.Diff(answer{append([]int64{}, ids...), count}, got[i]); diff != "" {
				t.Errorf("%s: %+v for %+v differs between the tables and memory: %s", after, q, who[i], diff)
			}
		}
		return nil
	}))
}

// testListedLikeTables compares lists from memory with those of the database,
// after every kind of write that can change one.
func testListedLikeTables(ctx context.Context, t *testing.T, lab Lab) {
	c := newCrowd(ctx, t, lab)
	c.compare(ctx, t, "at first", 400)
	set := func(column string, v any) []store.Change { return []store.Change{{Column: column, Value: v}} }
	for _, step := range []struct {
		name  string
		write func(*store.Tx) error
	}{
		{"an image edited", func(tx *store.Tx) error { return tx.UpdateImage(ctx, c.images[40], set("point", "entirely new")) }},
		{"an image deleted", func(tx *store.Tx) error { return tx.UpdateImage(ctx, c.images[41], set("active", false)) }},
		{"an image moved to a project", func(tx *store.Tx) error { return tx.UpdateImage(ctx, c.images[42], set("project_id", c.projects[3])) }},
		{"an image moved to another run", func(tx *store.Tx) error { return tx.UpdateImage(ctx, c.images[43], set("run_id", c.runs[4])) }},
		{"an extra channel", func(tx *store.Tx) error {
			return tx.PutExtraChannel(ctx, model.Channel{ImageID: c.images[44], Name: "cells", Key: "extra/1"})
		}},
		{"a run moved to a project", func(tx *store.Tx) error { return tx.UpdateRun(ctx, c.runs[1], set("project_id", c.projects[2])) }},
		{"a run out of its project", func(tx *store.Tx) error { return tx.UpdateRun(ctx, c.runs[1], set("project_id", nil)) }},
		{"a run deleted", func(tx *store.Tx) error { return tx.UpdateRun(ctx, c.runs[2], set("active", false)) }},
		{"a run restored", func(tx *store.Tx) error { return tx.UpdateRun(ctx, c.runs[2], set("active", true)) }},
		{"a run renamed", func(tx *store.Tx) error { return tx.UpdateRun(ctx, c.runs[3], set("label", "aaa")) }},
		{"a project made public", func(tx *store.Tx) error { return tx.UpdateProject(ctx, c.projects[0], set("is_public", true)) }},
		{"a project closed", func(tx *store.Tx) error { return tx.UpdateProject(ctx, c.projects[0], set("is_public", false)) }},
		{"a project renamed", func(tx *store.Tx) error { return tx.UpdateProject(ctx, c.projects[1], set("name", "Z")) }},
		{"a member more", func(tx *store.Tx) error {
			return tx.SetProjectRole(ctx, c.projects[1], c.viewers[3].ID, model.RoleViewer)
		}},
		{"a member less", func(tx *store.Tx) error {
			return tx.SetProjectRole(ctx, c.projects[1], c.viewers[3].ID, model.RoleNone)
		}},
		{"a section's panel", func(tx *store.Tx) error { return tx.UpdateSection(ctx, c.sections[0], set("panel_id", c.panels[2])) }},
		{"a section's project", func(tx *store.Tx) error {
			return tx.UpdateSection(ctx, c.sections[1], set("project_id", c.projects[2]))
		}},
		{"a slide's name", func(tx *store.Tx) error { return tx.UpdateSlide(ctx, c.slides[0], set("name", "other")) }},
		{"a panel's project", func(tx *store.Tx) error { return tx.UpdatePanel(ctx, c.panels[0], set("project_id", c.projects[3])) }},
		{"a panel's conjugates", func(tx *store.Tx) error {
			before, err := tx.Conjugates(ctx, c.panels[1])
			if err != nil {
				return err
			}
			return tx.SetConjugates(ctx, c.panels[1], before, []model.Conjugate{{Target: "CD3", Mass: 151}})
		}},
		{"a tissue's organ", func(tx *store.Tx) error { return tx.UpdateTissue(ctx, c.tissues[0], set("organ", "Liver")) }},
		{"a run's slides", func(tx *store.Tx) error { return tx.SetRunSlides(ctx, c.runs[0], c.slides[:2]) }},
		{"an image set's name", func(tx *store.Tx) error {
			run, err := tx.Run(ctx, c.Admin, c.runs[0])
			if err != nil {
				return err
			}
			return tx.UpdateImageSet(ctx, run.ImageSet.ID, set("name", "renamed"))
		}},
		{"an aperture's name", func(tx *store.Tx) error { return tx.UpdateAperture(ctx, 1, set("name", "hole")) }},
		{"an account's address", func(tx *store.Tx) error { return tx.SetEmail(ctx, c.viewers[0].ID, "new@example.org") }},
		{"a tissue deleted", func(tx *store.Tx) error { return tx.UpdateTissue(ctx, c.tissues[1], set("active", false)) }},
		{"an instrument's name", func(tx *store.Tx) error { return tx.UpdateInstrument(ctx, c.instruments[0], set("name", "Eta12")) }},
	} {
		must(t, c.Store.Write(ctx, step.write))
		c.compare(ctx, t, step.name, 25)
	}
	c.publish(ctx, t, c.images[0])
	c.publish(ctx, t, c.images[1])
	c.compare(ctx, t, "images published again", 25)
	c.addImages(ctx, t, 20)
	c.compare(ctx, t, "images more", 25)
	// What is undone must not show.
	failed := errors.New("undo this")
	if err := c.Store.Write(ctx, func(tx *store.Tx) error {
		must(t, tx.UpdateImage(ctx, c.images[7], set("point", "never")))
		return failed
	}); !errors.Is(err, failed) {
		t.Fatal(err)
	}
	c.compare(ctx, t, "a write undone", 25)
}
