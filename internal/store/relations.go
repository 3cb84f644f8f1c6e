package store

import (
	"context"
	"sync"

	"github.com/openmibi/openmibi/internal/model"
)

// relationCache remembers, ready made, what images and runs relate to: an image
// takes thirty look-ups else, and a page of images mostly the same ones. It is
// as old as a snapshot says: list_changes tells whether any of it has changed
// between the state it was read from and the one that is being read.
type relationCache struct {
	mu         sync.Mutex
	generation int64
	from, to   int64 // the states, by the number of the last change, that it holds for
	objects    map[relationKey]any
}

type relationKey struct {
	viewer Viewer
	kind   string
	id     int64
}

// maxRelations bounds the cache: some 15 MB.
const maxRelations = 40_000

// relationView is the cache as one snapshot may use it; nil holds nothing.
type relationView struct {
	cache      *relationCache
	generation int64
}

// at returns the cache for the state that a snapshot reads.
func (c *relationCache) at(ctx context.Context, q *Queries) (*relationView, error) {
	now, err := q.lastChange(ctx)
	if err != nil {
		return nil, wrap(err, "changes of relations")
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if now < c.from {
		return nil, nil // an older state than the cache is of
	}
	if now > c.to || c.objects == nil {
		first, err := one(ctx, q, "SELECT COALESCE(MIN(seq), 0) FROM list_changes", nil, scanInt64)
		if err != nil {
			return nil, wrap(err, "changes of relations")
		}
		others, err := one(ctx, q, "SELECT COUNT(*) FROM list_changes WHERE seq > $1 AND seq <= $2 AND kind <> 'image'", []any{c.to, now}, scanInt64)
		if err != nil {
			return nil, wrap(err, "changes of relations")
		}
		if c.objects == nil || others > 0 || first > c.to+1 {
			c.forget()
			c.from = now
		}
		c.to = now
	}
	return &relationView{c, c.generation}, nil
}

func (c *relationCache) forget() {
	c.generation++
	c.objects = map[relationKey]any{}
}

// get returns those of some objects that are known, and which are not.
func get[T any](r *relationView, v Viewer, kind string, ids []int64, into map[int64]T) (missing []int64) {
	r.cache.mu.Lock()
	defer r.cache.mu.Unlock()
	for _, id := range ids {
		if r.generation == r.cache.generation {
			if known, ok := r.cache.objects[relationKey{v, kind, id}].(T); ok {
				into[id] = known
				continue
			}
		}
		missing = append(missing, id)
	}
	return missing
}

func put[T any](r *relationView, v Viewer, kind string, objects map[int64]T) {
	r.cache.mu.Lock()
	defer r.cache.mu.Unlock()
	if r.generation != r.cache.generation {
		return // they are of a state that is over
	}
	if len(r.cache.objects)+len(objects) > maxRelations {
		for key := range r.cache.objects { // in no order: any will do
			if len(r.cache.objects)+len(objects) <= maxRelations*7/8 {
				break
			}
			delete(r.cache.objects, key)
		}
	}
	for id, object := range objects {
		if described(object) <= maxRemembered {
			r.cache.objects[relationKey{v, kind, id}] = object
		}
	}
}

// remembered loads objects of which many are known.
func remembered[T any](q *Queries, v Viewer, kind string, ids []int64, load func(ids []int64) (table[T], error)) (table[T], error) {
	if q.known == nil {
		return load(ids)
	}
	out := make(table[T], len(ids))
	missing := get(q.known, v, kind, ids, out)
	if len(missing) == 0 {
		return out, nil
	}
	fresh, err := load(missing)
	if err != nil {
		return nil, err
	}
	put(q.known, v, kind, fresh)
	for id, object := range fresh {
		out[id] = object
	}
	return out, nil
}

func (q *Queries) runMap(ctx context.Context, v Viewer, ids []int64) (table[model.Run], error) {
	return remembered(q, v, "run", ids, func(ids []int64) (table[model.Run], error) { return q.runRows(ctx, v, ids) })
}

func (q *Queries) sectionMap(ctx context.Context, v Viewer, ids []int64) (table[model.Section], error) {
	return remembered(q, v, "section", ids, func(ids []int64) (table[model.Section], error) { return q.sectionRows(ctx, v, ids) })
}

func (q *Queries) slideMap(ctx context.Context, v Viewer, ids []int64) (table[model.Slide], error) {
	return remembered(q, v, "slide", ids, func(ids []int64) (table[model.Slide], error) { return q.slideRows(ctx, v, ids) })
}

func (q *Queries) panelMap(ctx context.Context, v Viewer, ids []int64) (table[model.Panel], error) {
	return remembered(q, v, "panel", ids, func(ids []int64) (table[model.Panel], error) { return q.panelRows(ctx, v, ids) })
}

func (q *Queries) projectMap(ctx context.Context, v Viewer, ids []int64) (table[model.Project], error) {
	return remembered(q, v, "project", ids, func(ids []int64) (table[model.Project], error) { return q.projectRows(ctx, v, ids) })
}

func (q *Queries) tissueMap(ctx context.Context, ids []int64) (table[model.Tissue], error) {
	return remembered(q, Viewer{}, "tissue", ids, func(ids []int64) (table[model.Tissue], error) { return q.tissueRows(ctx, ids) })
}

func (q *Queries) instrumentMap(ctx context.Context, ids []int64) (table[model.Instrument], error) {
	return remembered(q, Viewer{}, "instrument", ids, func(ids []int64) (table[model.Instrument], error) { return q.instrumentRows(ctx, ids) })
}

// apertureMap loads all apertures: there are few.
func (q *Queries) apertureMap(ctx context.Context) (table[model.Aperture], error) {
	whole, err := remembered(q, Viewer{}, "apertures", []int64{0}, func([]int64) (table[table[model.Aperture]], error) {
		m, err := q.apertureRows(ctx)
		return table[table[model.Aperture]]{0: m}, err
	})
	return whole[0], err
}
