package cli

import (
	"context"

	"github.com/spf13/cobra"
)

func newWhoami(g *globals) *cobra.Command {
	return &cobra.Command{
		Use:   "whoami",
		Short: "Show the server, the account and the profile that commands use",
		Example: "  mibi whoami\n" +
			"  mibi whoami --profile staging --json",
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return whoami(cmd.Context(), g) },
	}
}

func whoami(ctx context.Context, g *globals) error {
	client, settings, err := g.client(ctx)
	if err != nil {
		return err
	}
	email, err := account(ctx, client, settings.Email)
	if err != nil {
		return err
	}
	return g.report(loginReport{URL: settings.URL, Email: email, Profile: settings.Profile}, func(t *table) {
		t.field("URL", settings.URL)
		t.field("Email", email)
		t.field("Profile", settings.Profile)
	})
}
