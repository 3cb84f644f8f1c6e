package e2e

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/openmibi/openmibi/mibi"
	"github.com/openmibi/openmibi/mibitracker"
)

// Panels through the client: as a file, back again, versions and changes.
func TestClientPanels(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	ctx := t.Context()
	c := s.client(t, alice)
	file := "Panel Name,Tonsil\n\nBatch,0\nTotal Volume (uL),100\n\nID (Lot),Target,Clone,Mass,Element\n7 (L1),CD8,C8/144B,158,Gd\n8 (L1),CD4,EPR6855,158,Gd\n"
	made, err := c.Panels.CreateFromCSV(ctx, mibitracker.FromBytes("x.csv", []byte(file)), map[string]string{"description": "d"})
	if err != nil {
		t.Fatal(err)
	}
	if made.Name != "Tonsil" || made.Description != "d" || len(made.Batches) != 1 || made.Batches[0].BatchID != 0 || *made.Batches[0].Volume != 100 ||
		len(made.Conjugates) != 2 || *made.Conjugates[0].BatchID != 0 || made.Conjugates[0].Lot != "L1" || made.Conjugates[0].ConjugateID != made.Conjugates[0].ID {
		t.Errorf("made of a file: %+v", made)
	}
	back, err := c.Panels.CSV(ctx, made.ID)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]mibi.Channel{{Mass: 158, Target: "CD4, CD8"}}, back.Channels()); diff != "" {
		t.Errorf("channels (-want +got):\n%s", diff)
	}
	next, err := c.Panels.Create(ctx, mibitracker.NewPanel{
		PreviousID: made.ID, Batches: []mibitracker.NewBatch{{BatchID: 0}},
		Conjugates: []mibitracker.NewConjugate{{Target: "CD8", Mass: 158, BatchID: new(int64(0)), ConjugateID: made.Conjugates[0].ConjugateID}, {Target: "CD3", Mass: 159}},
	})
	if err != nil {
		t.Fatal(err)
	}
	if next.Name != "Tonsil" || next.PreviousID != made.ID || next.Conjugates[0].ConjugateID != made.Conjugates[0].ID || next.Conjugates[1].BatchID != nil {
		t.Errorf("the next version: %+v", next)
	}
	changed, err := c.Panels.Update(ctx, next.ID, map[string]any{"name": "other", "conjugates": next.Conjugates[:1]})
	if err != nil {
		t.Fatal(err)
	}
	if changed.Name != "other" || !cmp.Equal(next.Conjugates[:1], changed.Conjugates) {
		t.Errorf("changed: %+v", changed)
	}
	listed, err := c.Panels.List(ctx, mibitracker.ListOptions{})
	if err != nil || listed.Count != 2 || !cmp.Equal(*changed, listed.Results[0]) || listed.Results[1].NextID != next.ID {
		t.Errorf("the list: %+v, %v", listed, err)
	}
	if err := c.Panels.Delete(ctx, next.ID); err != nil {
		t.Fatal(err)
	}
	if gone, err := c.Panels.Get(ctx, next.ID); err != nil || gone.Active {
		t.Errorf("deleted: %+v, %v", gone, err)
	}
	var refused *mibitracker.APIError
	if _, err := c.Panels.CreateFromCSV(ctx, mibitracker.FromBytes("x.csv", []byte("Mass,Target\nx,a\n")), nil); !errors.As(err, &refused) || refused.Status != 400 {
		t.Errorf("a broken file: %v", err)
	}
	if _, err := c.Panels.CSV(ctx, 99); !errors.Is(err, mibitracker.ErrNotFound) {
		t.Errorf("no panel: %v", err)
	}
}
