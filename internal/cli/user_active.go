package cli

import (
	"github.com/spf13/cobra"

	"github.com/openmibi/openmibi/internal/server"
)

// newUserActive is `mibi user enable`, and disable.
func newUserActive(g *globals, active bool) *cobra.Command {
	var data string
	cmd := &cobra.Command{
		Use:   "disable EMAIL",
		Short: "Shut an account out: its logins and API keys end at once",
		Long: "Shut an account out. Its logins, its API keys and links of invite and reset end\n" +
			"at once and for good; what it has made stays, and so does its address. The last\n" +
			"administrator cannot be disabled. mibi user enable lets it log in again.",
		Example: "  mibi user disable ann@example.org --data /srv/mibi",
		Args:    exactArgs("one EMAIL"),
		RunE: func(cmd *cobra.Command, args []string) error {
			user, changed, err := server.SetActive(cmd.Context(), data, args[0], active)
			if err != nil {
				return err
			}
			if g.json {
				return g.printJSON(userReportOf(user))
			}
			switch {
			case !changed && active:
				g.note("%s was not disabled.", user.Email)
			case !changed:
				g.note("%s was disabled before.", user.Email)
			case !active:
				g.note("Disabled %s: its logins and API keys have ended.", user.Email)
			case user.Invited:
				g.note("Enabled %s. It has no password: mibi user invite makes a link to choose one.", user.Email)
			default:
				g.note("Enabled %s, with the password that it had. API keys have to be made anew.", user.Email)
			}
			return nil
		},
	}
	if active {
		cmd.Use, cmd.Short = "enable EMAIL", "Let an account that was disabled log in again"
		cmd.Long = "Let an account that was disabled log in again, with the password that it had. What\n" +
			"was ended stays so: its owner logs in anew, and API keys have to be made anew."
		cmd.Example = "  mibi user enable ann@example.org --data /srv/mibi"
	}
	dataFlag(cmd.Flags(), &data)
	return cmd
}
