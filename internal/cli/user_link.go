package cli

import (
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/openmibi/openmibi/internal/server"
)

// userLink is `mibi user invite`, and reset: both make a link to a page on
// which the account's owner chooses a password.
type userLink struct {
	g         *globals
	data      string
	publicURL string
	admin     bool
}

// linkReport is what they print with --json.
type linkReport struct {
	userReport

	URL     string    `json:"url"`
	Expires time.Time `json:"expires"`
}

func newUserInvite(g *globals) *cobra.Command {
	o := userLink{g: g}
	cmd := &cobra.Command{
		Use:   "invite EMAIL",
		Short: "Add an account, and print a link for choosing its password",
		Long: "Add an account without a password, and print a link to a page on which its owner\n" +
			"chooses one. No mail is sent: hand the link over by a way that nobody else reads.\n" +
			"It works once, for seven days. Inviting somebody again who has not chosen a\n" +
			"password yet makes a new link; the older one ends.",
		Example: "  mibi user invite ann@example.org --public-url https://mibi.example.org --data /srv/mibi\n" +
			"  mibi user invite root@example.org --admin --public-url https://mibi.example.org --data /srv/mibi",
		Args: exactArgs("one EMAIL"),
		RunE: func(cmd *cobra.Command, args []string) error {
			link, err := server.Invite(cmd.Context(), o.data, args[0], o.admin, o.publicURL)
			if err != nil {
				return err
			}
			what := "Invited %s again, and the older link has ended"
			if link.New {
				what = "Invited %s"
			}
			return o.print(link, fmt.Sprintf(what, link.User.Email))
		},
	}
	o.register(cmd)
	cmd.Flags().BoolVar(&o.admin, "admin", false, "make an administrator, who sees and changes everything")
	return cmd
}

func newUserReset(g *globals) *cobra.Command {
	o := userLink{g: g}
	cmd := &cobra.Command{
		Use:   "reset EMAIL",
		Short: "Print a link by which an account's owner chooses another password",
		Long: "Print a link to a page on which the account's owner chooses another password. No\n" +
			"mail is sent: hand the link over by a way that nobody else reads. It works once,\n" +
			"for 24 hours. Until it is used the old password stays good; then all logins of\n" +
			"the account end.",
		Example: "  mibi user reset ann@example.org --public-url https://mibi.example.org --data /srv/mibi",
		Args:    exactArgs("one EMAIL"),
		RunE: func(cmd *cobra.Command, args []string) error {
			link, err := server.ResetPassword(cmd.Context(), o.data, args[0], o.publicURL)
			if err != nil {
				return err
			}
			return o.print(link, "This link lets "+link.User.Email+" choose another password")
		},
	}
	o.register(cmd)
	return cmd
}

func (o *userLink) register(cmd *cobra.Command) {
	dataFlag(cmd.Flags(), &o.data)
	cmd.Flags().StringVar(&o.publicURL, "public-url", "", "the `URL` under which people reach the server, as of mibi serve (default "+server.DefaultPublicURL+")")
}

// print prints the link alone on standard output, for scripts that send it.
func (o *userLink) print(link server.Link, what string) error {
	if o.publicURL == "" {
		o.g.warn("without --public-url the link is for " + server.DefaultPublicURL + ", which only this computer reaches")
	}
	if o.g.json {
		return o.g.printJSON(linkReport{userReport: userReportOf(link.User), URL: link.URL, Expires: link.ExpiresAt})
	}
	o.g.note("%s. Until %s it works once:", what, link.ExpiresAt.Local().Format("2006-01-02 15:04 MST"))
	_, err := fmt.Fprintln(o.g.streams.Out, link.URL)
	return err
}
