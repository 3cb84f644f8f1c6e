package cli

import (
	"context"
	"errors"
	"net/url"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/openmibi/openmibi/internal/config"
	"github.com/openmibi/openmibi/mibitracker"
)

// login finds out whether an account can log in, and keeps its token.
type login struct {
	g             *globals
	email         string
	passwordStdin bool
	tokenStdin    bool
}

// loginReport is what `mibi login --json` and `mibi whoami --json` print.
type loginReport struct {
	URL     string `json:"url"`
	Email   string `json:"email"`
	Profile string `json:"profile"`
}

func newLogin(g *globals) *cobra.Command {
	o := login{g: g}
	cmd := &cobra.Command{
		Use:   "login",
		Short: "Log in to a server, and keep the token",
		Long: "Log in to a server, and keep the token in a profile that the other commands\n" +
			"use. What is not given is asked for on a terminal. The password is never kept;\n" +
			"the token is, in the system's keyring or, where there is none, in a file that\n" +
			"only you can read.",
		Example: "  mibi login --url https://mibi.example.org --email ann@example.org\n" +
			"  pass show mibi | mibi login --url https://mibi.example.org --email ann@example.org --password-stdin\n" +
			"  mibi login --url https://staging.example.org --profile staging",
		SuggestFor: []string{"signin", "auth", "config"},
		Args:       noArgs,
		RunE:       func(cmd *cobra.Command, _ []string) error { return o.run(cmd.Context()) },
	}
	cmd.Flags().StringVar(&o.email, "email", "", "the account's e-mail `address`; wins over "+config.EnvEmail)
	cmd.Flags().BoolVar(&o.passwordStdin, "password-stdin", false, "read the password from standard input")
	cmd.Flags().BoolVar(&o.tokenStdin, "token-stdin", false, "read a token or an API key from standard input")
	return cmd
}

func (o *login) run(ctx context.Context) error {
	if o.passwordStdin && o.tokenStdin {
		return usage(errors.New("--password-stdin and --token-stdin: standard input is the one or the other"))
	}
	store, err := config.Open(os.Getenv)
	if err != nil {
		return err
	}
	file, err := store.Load()
	if err != nil {
		return err
	}
	name := first(o.g.settings.Profile, file.Default, config.DefaultProfile)
	if err := config.CheckName(name); err != nil {
		return err // before a password goes out
	}
	s, err := o.credentials(ctx, file.Profiles[name])
	if err != nil {
		return err
	}
	client, err := o.g.connect(ctx, s)
	if err != nil {
		return err
	}
	email, err := account(ctx, client, s.Email)
	if err != nil {
		return err
	}
	inKeyring, err := store.Save(ctx, name, config.Profile{URL: s.URL, Email: email}, client.Token())
	if err != nil {
		return err
	}
	for _, env := range []string{config.EnvURL, config.EnvToken, config.EnvPassword} {
		if os.Getenv(env) != "" {
			o.g.warn(env + " is set, and wins over what was kept now")
		}
	}
	if o.g.json {
		return o.g.printJSON(loginReport{URL: s.URL, Email: email, Profile: name})
	}
	place := store.Path()
	if inKeyring {
		place = "the system's keyring"
	}
	o.g.note("Logged in to %s as %s. The token is kept in %s (profile %s).", s.URL, first(email, "the owner of the token"), place, name)
	o.g.note("mibi run list shows the runs, mibi pull RUN brings one.")
	return nil
}

// credentials are what flags, environment and the person at the terminal give.
// A profile that is there already suggests its own server and account.
func (o *login) credentials(ctx context.Context, old config.Profile) (s config.Settings, err error) {
	fd, person := terminal(o.g.streams.In)
	person = person && !o.passwordStdin && !o.tokenStdin
	ask := func(what, flag, suggestion string) (string, error) {
		if !person {
			if suggestion != "" {
				return suggestion, nil
			}
			return "", usage(errors.New(what + " is missing: give " + flag))
		}
		prompt := what + ": "
		if suggestion != "" {
			prompt = what + " (" + printable(suggestion) + "): "
		}
		answer, err := askLine(ctx, o.g.streams, fd, prompt)
		return first(answer, suggestion), err
	}
	if s.URL = first(o.g.settings.URL, os.Getenv(config.EnvURL)); s.URL == "" {
		what := "Server URL"
		if old.URL == "" {
			what += ", such as https://mibi.example.org"
		}
		if s.URL, err = ask(what, "--url", old.URL); err != nil {
			return s, err
		}
	}
	if s.URL, err = config.CheckURL(s.URL); err != nil {
		return s, err
	}
	warnPlain(o.g, s.URL)
	switch {
	case o.tokenStdin:
		s.Token, err = readSecret(o.g.streams.In, "token")
		s.Email = first(o.email, os.Getenv(config.EnvEmail))
		return s, err
	case o.g.settings.TokenFile != "":
		s, err = config.Resolve(ctx, config.Flags{URL: s.URL, TokenFile: o.g.settings.TokenFile}, os.Getenv)
		for _, w := range s.Warnings {
			o.g.warn(w)
		}
		s.Email = first(o.email, s.Email)
		return s, given(err)
	}
	suggestion := ""
	if s.URL == old.URL {
		suggestion = old.Email
	}
	if s.Email = first(o.email, os.Getenv(config.EnvEmail)); s.Email == "" {
		if s.Email, err = ask("E-mail address", "--email", suggestion); err != nil {
			return s, err
		}
	}
	switch {
	case o.passwordStdin:
		s.Password, err = readSecret(o.g.streams.In, "password")
	case os.Getenv(config.EnvPassword) != "":
		s.Password = os.Getenv(config.EnvPassword)
	case person:
		s.Password, err = askHidden(ctx, o.g.streams, fd, "Password: ")
	default:
		err = usage(errors.New("there is no terminal to ask for the password on: use --password-stdin or --token-stdin"))
	}
	return s, err
}

// warnPlain warns of a connection that others can listen to.
func warnPlain(g *globals, text string) {
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "http" {
		return
	}
	if host := u.Hostname(); host != "localhost" && host != "::1" && !strings.HasPrefix(host, "127.") {
		g.warn("the password and all data go to " + u.Host + " without encryption: https:// is safer")
	}
}

// account is the e-mail address that the server knows the caller by; where it
// has no such route, the one that was configured.
func account(ctx context.Context, client *mibitracker.Client, configured string) (string, error) {
	me, err := client.Users.Me(ctx)
	switch {
	case errors.Is(err, mibitracker.ErrNotFound):
		return configured, nil
	case err != nil:
		return "", err
	}
	return first(me.Email, configured), nil
}

// first is the first text that is not empty.
func first(texts ...string) string {
	for _, t := range texts {
		if t != "" {
			return t
		}
	}
	return ""
}
