package cli

import (
	"time"

	"github.com/spf13/cobra"
)

func newKeyList(g *globals) *cobra.Command {
	place := keyPlace{g: g}
	var user string
	var all bool
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List API keys",
		Long: "List the API keys that are not revoked, in the order they were made: number, owner,\n" +
			"name, scope, state (active or expired, with --all revoked too), end, last use. The\n" +
			"keys themselves are kept nowhere.\n\n" + keyPlaces,
		Example: "  mibi key list --data /srv/mibi\n" +
			"  mibi key list --user ann@example.org --all --data /srv/mibi --json",
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			keys, err := place.open(cmd.Context(), cmd)
			if err != nil {
				return err
			}
			list, err := keys.list(cmd.Context(), user, all)
			if err != nil {
				return err
			}
			now := time.Now()
			return g.report(list, func(t *table) {
				t.head("ID", "OWNER", "NAME", "SCOPE", "STATE", "ENDS", "LAST USED")
				for _, k := range list {
					t.row(k.ID, k.User.Email, k.Name, k.Scope, k.state(now), k.ExpiresAt, k.LastUsed)
				}
			})
		},
	}
	place.register(cmd)
	cmd.Flags().StringVar(&user, "user", "", "only keys of the account with this e-mail `address`")
	cmd.Flags().BoolVar(&all, "all", false, "revoked ones, too")
	return cmd
}

func (k keyReport) state(now time.Time) string {
	switch {
	case !k.Active:
		return "revoked"
	case k.ExpiresAt != nil && !now.Before(*k.ExpiresAt):
		return "expired"
	}
	return "active"
}
