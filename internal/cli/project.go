package cli

import (
	"github.com/spf13/cobra"

	"github.com/openmibi/openmibi/mibitracker"
)

func newProject(g *globals) *cobra.Command {
	c := &catalog[mibitracker.Project]{
		g: g, kind: projects, one: "a project", many: "projects",
		short: "Find, make and change projects",
		about: "A project holds runs, slides, sections and panels, and says who may see and edit\n" +
			"them. Its members are at mibi api /projects/ID/members/. To add one:\n\n" +
			"  mibi api /projects/1/members/ -f email=ann@example.org -f role=viewer",
		fields: "It needs a name; you\nbecome its manager. Further fields: description, is_public (every account reads it),\ncan_share_images (its images may join other projects' image sets).",
		heads:  []string{"ID", "NAME", "YOUR RIGHTS", "PUBLIC", "DESCRIPTION"}, columns: "id, name,\nwhat you may do in it, whether it is public, description",
		cells: func(p *mibitracker.Project) []any {
			return []any{p.ID, p.Name, projectRights(p), yesNo(p.IsPublic), p.Description}
		},
		show:    showProject,
		filters: []listFilter{nameFilter()},
		sample:  sample{id: "Liver", filter: "--name Liver", fields: "-f name=Liver -f description='liver cohort'", change: "-f is_public=true"},
	}
	return c.command(c.create())
}

func showProject(t *table, p *mibitracker.Project) {
	t.field("ID", p.ID)
	t.field("Name", p.Name)
	t.field("Description", p.Description)
	t.field("Your rights", projectRights(p))
	t.field("Public", yesNo(p.IsPublic))
	t.field("Shares images", yesNo(p.CanShareImages))
	t.field("Made by", p.CreatedBy)
	t.field("Changed", p.EditDate)
}

// projectRights is the most that the caller may do in a project.
func projectRights(p *mibitracker.Project) string {
	switch {
	case p.IsAdmin:
		return "manage"
	case p.CanEdit:
		return "edit"
	case p.CanView:
		return "view"
	}
	return ""
}

func yesNo(v bool) string {
	if v {
		return "yes"
	}
	return "no"
}
