package store_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/openmibi/openmibi/internal/model"
	"github.com/openmibi/openmibi/internal/store"
	"github.com/openmibi/openmibi/internal/store/storetest"
)

// twoProcesses is one database that is open twice, each time with a memory of
// its own: what the server and a command beside it are to each other.
type twoProcesses struct {
	storetest.Lab

	path   string
	stores [2]*store.Store
	images []int64
}

func newTwoProcesses(t *testing.T) *twoProcesses {
	t.Helper()
	dir := t.TempDir()
	p := &twoProcesses{path: filepath.Join(dir, "test.db")}
	for i := range p.stores {
		p.stores[i] = openIn(t.Context(), t, dir)
	}
	p.Lab = storetest.NewLab(t.Context(), t, p.stores[0])
	p.images = p.Images(t.Context(), t, p.AnnRun)
	return p
}

func set(column string, value any) []store.Change {
	return []store.Change{{Column: column, Value: value}}
}

// named asks a store for the images of a point's name, as a viewer.
func named(ctx context.Context, s *store.Store, v store.Viewer, point string) ([]int64, error) {
	ids, count, err := store.ImageListing().Page(ctx, s.Queries, v, store.Query{Conds: []store.Cond{{Field: "point", Values: []any{point}}}})
	if err == nil && int64(len(ids)) != count {
		err = fmt.Errorf("%d images, but a count of %d", len(ids), count)
	}
	return ids, err
}

// TestListsInterleaved lets writers of two processes change images, their runs
// and who sees them, side by side and with some writes undone. Whoever wrote
// finds in both processes what it has just written, and nothing undone or
// hidden shows. In the end memory says what the tables say.
func TestListsInterleaved(t *testing.T) {
	t.Parallel()
	writers, rounds := 4, 40
	if storetest.UnderRace {
		rounds = 16
	}
	ctx, p := t.Context(), newTwoProcesses(t)
	undo := errors.New("undo this")
	var writing sync.WaitGroup
	for w := range writers {
		writing.Go(func() {
			rnd := rand.New(rand.NewPCG(uint64(w), 1))
			fail := func(round int, what string, err error) { t.Errorf("writer %d, round %d: %s: %v", w, round, what, err) }
			var run, image, project int64
			for round := range rounds {
				mine := p.stores[rnd.IntN(2)]
				point := fmt.Sprintf("w%d r%d", w, round)
				if round%8 == 0 { // a run, a project, and an image of its own
					if err := mine.Write(ctx, func(tx *store.Tx) (err error) {
						if project, err = tx.AddProject(ctx, p.Ann.ID, set("name", point)); err != nil {
							return err
						}
						if run, err = tx.AddRun(ctx, storetest.NewRun(point, p.Ann.ID, nil, 0)); err != nil {
							return err
						}
						image, err = tx.AddImage(ctx, model.NewImage{RunID: run, CreatorID: p.Ann.ID, Number: "1", Folder: "1"})
						return err
					}); err != nil {
						fail(round, "add", err)
						return
					}
				}
				seen := rnd.IntN(2) == 0
				role := model.RoleNone
				if seen {
					role = model.RoleViewer
				}
				if err := mine.Write(ctx, func(tx *store.Tx) error {
					return errors.Join(tx.UpdateImage(ctx, image, set("point", "never "+point)), tx.UpdateRun(ctx, run, set("project_id", p.Project)), undo)
				}); !errors.Is(err, undo) {
					fail(round, "undo", err)
				}
				if err := mine.Write(ctx, func(tx *store.Tx) error {
					return errors.Join(tx.UpdateImage(ctx, image, set("point", point)), tx.UpdateRun(ctx, run, set("project_id", project)),
						tx.SetProjectRole(ctx, project, p.Bob.ID, role))
				}); err != nil {
					fail(round, "write", err)
				}
				for i, s := range p.stores {
					if found, err := named(ctx, s, p.Ann, point); err != nil || !slices.Equal(found, []int64{image}) {
						fail(round, fmt.Sprintf("process %d finds %d as %v", i, image, found), err)
					}
					if found, err := named(ctx, s, p.Admin, "never "+point); err != nil || len(found) > 0 {
						fail(round, fmt.Sprintf("process %d finds %v, which was undone", i, found), err)
					}
					if found, err := named(ctx, s, p.Bob, point); err != nil || len(found) == 1 != seen {
						fail(round, fmt.Sprintf("process %d shows Bob %v, who may see it: %v", i, found, seen), err)
					}
					images, err := s.ImagesByID(ctx, p.Ann, []int64{image})
					if err != nil || len(images) != 1 || images[0].Run.Project == nil || images[0].Run.Project.ID != project || *images[0].Point != point {
						fail(round, fmt.Sprintf("process %d loads %+v", i, images), err)
					}
				}
			}
		})
	}
	done := make(chan struct{})
	var reading sync.WaitGroup
	for i, s := range p.stores {
		reading.Go(func() { // readers that are cut off at any moment
			rnd := rand.New(rand.NewPCG(uint64(i), 2))
			for {
				select {
				case <-done:
					return
				default:
				}
				asked, cut := context.WithCancel(ctx)
				if rnd.IntN(4) == 0 {
					cut()
				}
				_, _, err := store.ImageListing().Page(asked, s.Queries, p.Bob, store.Query{Order: []store.Order{{Field: "run__label"}, {Field: "point"}}, Limit: 5})
				if err == nil {
					_, err = s.RunsByID(asked, p.Ann, []int64{p.AnnRun, p.BobRun})
				}
				cut()
				if err != nil && asked.Err() == nil {
					t.Errorf("a reader of process %d: %v", i, err)
				}
			}
		})
	}
	writing.Wait()
	close(done)
	reading.Wait()
	p.compare(t)
}

// TestListsFarBehind takes away the record of what has changed since a process
// has last looked: it then reads everything again.
func TestListsFarBehind(t *testing.T) {
	t.Parallel()
	ctx, p := t.Context(), newTwoProcesses(t)
	p.compare(t) // both have read everything
	if err := p.stores[0].Write(ctx, func(tx *store.Tx) error {
		return errors.Join(tx.UpdateImage(ctx, p.images[0], set("point", "behind")), tx.UpdateRun(ctx, p.AnnRun, set("label", "renamed")))
	}); err != nil {
		t.Fatal(err)
	}
	p.exec(t, "INSERT INTO list_changes (seq, kind, object_id) SELECT MAX(seq) + 60000, 'image', 0 FROM list_changes")
	// A reload that is cut off leaves the next one to be done.
	cut, cancel := context.WithCancel(ctx)
	cancel()
	if _, err := named(cut, p.stores[1], p.Admin, "behind"); !errors.Is(err, context.Canceled) {
		t.Errorf("a request that is over: %v", err)
	}
	for i, s := range p.stores {
		if found, err := named(ctx, s, p.Admin, "behind"); err != nil || !slices.Equal(found, p.images[:1]) {
			t.Errorf("process %d finds %v, %v", i, found, err)
		}
	}
	p.compare(t)
}

// TestListsWithoutRows takes rows away beneath the store, which deletes none
// itself, and adds one that comes before others.
func TestListsWithoutRows(t *testing.T) {
	t.Parallel()
	p := newTwoProcesses(t)
	p.compare(t)
	p.exec(t, fmt.Sprintf("DELETE FROM imageset_images WHERE image_id = %[1]d; DELETE FROM images WHERE id = %[1]d", p.images[1]))
	p.compare(t)
	p.exec(t, fmt.Sprintf(`INSERT INTO images (id, run_id, number, folder, point, created_by, created_at)
		SELECT %d, run_id, 'again', 'again', 'again', created_by, created_at FROM images WHERE id = %d`, p.images[1], p.images[0]))
	p.compare(t)
}

// exec changes the database as another program does.
func (p *twoProcesses) exec(t *testing.T, query string) {
	t.Helper()
	db, err := sql.Open("sqlite", p.path+"?_pragma=busy_timeout(10000)&_pragma=foreign_keys(1)")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.ExecContext(t.Context(), query); err != nil {
		t.Error(err)
	}
	if err := db.Close(); err != nil {
		t.Error(err)
	}
}

// compare holds what both processes answer from memory against the tables,
// which a transaction asks.
func (p *twoProcesses) compare(t *testing.T) {
	t.Helper()
	ctx := t.Context()
	if err := p.stores[0].Write(ctx, func(tx *store.Tx) error {
		for _, v := range []store.Viewer{p.Admin, p.Ann, p.Bob} {
			for _, order := range []string{"point", "run__label", "project__name"} {
				q := store.Query{Order: []store.Order{{Field: order}}}
				want, err := store.ImageListing().IDs(ctx, tx.Queries, v, q)
				if err != nil {
					return err
				}
				images, err := tx.ImagesByID(ctx, v, want)
				if err != nil {
					return err
				}
				runs, err := store.RunListing().IDs(ctx, tx.Queries, v, store.Query{})
				if err != nil {
					return err
				}
				wholeRuns, err := tx.RunsByID(ctx, v, runs)
				if err != nil {
					return err
				}
				for i, s := range p.stores {
					got, err := store.ImageListing().IDs(ctx, s.Queries, v, q)
					if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); err != nil || diff != "" {
						t.Errorf("process %d, by %s for %+v: %v %s", i, order, v, err, diff)
					}
					loaded, err := s.ImagesByID(ctx, v, want)
					if diff := cmp.Diff(images, loaded, cmpopts.EquateEmpty()); err != nil || diff != "" {
						t.Errorf("process %d, images for %+v: %v %s", i, v, err, diff)
					}
					loadedRuns, err := s.RunsByID(ctx, v, runs)
					if diff := cmp.Diff(wholeRuns, loadedRuns, cmpopts.EquateEmpty()); err != nil || diff != "" {
						t.Errorf("process %d, runs for %+v: %v %s", i, v, err, diff)
					}
				}
			}
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
}
