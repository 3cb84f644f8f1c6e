package cli

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/openmibi/openmibi/internal/config"
	"github.com/openmibi/openmibi/internal/server"
)

func newKey(g *globals) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "key",
		Short: "Make and revoke API keys, for pipelines",
		Long: "Make and revoke API keys: what a pipeline logs in with, in place of a password.\n" +
			"A key acts for an account, does no more than its scope says, and ends.\n\n" + keyPlaces,
		Example: "  KEY=$(mibi key create instrument-2 --user ann@example.org --scope upload --data /srv/mibi)\n" +
			"  mibi key list --data /srv/mibi\n" +
			"  mibi key revoke 3 --data /srv/mibi",
		Args: noArgs,
		RunE: showHelp,
	}
	cmd.AddCommand(newKeyCreate(g), newKeyList(g), newKeyRevoke(g))
	return cmd
}

const keyPlaces = "Where --data names a server's data folder, or ./" + defaultData + " is one, the keys are those\n" +
	"in it, whoever's they are, and no login is needed. Elsewhere they are those of\n" +
	"your own account on the server that you are logged in to: see mibi login."

// keyReport is an API key, as `mibi key --json` prints it and as the API sends it.
type keyReport struct {
	ID   int64 `json:"id"`
	User struct {
		ID    int64  `json:"id"`
		Email string `json:"email"`
	} `json:"user"`
	Name      string     `json:"name"`
	Scope     string     `json:"scope"`
	CreatedAt time.Time  `json:"created_at"`
	ExpiresAt *time.Time `json:"expires_at"` // null: never
	LastUsed  *time.Time `json:"last_used_at"`
	RevokedAt *time.Time `json:"revoked_at"`
	Active    bool       `json:"active"` // not revoked
}

// keyStore is where API keys are kept.
type keyStore interface {
	// create makes a key and its text.
	create(ctx context.Context, k server.NewKey) (made keyReport, text string, err error)
	// list lists the keys that are not revoked, or all.
	list(ctx context.Context, user string, all bool) ([]keyReport, error)
	// revoke ends a key, and reports whether it was not revoked before.
	revoke(ctx context.Context, id int64) (ended keyReport, changed bool, err error)
	// String says where they are.
	String() string
}

// keyPlace finds out where the keys are that are meant.
type keyPlace struct {
	g    *globals
	data string
}

func (p *keyPlace) register(cmd *cobra.Command) { dataFlag(cmd.Flags(), &p.data) }

func (p *keyPlace) open(ctx context.Context, cmd *cobra.Command) (keyStore, error) {
	named := cmd.Flags().Changed("data")
	remote := p.g.settings.URL != "" || p.g.settings.Profile != "" || p.g.settings.TokenFile != ""
	if named && remote {
		return nil, usage(errors.New("--data is a folder, and --url, --profile and --token-file are of a server: give the one or the other"))
	}
	if named {
		return keysInFolder{p.data}, nil
	}
	if !remote {
		found, err := server.HasData(p.data)
		if err != nil {
			return nil, err
		}
		if found {
			return keysInFolder{p.data}, nil
		}
	}
	client, settings, err := p.g.client(ctx)
	if errors.Is(err, config.ErrNotLoggedIn) && !remote {
		err = fmt.Errorf("there is no data folder ./%s (--data names another one), and no login either: %w", defaultData, err)
	}
	if err != nil {
		return nil, err
	}
	return keysOnServer{client, settings.URL}, nil
}
