package store_test

import (
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/openmibi/openmibi/internal/model"
	"github.com/openmibi/openmibi/internal/store"
)

// oldPanels are two panels as they were before batches were kept.
var oldPanels = []string{
	`INSERT INTO accounts (email, password_hash, created_at) VALUES ('ann@example.org', 'x', '2026-01-02T03:04:05.000000Z')`,
	`INSERT INTO panels (name, description, dilution, manufacture_date, is_draft, created_by) VALUES
		('one', 'd', 0.5, '2021-10-13', TRUE, 1), ('two', NULL, NULL, NULL, FALSE, 1)`,
	`INSERT INTO conjugates (panel_id, target, mass, batch_id, lot) VALUES
		(1, 'CD8', 158, 2, 'L'), (2, 'CD3', 159, NULL, NULL), (1, 'CD4', 143, 1, NULL), (1, 'dsDNA', 89, 2, NULL)`,
}

// Panels of a data folder from before batches were kept get those that their
// conjugates name, in their order, and can be changed and followed.
func TestOldPanels(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	dir := t.TempDir()
	schema(t, filepath.Join(dir, "test.db"), 3, oldPanels...)
	s := openIn(ctx, t, dir)
	ann := store.Viewer{ID: 1}
	p, err := s.Panel(ctx, ann, 1)
	if err != nil {
		t.Fatal(err)
	}
	if p.Name != "one" || *p.Description != "d" || *p.Dilution != 0.5 || *p.ManufactureDate != "2021-10-13" || !p.Draft || p.PreviousID != nil || p.NextID != nil {
		t.Errorf("an old panel: %+v", p)
	}
	if diff := cmp.Diff([]model.Batch{{ID: 1, PanelID: 1, Number: 1}, {ID: 2, PanelID: 1, Number: 2}}, p.Batches); diff != "" {
		t.Errorf("batches (-want +got):\n%s", diff)
	}
	var targets []string
	for _, c := range p.Conjugates {
		targets = append(targets, c.Target)
		if c.ConjugateID != c.ID {
			t.Errorf("conjugate %d is a use of %d", c.ID, c.ConjugateID)
		}
	}
	if diff := cmp.Diff([]string{"CD8", "CD4", "dsDNA"}, targets); diff != "" {
		t.Errorf("conjugates (-want +got):\n%s", diff)
	}
	if two, err := s.Panel(ctx, ann, 2); err != nil || len(two.Batches) != 0 || len(two.Conjugates) != 1 {
		t.Errorf("a panel without batches: %+v, %v", two, err)
	}
	after := []model.Conjugate{p.Conjugates[2], {Target: "new", Mass: 1}, p.Conjugates[0]}
	err = s.Write(ctx, func(tx *store.Tx) error {
		if err := tx.SetConjugates(ctx, 1, p.Conjugates, after); err != nil {
			return err
		}
		_, err := tx.AddPanel(ctx, model.Panel{Name: "next", CreatorID: 1, PreviousID: &p.ID, Batches: p.Batches, Conjugates: p.Conjugates}, nil)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	p, err = s.Panel(ctx, ann, 1)
	if err != nil || p.NextID == nil || *p.NextID != 3 || len(p.Conjugates) != 3 || p.Conjugates[0].ID != 4 || p.Conjugates[1].ID != 5 || p.Conjugates[2].ID != 1 {
		t.Errorf("changed: %+v, %v", p, err)
	}
	next, err := s.Panel(ctx, ann, 3)
	if err != nil || *next.PreviousID != 1 || len(next.Batches) != 2 || next.Conjugates[0].ConjugateID != 1 || next.Conjugates[0].ID == 1 || *next.Conjugates[0].Lot != "L" {
		t.Errorf("the next version: %+v, %v", next, err)
	}
	// CD4's row is gone from its panel; the next version still uses the antibody.
	known, err := s.KnownConjugates(ctx, ann, []int64{1, 3, 5, 99})
	if diff := cmp.Diff(map[int64]bool{1: true, 3: true, 5: true}, known); diff != "" || err != nil {
		t.Errorf("known conjugates: %s, %v", diff, err)
	}
	if known, err := s.KnownConjugates(ctx, store.Viewer{ID: 2}, []int64{1, 3, 5}); err != nil || len(known) != 0 {
		t.Errorf("another account knows conjugates %v, %v", known, err)
	}
}

// Who goes back to the version before keeps panels and conjugates.
func TestPanelsDown(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "test.db")
	schema(t, path, 7, append(oldPanels, `UPDATE panels SET previous_id = 1 WHERE id = 2`, `UPDATE conjugates SET conjugate_id = 1, position = 3 WHERE id = 4`,
		`INSERT INTO batches (panel_id, batch_id, volume) VALUES (1, 1, 5), (1, 2, 6)`)...)
	schema(t, path, 6)
	s := openIn(t.Context(), t, dir)
	p, err := s.Panel(t.Context(), store.Viewer{ID: 1}, 1)
	if err != nil || len(p.Conjugates) != 3 || len(p.Batches) != 2 || p.Batches[0].Volume != nil || p.NextID != nil {
		t.Errorf("there and back: %+v, %v", p, err)
	}
}
