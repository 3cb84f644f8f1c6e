package cli

import (
	"github.com/spf13/cobra"

	"github.com/openmibi/openmibi/internal/server"
)

func newUserList(g *globals) *cobra.Command {
	var data string
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List the accounts",
		Long: "List all accounts, in the order they were made: address, name, role, state (active,\n" +
			"invited: without a password yet, disabled), the last login.",
		Example: "  mibi user list --data /srv/mibi\n" +
			"  mibi user list --data /srv/mibi --jq '.[] | select(.is_admin) | .email'",
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			users, err := server.Users(cmd.Context(), data)
			if err != nil {
				return err
			}
			reports := make([]userReport, len(users))
			for i, u := range users {
				reports[i] = userReportOf(u)
			}
			return g.report(reports, func(t *table) {
				t.head("EMAIL", "NAME", "ROLE", "STATE", "LAST LOGIN")
				for _, u := range reports {
					t.row(u.Email, u.Name, u.role(), u.state(), u.LastLogin)
				}
			})
		},
	}
	dataFlag(cmd.Flags(), &data)
	return cmd
}

func (u userReport) role() string {
	if u.IsAdmin {
		return "admin"
	}
	return "user"
}

func (u userReport) state() string {
	switch {
	case !u.Active:
		return "disabled"
	case u.Invited:
		return "invited"
	}
	return "active"
}
