package cli

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/openmibi/openmibi/internal/server"
)

// keyLife is how long a key is good for where nobody says.
const keyLife = "90d"

type keyCreate struct {
	keyPlace

	user, scope, expires string
}

// newKeyReport is what `mibi key create --json` prints.
type newKeyReport struct {
	keyReport

	Key string `json:"key"`
}

func newKeyCreate(g *globals) *cobra.Command {
	o := keyCreate{keyPlace: keyPlace{g: g}}
	cmd := &cobra.Command{
		Use:   "create NAME",
		Short: "Make an API key, and print it this once",
		Long: "Make an API key for an account, and print it: alone on standard output, and this\n" +
			"once, as it is kept nowhere. NAME says what it is for. Its scope is what it may do\n" +
			"in the account's name:\n\n" +
			"  read    see what the account sees\n" +
			"  upload  also make runs and images, and upload files to them\n" +
			"  write   also change and delete\n" +
			"  admin   also what only administrators see and do\n\n" +
			"With a key of another scope an administrator is an ordinary account: it sees the\n" +
			"projects that it belongs to.\n\n" +
			"--expires takes a time from now (12h, 90d, 8w), a day (2027-01-31, which it is\n" +
			"good for to the end in UTC), or never.\n\n" + keyPlaces,
		Example: "  KEY=$(mibi key create instrument-2 --user ann@example.org --scope upload --data /srv/mibi)\n" +
			"  mibi key create notebook --scope read --expires 2027-01-31\n" +
			"  MIBITRACKER_URL=https://mibi.example.org MIBITRACKER_TOKEN=$KEY mibi run list",
		Args: exactArgs("one NAME"),
		RunE: func(cmd *cobra.Command, args []string) error { return o.run(cmd.Context(), cmd, args[0]) },
	}
	o.register(cmd)
	cmd.Flags().StringVar(&o.user, "user", "", "whose key it is to be, an account's e-mail `address`")
	cmd.Flags().StringVar(&o.scope, "scope", "read", "the `scope`, what it may do: "+strings.Join(server.KeyScopes(), ", "))
	cmd.Flags().StringVar(&o.expires, "expires", keyLife, "when it ends: 12h, 90d, 8w, a `day` as 2027-01-31, or never")
	return cmd
}

func (o *keyCreate) run(ctx context.Context, cmd *cobra.Command, name string) error {
	if !slices.Contains(server.KeyScopes(), o.scope) {
		return usage(fmt.Errorf("--scope %q is none of %s", o.scope, strings.Join(server.KeyScopes(), ", ")))
	}
	ends, err := parseExpiry(o.expires, time.Now())
	if err != nil {
		return usage(err)
	}
	keys, err := o.open(ctx, cmd)
	if err != nil {
		return err
	}
	made, text, err := keys.create(ctx, server.NewKey{Name: name, Email: o.user, Scope: o.scope, ExpiresAt: ends})
	if err != nil {
		return err
	}
	if o.g.json {
		return o.g.printJSON(newKeyReport{made, text})
	}
	o.g.note("Made API key %d %s: %q of %s, scope %s, %s. Keep it now: it is not shown again.",
		made.ID, keys, made.Name, made.User.Email, made.Scope, until(made.ExpiresAt))
	_, err = fmt.Fprintln(o.g.results(), text)
	return err
}

// until says when a key ends.
func until(t *time.Time) string {
	if t == nil {
		return "without an end"
	}
	return "until " + t.Local().Format("2006-01-02 15:04 MST")
}
