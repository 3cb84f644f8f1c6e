package store

import (
	"context"
	"slices"

	"github.com/openmibi/openmibi/internal/model"
)

// AddPanel adds a panel with its batches and conjugates.
func (t *Tx) AddPanel(ctx context.Context, p model.Panel, project *int64) (int64, error) {
	id, err := t.insert(ctx, "panels",
		[]string{"name", "description", "dilution", "manufacture_date", "is_draft", "project_id", "previous_id", "created_by"},
		[]any{p.Name, p.Description, p.Dilution, p.ManufactureDate, p.Draft, project, p.PreviousID, p.CreatorID})
	if err != nil {
		return 0, err
	}
	if err := t.SetBatches(ctx, id, nil, p.Batches); err != nil {
		return 0, err
	}
	return id, t.SetConjugates(ctx, id, nil, p.Conjugates)
}

// UpdatePanel changes columns of a panel.
func (t *Tx) UpdatePanel(ctx context.Context, id int64, changes []Change) error {
	return t.update(ctx, "panels", id, changes)
}

// SetBatches makes a panel's batches after of those that were before. A batch
// whose ID is among those before stays that one, and keeps its number.
func (t *Tx) SetBatches(ctx context.Context, panel int64, before, after []model.Batch) error {
	return setParts(ctx, t, "batches", panel, before, after, func(b model.Batch) (int64, []Change) {
		return b.ID, []Change{
			{"batch_id", b.Number}, {"volume", b.Volume}, {"antibody_volume", b.AntibodyVolume},
			{"buffer_volume", b.BufferVolume}, {"is_draft", b.Draft},
		}
	})
}

// SetConjugates makes a panel's conjugates after of those that were before. A
// conjugate whose ID is among those before stays that one; a new one whose
// ConjugateID is 0 is an antibody conjugate that no panel has used so far. Their
// order is that of after.
func (t *Tx) SetConjugates(ctx context.Context, panel int64, before, after []model.Conjugate) error {
	after = slices.Clone(after)
	// What is in order stays at its place: only what was moved is changed.
	for i, last := 0, 0; i < len(after); i++ {
		if after[i].Position <= last {
			after[i].Position = last + 1
		}
		last = after[i].Position
	}
	stays := make(map[int64]bool, len(before))
	for _, c := range before {
		stays[c.ID] = true
	}
	return setParts(ctx, t, "conjugates", panel, before, after, func(c model.Conjugate) (int64, []Change) {
		var first *int64 // NULL: this is its first use
		if c.ConjugateID != 0 && !(stays[c.ID] && c.ConjugateID == c.ID) {
			first = &c.ConjugateID
		}
		return c.ID, []Change{
			{"external_id", c.ExternalID}, {"target", c.Target}, {"clone", c.Clone}, {"mass", c.Mass}, {"element", c.Element},
			{"concentration", c.Concentration}, {"recommended_titer", c.RecommendedTiter}, {"titer", c.Titer},
			{"titer_units", c.TiterUnits}, {"volume", c.Volume}, {"lot", c.Lot}, {"manufacture_date", c.ManufactureDate},
			{"expiration_date", c.ExpirationDate}, {"batch_id", c.BatchID}, {"is_draft", c.Draft}, {"conjugate_id", first},
			{"position", c.Position},
		}
	})
}

// setParts makes the rows of a panel in a table those of after: what is new is
// added, what is gone is removed, and of what stays the columns that differ
// change.
func setParts[M any](ctx context.Context, t *Tx, table string, panel int64, before, after []M, columns func(M) (int64, []Change)) error {
	old := make(map[int64][]Change, len(before))
	for _, part := range before {
		id, cols := columns(part)
		old[id] = cols
	}
	kept := make(map[int64]bool, len(after))
	for _, part := range after {
		id, _ := columns(part)
		kept[id] = true
	}
	for _, part := range before {
		if id, _ := columns(part); !kept[id] {
			if err := t.remove(ctx, table, id); err != nil {
				return err
			}
		}
	}
	for _, part := range after {
		id, cols := columns(part)
		was, stays := old[id]
		if !stays {
			names, values := []string{"panel_id"}, []any{panel}
			for _, c := range cols {
				names, values = append(names, c.Column), append(values, c.Value)
			}
			if _, err := t.insert(ctx, table, names, values); err != nil {
				return err
			}
			continue
		}
		var differ []Change
		for i, c := range cols {
			from, err := plain(was[i].Value)
			if err != nil {
				return err
			}
			to, err := plain(c.Value)
			if err != nil {
				return err
			}
			if !same(from, to) {
				differ = append(differ, c)
			}
		}
		if err := t.update(ctx, table, id, differ); err != nil {
			return err
		}
	}
	return nil
}
