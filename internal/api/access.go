package api

import (
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

// may refuses an action on an object in a project, or, where that is nil, on
// one of an account's own.
func (c *Call) may(action policy.Action, project *model.Project, creator int64) error {
	return refuse(policy.Decide(action, policyAccount(c.Viewer()), ownershipOf(project, creator)))
}

// mayEdit refuses a change of an object that the caller sees: 403, or 404
// where it should not even see it.
func (c *Call) mayEdit(project *model.Project, creator int64) error {
	return c.may(policy.Edit, project, creator)
}

// mayManage refuses a change of a project itself.
func (c *Call) mayManage(project *model.Project) error {
	return c.may(policy.Manage, project, project.CreatorID)
}

// mayEditWord refuses a change of the lab's vocabulary. creator 0 is for what
// administrators alone make.
func (c *Call) mayEditWord(creator int64) error {
	return refuse(policy.Decide(policy.Edit, policyAccount(c.Viewer()), policy.Vocabulary(creator)))
}

// mayAddWord refuses an addition to what administrators alone make.
func (c *Call) mayAddWord() error {
	if c.mayEditWord(0) != nil {
		return forbidden("This is for administrators.")
	}
	return nil
}

// isAdministrator tells whether the caller may do what is the administrators'.
func (c *Call) isAdministrator() bool {
	return policy.CanEdit(policyAccount(c.Viewer()), policy.Server())
}
