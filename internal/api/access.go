package api

import (
	"context"
	"errors"

	"github.com/openmibi/openmibi/internal/model"
	"github.com/openmibi/openmibi/internal/policy"
	"github.com/openmibi/openmibi/internal/store"
)

func policyAccount(v store.Viewer) policy.Account { return policy.Account{ID: v.ID, Admin: v.Admin} }

// ownershipOf is whose an object is; project nil means none.
func ownershipOf(project *model.Project, creator int64) policy.Ownership {
	o := policy.Ownership{CreatorID: creator}
	if project != nil {
		role, _ := policy.ParseRole(string(project.CallerRole))
		o.ProjectID, o.ProjectPublic, o.Role = project.ID, project.Public, role
	}
	return o
}

// mayEdit refuses a change of an object that the caller sees: 403, or 404
// where it should not even see it.
func (c *Call) mayEdit(project *model.Project, creator int64) error {
	switch policy.Edit(policyAccount(c.Viewer()), ownershipOf(project, creator)) {
	case policy.Allowed:
		return nil
	case policy.Forbidden:
		return forbidden("You may see this but not change it.")
	default:
		return notFoundProblem()
	}
}

// relation notes in g that the caller has no such object to relate to. Other
// errors are ours and are returned.
func (g *given) relation(name string, err error) error {
	if errors.Is(err, store.ErrNotFound) {
		g.bad(name, "There is no such object, or you may not see it.")
		return nil
	}
	return err
}

// projectTo reads the id of a project that the caller wants to put something
// into: it has to be able to edit there.
func (c *Call) projectTo(ctx context.Context, g *given, name string) (opt[int64], error) {
	id := g.id(name)
	if !id.has() {
		return id, nil
	}
	project, err := c.api.Store.Project(ctx, c.Viewer(), *id.Value)
	if err != nil {
		return id, g.relation(name, err)
	}
	if err := c.mayEdit(project, project.CreatorID); err != nil {
		return id, forbidden("You may see project %s but not add to it.", quote(project.Name))
	}
	return id, nil
}

// related reads the id of an object that the caller has to be able to see.
func related[T any](ctx context.Context, c *Call, g *given, name string, find func(context.Context, store.Viewer, int64) (T, error)) (opt[int64], error) {
	id := g.id(name)
	if !id.has() {
		return id, nil
	}
	_, err := find(ctx, c.Viewer(), *id.Value)
	return id, g.relation(name, err)
}

// forAll adapts the look-up of what every account may see.
func forAll[T any](find func(context.Context, int64) (T, error)) func(context.Context, store.Viewer, int64) (T, error) {
	return func(ctx context.Context, _ store.Viewer, id int64) (T, error) { return find(ctx, id) }
}

// aperture reads an aperture, given by its id or its code.
func (c *Call) aperture(ctx context.Context, g *given, name string) (o opt[int64], err error) {
	text, null, found := g.scalar(name)
	if !found {
		return o, nil
	}
	if null {
		return opt[int64]{Given: true}, nil
	}
	all, err := c.api.Store.Apertures(ctx)
	if err != nil {
		return o, err
	}
	for _, a := range all {
		if text == a.Code || text == formatID(a.ID) {
			return opt[int64]{true, &a.ID}, nil
		}
	}
	g.bad(name, "There is no aperture "+quote(text)+".")
	return o, nil
}
