package cli

import (
	"context"
	"errors"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/openmibi/openmibi/internal/server"
)

// defaultData is the data folder where none is named.
const defaultData = "mibi-data"

func newUser(g *globals) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "user",
		Short: "Manage the accounts of a server's data folder",
		Long: "Manage the accounts of a server's data folder, for whoever may open that folder:\n" +
			"no login is needed. The server may be running; what is changed holds at once.",
		Example: "  mibi user invite ann@example.org --public-url https://mibi.example.org --data /srv/mibi\n" +
			"  mibi user list --data /srv/mibi",
		Args: noArgs,
		RunE: showHelp,
	}
	cmd.AddCommand(newUserAdd(g), newUserList(g), newUserInvite(g), newUserReset(g), newUserPasswd(g),
		newUserActive(g, false), newUserActive(g, true))
	return cmd
}

// dataFlag is the flag of every command that opens the data.
func dataFlag(f *pflag.FlagSet, data *string) {
	f.StringVar(data, "data", defaultData, "the server's data `folder`")
}

// userReport is an account, as `mibi user --json` prints it.
type userReport struct {
	ID        int64      `json:"id"`
	Email     string     `json:"email"`
	Name      *string    `json:"name"`
	IsAdmin   bool       `json:"is_admin"`
	Active    bool       `json:"active"`
	Invited   bool       `json:"invited"` // it has no password yet
	CreatedAt time.Time  `json:"created_at"`
	LastLogin *time.Time `json:"last_login"`
}

func userReportOf(u server.User) userReport {
	return userReport{
		ID: u.ID, Email: u.Email, Name: u.Name, IsAdmin: u.Admin, Active: u.Active, Invited: u.Invited,
		CreatedAt: u.CreatedAt, LastLogin: u.LastLogin,
	}
}

// readNewPassword reads the first line of standard input, or asks twice on a
// terminal.
func readNewPassword(ctx context.Context, s Streams, stdin bool) (string, error) {
	if stdin {
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
