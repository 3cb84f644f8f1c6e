package store

import (
	"context"
	"slices"

	"github.com/huandu/go-sqlbuilder"

	"github.com/openmibi/openmibi/internal/model"
)

const conjugateQuery = `SELECT id, panel_id, external_id, target, clone, mass, element, concentration, recommended_titer,
	titer, titer_units, volume, lot, manufacture_date, expiration_date, batch_id, is_draft, COALESCE(conjugate_id, id), position
	FROM conjugates`

func scanConjugate(r scanner) (c model.Conjugate, err error) {
	return c, r.Scan(&c.ID, &c.PanelID, &c.ExternalID, &c.Target, &c.Clone, &c.Mass, &c.Element, &c.Concentration, &c.RecommendedTiter,
		&c.Titer, &c.TiterUnits, &c.Volume, &c.Lot, &c.ManufactureDate, &c.ExpirationDate, &c.BatchID, &c.Draft, &c.ConjugateID, &c.Position)
}

// Conjugates returns the conjugates of a panel in its order.
func (q *Queries) Conjugates(ctx context.Context, panel int64) ([]model.Conjugate, error) {
	list, err := all(ctx, q, conjugateQuery+" WHERE panel_id = $1 ORDER BY position, id", []any{panel}, scanConjugate)
	return list, wrap(err, "load conjugates of panel %d", panel)
}

// KnownConjugates tells which antibody conjugates some panel uses that the
// viewer may see.
func (q *Queries) KnownConjugates(ctx context.Context, v Viewer, ids []int64) (map[int64]bool, error) {
	known := make(map[int64]bool, len(ids))
	for part := range slices.Chunk(ids, batch) {
		sb := flavor.NewSelectBuilder()
		sb.Select("COALESCE(c.conjugate_id, c.id)").Distinct().From("conjugates c").Join(panelList.table, "pl.id = c.panel_id")
		sb.Where(sb.Or(sb.In("c.conjugate_id", sqlbuilder.List(part)), sb.And("c.conjugate_id IS NULL", sb.In("c.id", sqlbuilder.List(part)))))
		if visible := panelList.visible(sb, v); visible != "" {
			sb.Where(visible)
		}
		query, args := sb.Build()
		found, err := all(ctx, q, query, args, scanInt64)
		if err != nil {
			return nil, wrap(err, "look up conjugates")
		}
		for _, id := range found {
			known[id] = true
		}
	}
	return known, nil
}
