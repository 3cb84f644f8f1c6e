package store

import (
	"context"
	"slices"

	"github.com/openmibi/openmibi/internal/model"
)

var projectList = list{
	table: "projects p", alias: "p",
	joins: map[string]join{"creator": {on: "accounts a ON a.id = p.created_by"}},
	fields: Fields{
		"id": field(KindInt, "p.id"), "name": text("p.name"), "description": text("p.description"),
		"is_public": field(KindBool, "p.is_public"), "can_share_images": field(KindBool, "p.can_share_images"),
		"created_by": field(KindTextFold, "a.email").via("creator"), "edit_date": text("p.edited_at"),
	},
	visible: projectVisible("p.id", "p.created_by"),
}

// Project returns a project that the viewer may see.
func (q *Queries) Project(ctx context.Context, v Viewer, id int64) (*model.Project, error) {
	if err := projectList.sees(ctx, q, v, id); err != nil {
		return nil, err
	}
	m, err := q.projectMap(ctx, v, []int64{id})
	if err != nil {
		return nil, err
	}
	return m.find(id)
}

// ProjectRole returns the account's role in a project, and whether the
// project is open to every account.
func (q *Queries) ProjectRole(ctx context.Context, account, project int64) (model.Role, bool, error) {
	type answer struct {
		role   model.Role
		public bool
	}
	a, err := one(ctx, q, `SELECT COALESCE(m.role, ''), p.is_public FROM projects p
		LEFT JOIN project_members m ON m.project_id = p.id AND m.account_id = $1 WHERE p.id = $2`,
		[]any{account, project}, func(r scanner) (a answer, err error) { return a, r.Scan(&a.role, &a.public) })
	return a.role, a.public, err
}

// AddProject adds a project with these columns; its creator becomes its
// manager. A name that the creator has given already is a [ConflictError].
func (t *Tx) AddProject(ctx context.Context, creator int64, columns []Change) (int64, error) {
	id, err := t.add(ctx, "projects", append(createdBy(creator, columns), Change{"edited_at", formatTime(t.now())}))
	if err != nil {
		return 0, orTaken(err, "name", columns)
	}
	return id, t.SetProjectRole(ctx, id, creator, model.RoleManager)
}

// UpdateProject changes columns of a project, and when it was changed. A name
// that its creator has given already is a [ConflictError].
func (t *Tx) UpdateProject(ctx context.Context, id int64, changes []Change) error {
	if len(changes) == 0 {
		return nil
	}
	all := append(slices.Clip(changes), Change{"edited_at", formatTime(t.now())})
	return orTaken(t.update(ctx, "projects", id, all), "name", changes)
}

// ProjectChanged notes that a project was changed now, by what is no column of
// it: its members.
func (t *Tx) ProjectChanged(ctx context.Context, id int64) error {
	return t.update(ctx, "projects", id, []Change{{"edited_at", formatTime(t.now())}})
}

// projectRows loads projects as the viewer is to see them: with its own rights.
func (q *Queries) projectRows(ctx context.Context, v Viewer, ids []int64) (table[model.Project], error) {
	list, err := byIDs(ctx, q, `SELECT p.id, p.name, p.description, p.is_public, p.can_share_images, p.created_by,
		a.email, p.edited_at, p.active FROM projects p JOIN accounts a ON a.id = p.created_by WHERE p.id IN (%s)`, ids,
		func(r scanner) (p model.Project, err error) {
			var edited string
			err = r.Scan(&p.ID, &p.Name, &p.Description, &p.Public, &p.ShareImages, &p.CreatorID, &p.CreatorEmail, &edited, &p.Active)
			p.EditedAt = parseTime(edited)
			return p, err
		})
	if err != nil || len(list) == 0 {
		return nil, wrap(err, "load projects")
	}
	type member struct {
		project int64
		role    model.Role
	}
	members, err := all(ctx, q, "SELECT project_id, role FROM project_members WHERE account_id = $1", []any{v.ID},
		func(r scanner) (m member, err error) { return m, r.Scan(&m.project, &m.role) })
	if err != nil {
		return nil, wrap(err, "load roles")
	}
	roles := make(map[int64]model.Role, len(members))
	for _, m := range members {
		roles[m.project] = m.role
	}
	for i := range list {
		p := &list[i]
		p.CallerRole, p.CallerIsAdmin = roles[p.ID], v.Admin
	}
	return tableOf(list, func(p model.Project) int64 { return p.ID }), nil
}
