package storetest

import (
	"context"
	"testing"

	"github.com/openmibi/openmibi/internal/model"
	"github.com/openmibi/openmibi/internal/store"
)

// testVisibilityMoves reads the rows of a list whose ids were found before the
// viewer was shut out: a long list is read for minutes.
func testVisibilityMoves(ctx context.Context, t *testing.T, lab Lab) {
	role := func(r model.Role) {
		must(t, lab.Store.Write(ctx, func(tx *store.Tx) error { return tx.SetProjectRole(ctx, lab.Project, lab.Bob.ID, r) }))
	}
	role(model.RoleViewer)
	q := lab.Store.Queries
	runs, err := store.RunListing().IDs(ctx, q, lab.Bob, store.Query{})
	must(t, err)
	images, err := store.ImageListing().IDs(ctx, q, lab.Bob, store.Query{})
	must(t, err)
	projects, err := store.ProjectListing().IDs(ctx, q, lab.Bob, store.Query{})
	must(t, err)
	load := func(who string, viewer store.Viewer, wantRuns, wantImages, wantProjects int) {
		t.Helper()
		gotRuns, err := store.RunListing().Load(ctx, q, viewer, runs)
		must(t, err)
		gotImages, err := store.ImageListing().Load(ctx, q, viewer, images)
		must(t, err)
		gotProjects, err := store.ProjectListing().Load(ctx, q, viewer, projects)
		must(t, err)
		if len(gotRuns) != wantRuns || len(gotImages) != wantImages || len(gotProjects) != wantProjects {
			t.Errorf("%s: %d runs, %d images, %d projects; want %d, %d, %d", who,
				len(gotRuns), len(gotImages), len(gotProjects), wantRuns, wantImages, wantProjects)
		}
	}
	load("as a member", lab.Bob, 2, 5, 1)
	role(model.RoleNone)
	load("shut out", lab.Bob, 1, 2, 0)
	load("the administrator", lab.Admin, 2, 5, 1)
}
