package store

import (
	"context"

	"github.com/openmibi/openmibi/internal/model"
)

// Listing is one kind of object as a list that is read in two steps: the ids
// of all that match first, then rows by the handful. So a list of any length
// is written in constant memory, and nothing is held open meanwhile.
type Listing[T any] struct {
	list list
	load func(*Queries, context.Context, Viewer, []int64) ([]T, error)
}

// Fields are what the list can be filtered and ordered by.
func (l Listing[T]) Fields() Fields { return l.list.fields }

// IDs returns the ids of a part of the objects that the viewer may see.
func (l Listing[T]) IDs(ctx context.Context, q *Queries, v Viewer, query Query) ([]int64, error) {
	if l.inMemory(q, query) {
		f, err := q.images.ask(ctx, q, v, query)
		return f.ids, wrap(err, "list %s", l.list.table)
	}
	ids, err := l.list.ids(ctx, q, v, query)
	return ids, wrap(err, "list %s", l.list.table)
}

// Count counts the objects that the viewer may see.
func (l Listing[T]) Count(ctx context.Context, q *Queries, v Viewer, query Query) (int64, error) {
	if l.inMemory(q, query) {
		query.Order, query.Offset, query.Limit = nil, 0, 1
		f, err := q.images.ask(ctx, q, v, query)
		return int64(f.count), wrap(err, "count %s", l.list.table)
	}
	n, err := l.list.count(ctx, q, v, query)
	return n, wrap(err, "count %s", l.list.table)
}

// Page returns the ids of a part of the objects that the viewer may see, and
// how many there are in all.
func (l Listing[T]) Page(ctx context.Context, q *Queries, v Viewer, query Query) (ids []int64, count int64, err error) {
	if l.inMemory(q, query) {
		f, err := q.images.ask(ctx, q, v, query)
		return f.ids, int64(f.count), wrap(err, "list %s", l.list.table)
	}
	if ids, err = l.IDs(ctx, q, v, query); err == nil {
		count, err = l.Count(ctx, q, v, query)
	}
	return ids, count, err
}

// inMemory tells whether a query is answered from memory: inside a transaction
// it is not, since only that sees what it has written.
func (l Listing[T]) inMemory(q *Queries, query Query) bool {
	return l.list.indexed && q.images != nil && indexed(l.list.fields, query)
}

// Load returns objects in the order of ids, without those that went away, or
// that the viewer may see no more: a long list is read for minutes.
func (l Listing[T]) Load(ctx context.Context, q *Queries, v Viewer, ids []int64) (out []T, err error) {
	if v.Admin {
		return l.load(q, ctx, v, ids)
	}
	err = q.snapshot(ctx, func(q *Queries) error {
		allowed, err := l.list.allowed(ctx, q, v, ids)
		if err != nil {
			return err
		}
		still := make([]int64, 0, len(ids))
		for _, id := range ids {
			if allowed[id] {
				still = append(still, id)
			}
		}
		out, err = l.load(q, ctx, v, still)
		return err
	})
	return out, err
}

// RunListing lists runs with their images.
func RunListing() Listing[model.Run] {
	return Listing[model.Run]{runList, (*Queries).RunsByID}
}

// ImageListing lists images, without where their files are, who made the images,
// and when. Fields that begin with "search." are for the
// advanced search, and no filters of the list.
func ImageListing() Listing[model.Image] {
	return Listing[model.Image]{imageList, (*Queries).listedImages}
}

// ProjectListing lists projects.
func ProjectListing() Listing[model.Project] {
	return Listing[model.Project]{projectList, picked((*Queries).projectMap)}
}

// SlideListing lists slides.
func SlideListing() Listing[model.Slide] {
	return Listing[model.Slide]{slideList, picked((*Queries).slideMap)}
}

// SectionListing lists sections.
func SectionListing() Listing[model.Section] {
	return Listing[model.Section]{sectionList, picked((*Queries).sectionMap)}
}

// PanelListing lists panels with all that they have.
func PanelListing() Listing[model.Panel] {
	return Listing[model.Panel]{panelList, (*Queries).panelsByID}
}

// ImageSetListing lists image sets.
func ImageSetListing() Listing[model.ImageSet] {
	return Listing[model.ImageSet]{imageSetList, (*Queries).imageSetsByID}
}

// InstrumentListing lists instruments.
func InstrumentListing() Listing[model.Instrument] {
	return Listing[model.Instrument]{instrumentList, picked(forEveryone((*Queries).instrumentMap))}
}

// TissueListing lists tissues. They are the lab's common vocabulary: every
// account reads them.
func TissueListing() Listing[model.Tissue] {
	return Listing[model.Tissue]{tissueList, picked(forEveryone((*Queries).tissueMap))}
}

func picked[T any](load func(*Queries, context.Context, Viewer, []int64) (table[T], error)) func(*Queries, context.Context, Viewer, []int64) ([]T, error) {
	return func(q *Queries, ctx context.Context, v Viewer, ids []int64) ([]T, error) {
		m, err := load(q, ctx, v, ids)
		return pick(m, ids), err
	}
}

func forEveryone[T any](load func(*Queries, context.Context, []int64) (table[T], error)) func(*Queries, context.Context, Viewer, []int64) (table[T], error) {
	return func(q *Queries, ctx context.Context, _ Viewer, ids []int64) (table[T], error) {
		return load(q, ctx, ids)
	}
}
