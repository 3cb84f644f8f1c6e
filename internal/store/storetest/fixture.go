// Package storetest is the suite that every database of package store passes,
// and the fixture that its tests and others build on.
package storetest

import (
	"context"
	"testing"

	"github.com/openmibi/openmibi/internal/model"
	"github.com/openmibi/openmibi/internal/store"
)

// Lab is a small lab in a database: two people and an administrator, a
// project of Ann's with a run in it, and a run of Bob's own.
type Lab struct {
	Store           *store.Store
	Ann, Bob, Admin store.Viewer
	Project         int64 // Ann's
	AnnRun, BobRun  int64
}

// NewLab fills a store.
func NewLab(ctx context.Context, t testing.TB, s *store.Store) Lab {
	t.Helper()
	lab := Lab{Store: s}
	err := s.Write(ctx, func(tx *store.Tx) error {
		for _, p := range []struct {
			viewer *store.Viewer
			email  string
			admin  bool
		}{{&lab.Ann, "Ann@example.org", false}, {&lab.Bob, "bob@example.org", false}, {&lab.Admin, "root@example.org", true}} {
			id, err := tx.AddAccount(ctx, p.email, "no hash", p.admin)
			if err != nil {
				return err
			}
			*p.viewer = store.Viewer{ID: id, Admin: p.admin}
		}
		var err error
		if lab.Project, err = tx.AddProject(ctx, lab.Ann.ID, []store.Change{{Column: "name", Value: "Ann's"}}); err != nil {
			return err
		}
		if lab.AnnRun, err = tx.AddRun(ctx, NewRun("ann-1", lab.Ann.ID, &lab.Project, 3)); err != nil {
			return err
		}
		lab.BobRun, err = tx.AddRun(ctx, NewRun("bob-1", lab.Bob.ID, nil, 2))
		return err
	})
	if err != nil {
		t.Fatalf("fill the lab: %v", err)
	}
	return lab
}

// NewRun makes a run of n FOVs, named like its label, on the instrument that
// every new database has.
func NewRun(label string, creator int64, project *int64, n int) model.NewRun {
	size := 400.0
	run := model.NewRun{
		Label: label, Name: label, Filename: label + ".xml", Path: label + "-path", XMLKey: "runs/" + label,
		XMLSHA256: "00", XMLSize: 1, FOVSize: &size, ProjectID: project, InstrumentID: 1, CreatorID: creator,
	}
	for i := range n {
		number := "Point" + string(rune('1'+i))
		run.Images = append(run.Images, model.NewImage{Number: number, Folder: number + "/RowNumber0/Depth_Profile0", FOVSize: &size})
	}
	return run
}

// Images returns the ids of a run's images in acquisition order.
func (l Lab) Images(ctx context.Context, t testing.TB, run int64) []int64 {
	t.Helper()
	ids, err := store.ImageListing().IDs(ctx, l.Store.Queries, l.Admin, store.Query{
		Conds: []store.Cond{{Field: "run", Values: []any{run}}}, Order: []store.Order{{Field: "id"}},
	})
	if err != nil {
		t.Fatalf("list images: %v", err)
	}
	return ids
}

// Queue puts an upload for an image into the queue and returns its id.
func (l Lab) Queue(ctx context.Context, t testing.TB, upload string, run, image int64) int64 {
	t.Helper()
	var job int64
	err := l.Store.Write(ctx, func(tx *store.Tx) (err error) {
		if err = tx.AddUpload(ctx, model.Upload{ID: upload, RunID: run, AccountID: l.Ann.ID}); err != nil {
			return err
		}
		if err = tx.UploadReceived(ctx, upload, "uploads/"+upload, 10, "sha-"+upload); err != nil {
			return err
		}
		job, err = tx.EnqueueIngest(ctx, upload, image)
		return err
	})
	if err != nil {
		t.Fatalf("queue upload %s: %v", upload, err)
	}
	return job
}
