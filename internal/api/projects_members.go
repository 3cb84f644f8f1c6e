package api

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"github.com/openmibi/openmibi/internal/model"
	"github.com/openmibi/openmibi/internal/policy"
	"github.com/openmibi/openmibi/internal/store"
)

// wireMember is an account in a project: ID and Active are the account's.
type wireMember struct {
	ID     int64  `json:"id"`
	Email  string `json:"email"`
	Role   string `json:"role"`
	Active bool   `json:"active"`
}

func memberWire(m model.Member) wireMember {
	return wireMember{m.AccountID, m.Email, string(m.Role), m.Active}
}

// memberID is the input of a handler for one member of a project.
type memberID struct {
	ID      int64 `path:"id"`
	Account int64 `path:"account"`
}

// listMembers is GET /projects/{id}/members/, for those who belong to the
// project and for administrators: that a project is public is no reason to
// tell everybody who works in it.
func (a *API) listMembers(c *Call, _ http.ResponseWriter, r *http.Request) error {
	id, err := c.ID("id")
	if err != nil {
		return err
	}
	project, err := a.Store.Project(r.Context(), c.Viewer(), id)
	if err != nil {
		return err
	}
	if c.may(policy.KnowMembers, project, project.CreatorID) != nil {
		return forbidden("Only members of project %s may see who they are.", quote(project.Name))
	}
	rows, err := a.Store.Members(r.Context(), id)
	if err != nil {
		return err
	}
	return list(c, memberList(rows), nil, memberWire)
}

func memberList(rows []model.Member) memoryList[model.Member] {
	return memoryList[model.Member]{
		rows: rows,
		values: map[string]func(model.Member) any{
			"id":    func(m model.Member) any { return m.AccountID },
			"email": func(m model.Member) any { return m.Email },
			"role":  func(m model.Member) any { return string(m.Role) },
		},
		kinds: map[string]store.Kind{"id": store.KindInt},
	}
}

// addMember is POST /projects/{id}/members/, for managers.
func (a *API) addMember(ctx context.Context, c *Call, in *byID) (*written[wireMember], error) {
	if _, err := projects.toEdit(ctx, c, a.Store.Queries, in.ID); err != nil {
		return nil, err
	}
	g, err := c.given(nil)
	if err != nil {
		return nil, err
	}
	email, role := g.filled("email", maxName, true), g.role(true)
	if err := g.err(); err != nil {
		return nil, err
	}
	return write(ctx, c, func(tx *store.Tx) (made wireMember, err error) {
		if _, err := projects.toEdit(ctx, c, tx.Queries, in.ID); err != nil {
			return made, err
		}
		account, err := tx.AccountByEmail(ctx, strings.TrimSpace(*email.Value))
		if errors.Is(err, store.ErrNotFound) || err == nil && !account.Active {
			return made, fieldProblem("email", "There is no account with the address %s.", quote(*email.Value))
		}
		if err != nil {
			return made, err
		}
		members, err := tx.Members(ctx, in.ID)
		if err != nil {
			return made, err
		}
		if findMember(members, account.ID) != nil {
			return made, fieldProblem("email", "%s is a member already.", quote(account.Email))
		}
		if len(members) >= maxMembers {
			return made, fieldProblem(nonField, "The project has %d members already.", len(members))
		}
		m := model.Member{AccountID: account.ID, Email: account.Email, Role: *role.Value, Active: true}
		return memberWire(m), setRole(ctx, tx, in.ID, m)
	})
}

// changeMember is PUT and PATCH /projects/{id}/members/{account}/, for managers.
func (a *API) changeMember(ctx context.Context, c *Call, in *memberID) (*reply[wireMember], error) {
	if _, err := projects.toEdit(ctx, c, a.Store.Queries, in.ID); err != nil {
		return nil, err
	}
	g, err := c.given(nil)
	if err != nil {
		return nil, err
	}
	role := g.role(false)
	if err := g.err(); err != nil {
		return nil, err
	}
	var m model.Member
	err = c.write(ctx, func(tx *store.Tx) error {
		project, err := projects.toEdit(ctx, c, tx.Queries, in.ID)
		if err != nil {
			return err
		}
		m, err = c.member(ctx, tx, project, in.Account, role.has() && *role.Value != model.RoleManager)
		if err != nil || !role.has() || *role.Value == m.Role {
			return err
		}
		m.Role = *role.Value
		return setRole(ctx, tx, in.ID, m)
	})
	if err != nil {
		return nil, err
	}
	return ok(memberWire(m)), nil
}

// removeMember is DELETE /projects/{id}/members/{account}/, for managers, and
// for whoever leaves.
func (a *API) removeMember(ctx context.Context, c *Call, in *memberID) (*nothing, error) {
	err := c.write(ctx, func(tx *store.Tx) error {
		project, err := tx.Project(ctx, c.Viewer(), in.ID)
		if err != nil {
			return err
		}
		leaves := in.Account == c.Account.ID && c.may(policy.Leave, project, project.CreatorID) == nil
		if err := c.mayManage(project); err != nil && !leaves {
			return err
		}
		m, err := c.member(ctx, tx, project, in.Account, true)
		if err != nil {
			return err
		}
		m.Role = model.RoleNone
		return setRole(ctx, tx, in.ID, m)
	})
	if err != nil {
		return nil, err
	}
	return &nothing{}, nil
}
