package storetest

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/openmibi/openmibi/internal/model"
	"github.com/openmibi/openmibi/internal/store"
)

// auditOf returns what a viewer is shown of an object's record, oldest first.
// Its count has to be that of its lines, however they are asked for.
func (l Lab) auditOf(ctx context.Context, t *testing.T, v store.Viewer, kind string, id int64) []Line {
	t.Helper()
	owned, err := l.Store.OwnerOf(ctx, v, kind, id)
	must(t, err)
	o := store.ObjectAudit{Kind: kind, ID: id, Owned: owned, Actors: true}
	ids, err := o.IDs(ctx, l.Store.Queries, v, store.Query{Order: []store.Order{{Field: "id"}}})
	must(t, err)
	n, err := o.Count(ctx, l.Store.Queries, v, store.Query{})
	must(t, err)
	records, err := o.Load(ctx, l.Store.Queries, v, ids)
	must(t, err)
	if int(n) != len(ids) || len(records) != len(ids) {
		t.Errorf("%d records, %d of them loaded, %d counted", len(ids), len(records), n)
	}
	return Lines(t, records)
}

// An object's record shows nothing of a time when it was where its reader does
// not see it, and no object that its reader does not see.
func testAuditHides(ctx context.Context, t *testing.T, lab Lab) {
	var closed, shared, slide, panel, section int64
	set := func(column string, value any) store.Change { return store.Change{Column: column, Value: value} }
	write := func(f func(tx *store.Tx) error) {
		t.Helper()
		must(t, lab.Store.WriteAs(ctx, store.Actor{AccountID: lab.Ann.ID, Name: "ann"}, f))
	}
	write(func(tx *store.Tx) (err error) {
		if closed, err = tx.AddProject(ctx, lab.Ann.ID, []store.Change{set("name", "closed")}); err != nil {
			return err
		}
		if shared, err = tx.AddProject(ctx, lab.Ann.ID, []store.Change{set("name", "shared")}); err != nil {
			return err
		}
		if err = tx.SetProjectRole(ctx, shared, lab.Bob.ID, model.RoleViewer); err != nil {
			return err
		}
		if slide, err = tx.AddSlide(ctx, lab.Ann.ID, []store.Change{set("name", "secret slide"), set("project_id", closed)}); err != nil {
			return err
		}
		panel, err = tx.AddPanel(ctx, model.Panel{Name: "open panel", CreatorID: lab.Ann.ID}, &shared)
		return err
	})
	// Born outside of all projects, moved to the closed one, then to the shared one.
	write(func(tx *store.Tx) (err error) {
		section, err = tx.AddSection(ctx, lab.Ann.ID, []store.Change{set("position", "born")})
		return err
	})
	for _, ch := range [][]store.Change{
		{set("project_id", closed), set("position", "moved in")},
		{set("position", "closed words")},
		{set("project_id", shared), set("position", "moved out")},
		{set("slide_id", slide), set("panel_id", panel)},
		{set("position", "shared words")},
	} {
		write(func(tx *store.Tx) error { return tx.UpdateSection(ctx, section, ch) })
	}
	line := func(action, before, after string) Line { return Line{"ann", action, "section", section, before, after} }
	seenByBob := []Line{
		line("change", "", fmt.Sprintf(`{"position":"moved out","project":%d}`, shared)),
		line("change", `{"panel":null,"slide":null}`, fmt.Sprintf(`{"panel":%d,"slide":null}`, panel)),
		line("change", `{"position":"moved out"}`, `{"position":"shared words"}`),
	}
	if diff := cmp.Diff(seenByBob, lab.auditOf(ctx, t, lab.Bob, "section", section)); diff != "" {
		t.Errorf("who sees only where it is now: (-want +got)\n%s", diff)
	}
	all := []Line{
		line("create", "", `{"position":"born"}`),
		line("change", `{"position":"born","project":null}`, fmt.Sprintf(`{"position":"moved in","project":%d}`, closed)),
		line("change", `{"position":"moved in"}`, `{"position":"closed words"}`),
		line("change", fmt.Sprintf(`{"position":"closed words","project":%d}`, closed), fmt.Sprintf(`{"position":"moved out","project":%d}`, shared)),
		line("change", `{"panel":null,"slide":null}`, fmt.Sprintf(`{"panel":%d,"slide":%d}`, panel, slide)),
		line("change", `{"position":"moved out"}`, `{"position":"shared words"}`),
	}
	for name, v := range map[string]store.Viewer{"its creator": lab.Ann, "an administrator": lab.Admin} {
		if diff := cmp.Diff(all, lab.auditOf(ctx, t, v, "section", section)); diff != "" {
			t.Errorf("%s: (-want +got)\n%s", name, diff)
		}
	}
	// Moved away, it is not there at all.
	write(func(tx *store.Tx) error {
		return tx.UpdateSection(ctx, section, []store.Change{set("project_id", closed)})
	})
	if _, err := lab.Store.OwnerOf(ctx, lab.Bob, "section", section); err == nil {
		t.Error("the record of an object that is not seen")
	}
	// A new viewer of the closed project, not of the shared one, meets the other half.
	carol := store.Viewer{}
	write(func(tx *store.Tx) (err error) {
		if carol.ID, err = tx.AddAccount(ctx, "carol@example.org", "", false); err != nil {
			return err
		}
		return tx.SetProjectRole(ctx, closed, carol.ID, model.RoleEditor)
	})
	seenByCarol := []Line{
		line("change", "", fmt.Sprintf(`{"position":"moved in","project":%d}`, closed)),
		all[2],
		line("change", fmt.Sprintf(`{"position":"closed words","project":%d}`, closed), ""),
		line("change", "", fmt.Sprintf(`{"project":%d}`, closed)),
	}
	if diff := cmp.Diff(seenByCarol, lab.auditOf(ctx, t, carol, "section", section)); diff != "" {
		t.Errorf("who sees only where it was: (-want +got)\n%s", diff)
	}
}

// Lists of ids lose those that the reader does not see, and their count; the
// number of a new run's images is none of them.
func testAuditHidesInLists(ctx context.Context, t *testing.T, lab Lab) {
	mine, theirs := lab.Images(ctx, t, lab.AnnRun), lab.Images(ctx, t, lab.BobRun)
	var set int64
	must(t, lab.Store.Write(ctx, func(tx *store.Tx) (err error) {
		set, err = tx.AddImageSet(ctx, lab.Ann.ID, []store.Change{{Column: "name", Value: "both"}})
		if err != nil {
			return err
		}
		return tx.SetImageSetImages(ctx, set, append(mine[:2:2], theirs...))
	}))
	lines := lab.auditOf(ctx, t, lab.Ann, "imageset", set)
	want := fmt.Sprintf(`{"images":[%d,%d],"name":"both"}`, mine[0], mine[1])
	if len(lines) != 1 || lines[0].After != want {
		t.Errorf("%+v, want %s", lines, want)
	}
	if lines := lab.auditOf(ctx, t, lab.Ann, "run", lab.AnnRun); len(lines) != 1 || !strings.Contains(lines[0].After, `"images":3`) {
		t.Errorf("a run: %+v", lines)
	}
}
