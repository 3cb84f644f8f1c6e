package api

import (
	"context"
	"net/http"

	"github.com/openmibi/openmibi/internal/store"
)

// resource is a kind of object whose routes are all alike: what it has of its
// own is said here, and its list, get, create, change and remove follow.
//
// Whatever a write checks, it checks in the transaction that writes: no other
// request slips in between.
type resource[M, T any] struct {
	listing func() store.Listing[M]
	// find loads an object that the viewer may see, deleted or not.
	find func(*store.Queries, context.Context, store.Viewer, int64) (*M, error)
	// wire shows objects to a viewer.
	wire func(store.Viewer) func(M) T
	// encoders write the rows of lists as wire shows them. Nil: encoding/json does.
	encoders func() encoder[M]
	// mayAdd refuses who may add no object. Nil: every account adds.
	mayAdd func(*Call) error
	// mayEdit refuses who may not change an object that it sees.
	mayEdit func(*Call, *M) error
	// mayRemove refuses to delete what may be changed. Nil: all of it.
	mayRemove func(*M) error
	// write reads the fields and writes them: to the object before, or to a new
	// one where that is nil. It returns the object's id, and asks e.err before
	// it writes anything.
	write func(ctx context.Context, e *editing, before *M) (int64, error)
	// update changes columns of an object.
	update func(*store.Tx, context.Context, int64, []store.Change) error
}

// toAll is wire for what looks the same to everyone who sees it.
func toAll[M, T any](wire func(M) T) func(store.Viewer) func(M) T {
	return func(store.Viewer) func(M) T { return wire }
}

// list is GET of a resource's list.
func (r *resource[M, T]) list(c *Call, _ http.ResponseWriter, _ *http.Request) error {
	if r.encoders != nil {
		return listAs(c, r.listing(), nil, r.encoders)
	}
	return list(c, r.listing(), nil, r.wire(c.Viewer()))
}

// get is GET of one object, for deleted ones, too.
func (r *resource[M, T]) get(ctx context.Context, c *Call, in *byID) (*reply[T], error) {
	found, err := r.find(c.api.Store.Queries, ctx, c.Viewer(), in.ID)
	if err != nil {
		return nil, err
	}
	return ok(r.wire(c.Viewer())(*found)), nil
}

// create is POST.
func (r *resource[M, T]) create(ctx context.Context, c *Call, _ *none) (*written[T], error) {
	if r.mayAdd != nil {
		if err := r.mayAdd(c); err != nil {
			return nil, err
		}
	}
	g, err := c.given(nil)
	if err != nil {
		return nil, err
	}
	return write(ctx, c, func(tx *store.Tx) (T, error) { return r.save(ctx, c, g, tx, nil) })
}

// change is PUT and PATCH: the fields given change, the others stay.
func (r *resource[M, T]) change(ctx context.Context, c *Call, in *byID) (*reply[T], error) {
	// Who may not change it is told so before its body is read.
	if _, err := r.toEdit(ctx, c, c.api.Store.Queries, in.ID); err != nil {
		return nil, err
	}
	g, err := c.given(nil)
	if err != nil {
		return nil, err
	}
	var out T
	err = c.write(ctx, func(tx *store.Tx) error {
		before, err := r.toEdit(ctx, c, tx.Queries, in.ID)
		if err != nil {
			return err
		}
		out, err = r.save(ctx, c, g, tx, before)
		return err
	})
	if err != nil {
		return nil, err
	}
	return ok(out), nil
}

// remove is DELETE: the object is hidden.
func (r *resource[M, T]) remove(ctx context.Context, c *Call, in *byID) (*nothing, error) {
	err := c.write(ctx, func(tx *store.Tx) error {
		before, err := r.toEdit(ctx, c, tx.Queries, in.ID)
		if err != nil {
			return err
		}
		if r.mayRemove != nil {
			if err := r.mayRemove(before); err != nil {
				return err
			}
		}
		return r.update(tx, ctx, in.ID, changes{{Column: "active", Value: false}})
	})
	if err != nil {
		return nil, err
	}
	return &nothing{}, nil
}

// toEdit loads an object that the caller may change.
func (r *resource[M, T]) toEdit(ctx context.Context, c *Call, db *store.Queries, id int64) (*M, error) {
	found, err := r.find(db, ctx, c.Viewer(), id)
	if err != nil {
		return nil, err
	}
	return found, r.mayEdit(c, found)
}

// save writes the fields and shows what came of it.
func (r *resource[M, T]) save(ctx context.Context, c *Call, g *given, tx *store.Tx, before *M) (out T, _ error) {
	id, err := r.write(ctx, &editing{given: g, c: c, db: tx.Queries, tx: tx}, before)
	if err != nil {
		return out, err
	}
	return show(r.wire(c.Viewer()))(r.find(tx.Queries, ctx, c.Viewer(), id))
}

// columns makes write for a kind of object that is nothing but columns. fields
// reads them: for the object before, or for a new one where that is nil.
func columns[M any](
	fields func(context.Context, *editing, *M) changes, id func(*M) int64,
	add func(*store.Tx, context.Context, int64, []store.Change) (int64, error),
	update func(*store.Tx, context.Context, int64, []store.Change) error,
) func(context.Context, *editing, *M) (int64, error) {
	return func(ctx context.Context, e *editing, before *M) (int64, error) {
		ch := fields(ctx, e, before)
		if before != nil {
			change(&ch, "active", e.boolean("active"))
		}
		if err := e.err(); err != nil {
			return 0, err
		}
		if before == nil {
			return add(e.tx, ctx, e.c.Account.ID, ch)
		}
		return id(before), update(e.tx, ctx, id(before), ch)
	}
}
