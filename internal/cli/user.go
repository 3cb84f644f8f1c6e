package cli

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/openmibi/openmibi/internal/server"
)

// defaultData is the data folder where none is named.
const defaultData = "mibi-data"

func newUser(g *globals) *cobra.Command {
	cmd := &cobra.Command{Use: "user", Short: "Manage the accounts of a server's data folder", Args: noArgs,
		RunE: showHelp}
	cmd.AddCommand(newUserAdd(g))
	return cmd
}

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
		Long: "Add an account to the server's data folder. The server may be running.\n" +
			"The password is asked for, or read from standard input with --password-stdin.",
		Example: "  mibi user add ann@example.org --admin --data /srv/mibi\n" +
			"  pass show mibi | mibi user add ann@example.org --password-stdin --data /srv/mibi",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usage(fmt.Errorf("mibi user add takes one EMAIL, not %d arguments", len(args)))
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			password, err := o.readPassword(cmd.Context(), g.streams)
			if err != nil {
				return err
			}
			id, err := server.AddUser(cmd.Context(), o.data, args[0], password, o.admin)
			if err != nil {
				return err
			}
			if g.json {
				return g.printJSON(map[string]any{"id": id, "email": args[0], "is_admin": o.admin})
			}
			if g.quiet {
				return nil
			}
			kind := "account"
			if o.admin {
				kind = "administrator"
			}
			_, err = fmt.Fprintf(g.streams.Out, "Added %s %s.\n", kind, args[0])
			return err
		},
	}
	cmd.Flags().StringVar(&o.data, "data", defaultData, "the server's data `folder`")
	cmd.Flags().BoolVar(&o.admin, "admin", false, "make an administrator, who sees and changes everything")
	cmd.Flags().BoolVar(&o.passwordStdin, "password-stdin", false, "read the password from standard input")
	return cmd
}

// readPassword reads the first line of standard input, or asks on a terminal.
func (o userAdd) readPassword(ctx context.Context, s Streams) (string, error) {
	if o.passwordStdin {
		return readSecret(s.In, "password")
	}
	fd, ok := terminal(s.In)
	if !ok {
		return "", usage(errors.New("there is no terminal to ask for the password on: use --password-stdin"))
	}
	var answers [2]string
	for i, prompt := range []string{"Password: ", "Again: "} {
		answer, err := askHidden(ctx, s, fd, prompt)
		if err != nil {
			return "", err
		}
		answers[i] = answer
	}
	if answers[0] != answers[1] {
		return "", errors.New("the two passwords differ; nothing was changed")
	}
	return answers[0], nil
}
