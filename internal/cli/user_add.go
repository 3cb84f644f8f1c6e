package cli

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/openmibi/openmibi/internal/server"
)

type userAdd struct {
	data          string
	admin         bool
	passwordStdin bool
}

func newUserAdd(g *globals) *cobra.Command {
	var o userAdd
	cmd := &cobra.Command{
		Use:   "add EMAIL",
		Short: "Add an account",
		Long: "Add an account to the server's data folder, which is made if it is absent. The\n" +
			"server may be running. The password is asked for, or read from standard input\n" +
			"with --password-stdin. To let its owner choose one, use mibi user invite.",
		Example: "  mibi user add ann@example.org --admin --data /srv/mibi\n" +
			"  pass show mibi | mibi user add ann@example.org --password-stdin --data /srv/mibi",
		Args: exactArgs("one EMAIL"),
		RunE: func(cmd *cobra.Command, args []string) error {
			password, err := readNewPassword(cmd.Context(), g.streams, o.passwordStdin)
			if err != nil {
				return err
			}
			email := strings.ToLower(args[0]) // as accounts have it
			id, err := server.AddUser(cmd.Context(), o.data, email, password, o.admin)
			if err != nil {
				return err
			}
			if g.json {
				return g.printJSON(map[string]any{"id": id, "email": email, "is_admin": o.admin})
			}
			if g.quiet {
				return nil
			}
			kind := "account"
			if o.admin {
				kind = "administrator"
			}
			_, err = fmt.Fprintf(g.streams.Out, "Added %s %s.\n", kind, email)
			return err
		},
	}
	dataFlag(cmd.Flags(), &o.data)
	cmd.Flags().BoolVar(&o.admin, "admin", false, "make an administrator, who sees and changes everything")
	cmd.Flags().BoolVar(&o.passwordStdin, "password-stdin", false, "read the password from standard input")
	return cmd
}
