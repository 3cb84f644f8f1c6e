package api

import (
	"context"
	"errors"

	"github.com/openmibi/openmibi/internal/model"
	"github.com/openmibi/openmibi/internal/store"
)

// editing is a write under way: its fields, who asks, and the transaction that
// what they name is looked up in. The methods that read a field note what is
// wrong with it, or what failed; err tells.
type editing struct {
	*given
	c    *Call
	db   *store.Queries // of tx, where there is one
	tx   *store.Tx      // nil while nothing is written yet
	fail error          // the first that is no mistake in a field
}

// failed notes an error that is no mistake in a field. The first one counts.
func (e *editing) failed(err error) {
	if e.fail == nil {
		e.fail = err
	}
}

// err is what failed, or else the 400 with everything that was wrong, or nil.
func (e *editing) err() error {
	if e.fail != nil {
		return e.fail
	}
	return e.given.err()
}

// relation is a kind of object that others relate to by its id.
type relation[M any] struct {
	find  func(*store.Queries, context.Context, store.Viewer, int64) (*M, error)
	state func(*M) (id int64, active bool)
}

var (
	toTissue     = relation[model.Tissue]{forAll((*store.Queries).Tissue), func(t *model.Tissue) (int64, bool) { return t.ID, t.Active }}
	toInstrument = relation[model.Instrument]{forAll((*store.Queries).Instrument), func(n *model.Instrument) (int64, bool) { return n.ID, n.Active }}
	toSlide      = relation[model.Slide]{(*store.Queries).Slide, func(s *model.Slide) (int64, bool) { return s.ID, s.Active }}
	toPanel      = relation[model.Panel]{(*store.Queries).Panel, func(p *model.Panel) (int64, bool) { return p.ID, p.Active }}
	toSection    = relation[model.Section]{(*store.Queries).Section, func(s *model.Section) (int64, bool) { return s.ID, s.Active }}
)

// forAll adapts the look-up of what every account sees.
func forAll[M any](find func(*store.Queries, context.Context, int64) (*M, error)) func(*store.Queries, context.Context, store.Viewer, int64) (*M, error) {
	return func(q *store.Queries, ctx context.Context, _ store.Viewer, id int64) (*M, error) {
		return find(q, ctx, id)
	}
}

// related reads the id of a related object. The caller has to see it, and a
// deleted one can only stay where it is: now is what is related already, as the
// caller was shown it. Who was shown nothing clears nothing with null: what is
// hidden from them stays.
func related[M any](ctx context.Context, e *editing, name string, to relation[M], now *M) opt[int64] {
	id := e.id(name)
	if !id.has() && now == nil {
		return opt[int64]{}
	}
	if !id.has() {
		return id
	}
	found, err := to.find(e.db, ctx, e.c.Viewer(), *id.Value)
	if errors.Is(err, store.ErrNotFound) {
		e.bad(name, unknownRelation)
		return id
	}
	if err != nil {
		e.failed(err)
		return id
	}
	if _, active := to.state(found); !active && !is(to, now, *id.Value) {
		e.bad(name, deletedRelation)
	}
	return id
}

const (
	unknownRelation = "There is no such object, or you may not see it."
	deletedRelation = "This object is deleted."
)

// is tells whether the object now has this id.
func is[M any](to relation[M], now *M, id int64) bool {
	if now == nil {
		return false
	}
	have, _ := to.state(now)
	return have == id
}

// project reads the id of the project that an object is to be in: the caller
// has to be able to edit there. now is the project that it is in. What is
// taken out of its project is its creator's, so only that takes it out.
func (e *editing) project(ctx context.Context, name string, now *model.Project, creator int64) opt[int64] {
	id := e.id(name)
	if id.Given && id.Value == nil && now != nil && e.c.mayEdit(nil, creator) != nil {
		e.bad(name, "Only who made it takes it out of its project.")
	}
	if !id.has() {
		return id
	}
	project, err := e.db.Project(ctx, e.c.Viewer(), *id.Value)
	switch {
	case errors.Is(err, store.ErrNotFound):
		e.bad(name, unknownRelation)
	case err != nil:
		e.failed(err)
	case now != nil && now.ID == project.ID:
		// It stays where it is.
	case e.c.mayEdit(project, project.CreatorID) != nil:
		e.failed(forbidden("You may see project %s but not add to it.", quote(project.Name)))
	case !project.Active:
		e.bad(name, deletedRelation)
	}
	return id
}

// or is the object before, or what a new one begins as.
func or[M any](before *M, fresh M) M {
	if before == nil {
		return fresh
	}
	return *before
}
