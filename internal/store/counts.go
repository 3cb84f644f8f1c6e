package store

import "context"

// Counts are the sums that the start page shows.
type Counts struct {
	Runs, Images, Available, Failed, Queued int64
}

// Counts counts what the server holds, in all.
func (q *Queries) Counts(ctx context.Context) (Counts, error) {
	c, err := one(ctx, q, `SELECT (SELECT COUNT(*) FROM runs WHERE active), (SELECT COUNT(*) FROM images i JOIN runs r ON r.id = i.run_id WHERE i.active AND r.active),
		(SELECT COUNT(*) FROM images i JOIN runs r ON r.id = i.run_id WHERE i.active AND r.active AND instr(i.status, 'A') > 0),
		(SELECT COUNT(*) FROM images i JOIN runs r ON r.id = i.run_id WHERE i.active AND r.active AND instr(i.status, 'E') > 0),
		(SELECT COUNT(*) FROM jobs WHERE state IN ('queued', 'running'))`, nil,
		func(r scanner) (c Counts, err error) {
			return c, r.Scan(&c.Runs, &c.Images, &c.Available, &c.Failed, &c.Queued)
		})
	return c, wrap(err, "count")
}
