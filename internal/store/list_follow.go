package store

import (
	"context"
	"database/sql"
	"fmt"
	"maps"
	"runtime/debug"
	"slices"
	"strings"
)

// follow brings the index to where the database is now. Whoever asks after a
// write was committed sees it: by this process, or by another one.
func (x *imageIndex) follow(ctx context.Context, q *Queries) error {
	seq, err := q.lastChange(ctx)
	if err != nil {
		return wrap(err, "changes of lists")
	}
	if x.loaded.Load() && seq <= x.seq.Load() {
		return nil
	}
	// Others wait for what is read now: it goes on if who asked has gone.
	return x.read(context.WithoutCancel(ctx), q)
}

// read reads what has changed, or everything at first.
func (x *imageIndex) read(ctx context.Context, q *Queries) error {
	x.following.Lock()
	defer x.following.Unlock()
	return q.snapshot(ctx, func(q *Queries) error { return x.catchUp(ctx, q) })
}

func (q *Queries) lastChange(ctx context.Context) (int64, error) {
	return one(ctx, q, "SELECT COALESCE(MAX(seq), 0) FROM list_changes", nil, scanInt64)
}

// catchUp reads what changed since, on one state of the database.
func (x *imageIndex) catchUp(ctx context.Context, q *Queries) error {
	last, err := q.lastChange(ctx)
	if err != nil {
		return wrap(err, "changes of lists")
	}
	if x.loaded.Load() && last <= x.seq.Load() {
		return nil
	}
	first, err := one(ctx, q, "SELECT COALESCE(MIN(seq), 0) FROM list_changes", nil, scanInt64)
	if err != nil {
		return wrap(err, "changes of lists")
	}
	if !x.loaded.Load() || first > x.seq.Load()+1 {
		return x.reload(ctx, q, last)
	}
	type change struct {
		kind string
		id   int64
	}
	changes, err := all(ctx, q, "SELECT DISTINCT kind, object_id FROM list_changes WHERE seq > $1 AND seq <= $2", []any{x.seq.Load(), last},
		func(r scanner) (c change, err error) { return c, r.Scan(&c.kind, &c.id) })
	if err != nil {
		return wrap(err, "changes of lists")
	}
	kinds, images, runs := map[string]bool{}, []int64{}, []int64{}
	for _, c := range changes {
		switch c.kind {
		case "image":
			images = append(images, c.id)
		case "run":
			runs = append(runs, c.id)
		default:
			kinds[c.kind] = true
		}
	}
	slices.Sort(images)
	// Read first, and change after: readers wait for no database, and a failure
	// leaves everything as it was.
	fresh := x.dims
	if err := fresh.load(ctx, q, kinds); err != nil {
		return err
	}
	changedRuns, err := q.loadRuns(ctx, runs)
	if err != nil {
		return wrap(err, "read runs for lists")
	}
	records, err := q.imageRecords(ctx, images)
	if err != nil {
		return wrap(err, "read images for lists")
	}
	if fresh.sets, err = x.freshSets(ctx, q, records); err != nil {
		return err
	}
	if len(records) < len(images) || len(changedRuns) < len(runs) { // somebody has deleted rows
		return x.reload(ctx, q, last)
	}
	if x.apply(fresh, changedRuns, records, len(kinds)+len(changedRuns) > 0) {
		x.seq.Store(last)
		return nil
	}
	return x.reload(ctx, q, last)
}

// freshSets are the sets of channels with those that images newly have.
func (x *imageIndex) freshSets(ctx context.Context, q *Queries, records []imageRecord) ([]setDim, error) {
	const set = 3 // in indexCodes
	wanted := map[int64]bool{}
	for _, r := range records {
		if id := r.codes[set]; id != 0 && at(x.sets, uint32(id)).names == nil {
			wanted[id] = true
		}
	}
	if len(wanted) == 0 {
		return x.sets, nil
	}
	d := dims{sets: slices.Clone(x.sets)}
	err := d.loadSets(ctx, q, slices.Sorted(maps.Keys(wanted)))
	return d.sets, err
}

// apply makes what was read visible to readers, at once.
func (x *imageIndex) apply(fresh dims, runs []named[runDim], records []imageRecord, relations bool) bool {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.dims = fresh
	changed := map[uint32]bool{}
	for _, r := range runs {
		if x.runAt(uint32(r.id)).scope != r.v.scope {
			changed[uint32(r.id)] = true
		}
		x.runs = place(x.runs, r.id, r.v)
	}
	if len(changed) > 0 {
		x.rescope(changed)
	}
	for i := range records {
		if !x.put(&records[i]) {
			x.loaded.Store(false) // and nobody reads what is half done
			return false
		}
	}
	if relations {
		x.caches.clear()
	} else {
		x.caches.clearRows()
	}
	return true
}

// reload reads everything. Readers wait: what is there is too old for them,
// and there is no room for both.
func (x *imageIndex) reload(ctx context.Context, q *Queries, last int64) error {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.loaded.Store(false)
	x.clear()
	x.dims = dims{}
	if err := x.load(ctx, q, nil); err != nil {
		return err
	}
	runs, err := q.loadRuns(ctx, nil)
	if err != nil {
		return wrap(err, "read runs for lists")
	}
	x.runs = byID(runs)
	sets, err := all(ctx, q, "SELECT id FROM channel_sets", nil, scanInt64)
	if err != nil {
		return wrap(err, "read sets of channels")
	}
	if err := x.loadSets(ctx, q, sets); err != nil {
		return err
	}
	if err := x.loadImages(ctx, q); err != nil {
		return wrap(err, "read images for lists")
	}
	x.seq.Store(last)
	x.loaded.Store(true)
	if len(x.ids) > 100_000 { // reading them has left a lot of garbage behind
		debug.FreeOSMemory()
	}
	return nil
}

func (x *imageIndex) loadImages(ctx context.Context, q *Queries) (err error) {
	count, err := one(ctx, q, "SELECT COUNT(*) FROM images", nil, scanInt64)
	if err != nil {
		return err
	}
	x.reserve(int(count))
	rows, err := q.x.QueryContext(ctx, recordColumns+" FROM images ORDER BY id")
	if err != nil {
		return err
	}
	if err := x.readImages(rows); err != nil {
		return err
	}
	extras, err := all(ctx, q, "SELECT DISTINCT image_id FROM extra_channels", nil, scanInt64)
	for _, id := range extras {
		if at, found := x.find(id); found {
			x.extras[at] = true
		}
	}
	return err
}

func (x *imageIndex) readImages(rows *sql.Rows) error {
	defer func() { _ = rows.Close() }() // Err says what went wrong
	for rows.Next() {
		r, err := scanRecord(rows)
		if err != nil {
			return err
		}
		if !x.put(&r) {
			return fmt.Errorf("image %d is out of order", r.id)
		}
	}
	return rows.Err()
}

var recordColumns = "SELECT id, run_id, COALESCE(project_id, 0), active, COALESCE(" + strings.Join(indexCodes, ", 0), COALESCE(") + ", 0), " +
	strings.Join(slices.Concat(indexTexts, indexInts, indexReals), ", ")

func scanRecord(r scanner) (d imageRecord, err error) {
	c, t, n := &d.codes, &d.texts, &d.reals
	return d, r.Scan(&d.id, &d.run, &d.project, &d.active, &c[0], &c[1], &c[2], &c[3], &t[0], &t[1], &t[2], &t[3], &t[4], &t[5], &t[6],
		&d.ints[0], &d.ints[1], &n[0], &n[1], &n[2], &n[3], &n[4], &n[5], &n[6], &n[7])
}

// imageRecords reads images by their ids, which are in ascending order.
func (q *Queries) imageRecords(ctx context.Context, ids []int64) ([]imageRecord, error) {
	records, err := byIDs(ctx, q, recordColumns+" FROM images WHERE id IN (%s) ORDER BY id", ids, scanRecord)
	if err != nil {
		return nil, err
	}
	extras, err := q.extraNames(ctx, ids)
	for i := range records {
		records[i].extras = len(extras[records[i].id]) > 0
	}
	return records, err
}
