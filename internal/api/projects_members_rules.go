package api

import (
	"context"
	"strings"

	"github.com/openmibi/openmibi/internal/model"
	"github.com/openmibi/openmibi/internal/policy"
	"github.com/openmibi/openmibi/internal/store"
)

const maxMembers = 1000 // of a project

// member finds a member of a project. demoted: it is to be a manager no more,
// which the last one cannot be but for administrators, who can name another.
func (c *Call) member(ctx context.Context, tx *store.Tx, project *model.Project, account int64, demoted bool) (m model.Member, err error) {
	members, err := tx.Members(ctx, project.ID)
	if err != nil {
		return m, err
	}
	found := findMember(members, account)
	if found == nil {
		return m, notFoundProblem()
	}
	if demoted && found.Role == model.RoleManager && c.may(policy.Orphan, project, project.CreatorID) != nil {
		for _, other := range members {
			if other.AccountID != found.AccountID && other.Role == model.RoleManager && other.Active {
				return *found, nil
			}
		}
		return m, fieldProblem(nonField, "%s is the last manager of the project. Make another member a manager first, or ask an administrator.", quote(found.Email))
	}
	return *found, nil
}

func findMember(members []model.Member, account int64) *model.Member {
	for i := range members {
		if members[i].AccountID == account {
			return &members[i]
		}
	}
	return nil
}

// setRole writes a member's role, and that the project has changed.
func setRole(ctx context.Context, tx *store.Tx, project int64, m model.Member) error {
	if err := tx.SetProjectRole(ctx, project, m.AccountID, m.Role); err != nil {
		return err
	}
	return tx.ProjectChanged(ctx, project)
}

// roleNames are the roles of members, from the least.
var roleNames = []string{policy.RoleViewer.String(), policy.RoleEditor.String(), policy.RoleManager.String()}

// role reads a member's role.
func (g *given) role(required bool) (o opt[model.Role]) {
	text := g.filled("role", maxName, required)
	if !text.has() || g.wrong["role"] != nil {
		return o
	}
	for _, name := range roleNames {
		if *text.Value == name {
			role := model.Role(name)
			return opt[model.Role]{true, &role}
		}
	}
	g.bad("role", "Use one of "+strings.Join(roleNames, ", ")+".")
	return o
}
