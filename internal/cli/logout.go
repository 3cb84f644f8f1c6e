package cli

import (
	"os"

	"github.com/spf13/cobra"

	"github.com/openmibi/openmibi/internal/config"
)

func newLogout(g *globals) *cobra.Command {
	return &cobra.Command{
		Use:   "logout",
		Short: "Forget a profile and its token",
		Long: "Forget the default profile, or the one of --profile, and its token. The server\n" +
			"is not asked: a token that somebody else has stays good until it ends.",
		Example: "  mibi logout\n" +
			"  mibi logout --profile staging",
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			store, err := config.Open(os.Getenv)
			if err != nil {
				return err
			}
			name, err := store.Remove(cmd.Context(), g.settings.Profile)
			if err != nil {
				return err
			}
			if g.json {
				return g.printJSON(map[string]string{"profile": name})
			}
			g.note("Logged out: profile %s is forgotten.", name)
			return nil
		},
	}
}
