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
