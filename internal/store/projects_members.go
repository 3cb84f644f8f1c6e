package store

import (
	"context"

	"github.com/openmibi/openmibi/internal/model"
)

// Members returns a project's members by their addresses, also those whose
// accounts were deleted. Whether they are for the viewer is the caller's to ask.
func (q *Queries) Members(ctx context.Context, project int64) ([]model.Member, error) {
	list, err := all(ctx, q, `SELECT a.id, a.email, m.role, a.active FROM project_members m JOIN accounts a ON a.id = m.account_id
		WHERE m.project_id = $1 ORDER BY a.email`, []any{project}, func(r scanner) (m model.Member, err error) {
		return m, r.Scan(&m.AccountID, &m.Email, &m.Role, &m.Active)
	})
	return list, wrap(err, "members of project %d", project)
}

// SetProjectRole gives an account a role in a project, or takes it away with
// [model.RoleNone].
func (t *Tx) SetProjectRole(ctx context.Context, project, account int64, role model.Role) error {
	email, err := one(ctx, t.Queries, "SELECT email FROM accounts WHERE id = $1", []any{account}, scanString)
	if err != nil {
		return wrap(err, "member of project %d", project)
	}
	old, err := all(ctx, t.Queries, "DELETE FROM project_members WHERE project_id = $1 AND account_id = $2 RETURNING role", []any{project, account}, scanString)
	if err != nil {
		return wrap(err, "member of project %d", project)
	}
	t.noteMember(project, email, old, role)
	if role == model.RoleNone {
		return nil
	}
	_, err = t.exec(ctx, "INSERT INTO project_members (project_id, account_id, role) VALUES ($1, $2, $3)", project, account, role)
	return wrap(err, "member of project %d", project)
}
