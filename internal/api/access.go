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

// refuse makes an answer of a decision: nil where it allows.
func refuse(d policy.Decision) error {
	switch d {
	case policy.Allowed:
		return nil
	case policy.Forbidden:
		return forbidden("You may see this but not change it.")
	default:
		return notFoundProblem()
	}
}

// mayEdit refuses a change of an object that the caller sees: 403, or 404
// where it should not even see it.
func (c *Call) mayEdit(project *model.Project, creator int64) error {
	return refuse(policy.Edit(policyAccount(c.Viewer()), ownershipOf(project, creator)))
}

// mayManage refuses a change of a project itself.
func (c *Call) mayManage(project *model.Project) error {
	return refuse(policy.Manage(policyAccount(c.Viewer()), ownershipOf(project, project.CreatorID)))
}

// mayEditWord refuses a change of the lab's vocabulary. creator 0 is for what
// administrators alone make.
func (c *Call) mayEditWord(creator int64) error {
	return refuse(policy.EditVocabulary(policyAccount(c.Viewer()), creator))
}

// relation notes in g that the caller has no such object to relate to. Other
// errors are ours and are returned.
func (g *given) relation(name string, err error) error {
	if errors.Is(err, store.ErrNotFound) {
		g.bad(name, unknownRelation)
		return nil
	}
	return err
}

// projectTo reads the id of a project that the caller wants to put something
// new into: it has to be able to edit there.
func (c *Call) projectTo(ctx context.Context, g *given, name string) (opt[int64], error) {
	e := &editing{given: g, c: c, db: c.api.Store.Queries}
	return e.project(ctx, name, nil, c.Account.ID), e.fail
}
