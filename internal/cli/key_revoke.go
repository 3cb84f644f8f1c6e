package cli

import (
	"errors"
	"strconv"

	"github.com/spf13/cobra"
)

func newKeyRevoke(g *globals) *cobra.Command {
	place := keyPlace{g: g}
	cmd := &cobra.Command{
		Use:   "revoke ID",
		Short: "End an API key, at once and for good",
		Long: "End an API key, at once and for good. ID is its number, as mibi key list shows it:\n" +
			"the second part of the key's text.\n\n" + keyPlaces,
		Example: "  mibi key revoke 3 --data /srv/mibi",
		Args:    exactArgs("one ID"),
		RunE: func(cmd *cobra.Command, args []string) error {
			id, err := strconv.ParseInt(args[0], 10, 64)
			if err != nil || id < 1 {
				// What was given may be a key: it is not repeated.
				return usage(errors.New("a key's ID is its number, such as 3: mibi key list shows it"))
			}
			keys, err := place.open(cmd.Context(), cmd)
			if err != nil {
				return err
			}
			key, changed, err := keys.revoke(cmd.Context(), id)
			if err != nil {
				return err
			}
			if g.json {
				return g.printJSON(key)
			}
			if changed {
				g.note("Revoked API key %d %s: %q of %s.", key.ID, keys, key.Name, key.User.Email)
			} else {
				g.note("API key %d %s was revoked before.", key.ID, keys)
			}
			return nil
		},
	}
	place.register(cmd)
	return cmd
}
