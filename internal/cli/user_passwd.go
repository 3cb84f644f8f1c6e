package cli

import (
	"github.com/spf13/cobra"

	"github.com/openmibi/openmibi/internal/server"
)

func newUserPasswd(g *globals) *cobra.Command {
	var data string
	var stdin bool
	cmd := &cobra.Command{
		Use:   "passwd EMAIL",
		Short: "Change an account's password, which ends its logins",
		Long: "Change an account's password. It is asked for, or read from standard input with\n" +
			"--password-stdin. Whoever is logged in to the account is logged out, and links\n" +
			"of invite and reset end; its API keys stay. To let its owner choose the\n" +
			"password, use mibi user reset.",
		Example: "  mibi user passwd ann@example.org --data /srv/mibi\n" +
			"  pass show mibi | mibi user passwd ann@example.org --password-stdin --data /srv/mibi",
		Args: exactArgs("one EMAIL"),
		RunE: func(cmd *cobra.Command, args []string) error {
			password, err := readNewPassword(cmd.Context(), g.streams, stdin)
			if err != nil {
				return err
			}
			user, err := server.SetPassword(cmd.Context(), data, args[0], password)
			if err != nil {
				return err
			}
			if g.json {
				return g.printJSON(userReportOf(user))
			}
			g.note("Changed the password of %s. Its logins have ended; its API keys go on.", user.Email)
			if !user.Active {
				g.warn(user.Email + " is disabled, and cannot log in all the same: see mibi user enable")
			}
			return nil
		},
	}
	dataFlag(cmd.Flags(), &data)
	cmd.Flags().BoolVar(&stdin, "password-stdin", false, "read the password from standard input")
	return cmd
}
