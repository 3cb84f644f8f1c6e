package store

import "context"

// Counts are the sums that the start page shows.
type Counts struct {
	Runs, Images, Available, Failed, Queued int64
}

// Counts counts what the server holds, in all.
func (q *Queries) Counts(ctx context.Context) (Counts, error) {
	c, err := one(ctx, q, `SELECT (SELECT COUNT(*) FROM runs WHERE active), (SELECT COUNT(*) FROM jobs WHERE state IN ('queued', 'running'))`, nil,
		func(r scanner) (c Counts, err error) { return c, r.Scan(&c.Runs, &c.Queued) })
	if err != nil {
		return c, wrap(err, "count")
	}
	for status, n := range map[string]*int64{"": &c.Images, "A": &c.Available, "E": &c.Failed} {
		query := Query{}
		if status != "" {
			query.Conds = []Cond{{Field: "status", Values: []any{status}}}
		}
		if *n, err = ImageListing().Count(ctx, q, Viewer{Admin: true}, query); err != nil {
			return c, err
		}
	}
	return c, nil
}
