package cli

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/openmibi/openmibi/mibitiff"
	"github.com/openmibi/openmibi/mibitracker"
)

func newTIFF(g *globals) *cobra.Command {
	cmd := &cobra.Command{
		Use: "tiff", Short: "Look into MIBItiff files, here or at a URL, and make them", Args: noArgs, RunE: showHelp,
		Long: "Look into MIBItiff files, and make them of single channels. FILE is one here. URL is\n" +
			"one on any server that serves ranges, such as a signed link: only what is needed of\n" +
			"it is fetched, and no login is sent to it.",
	}
	cmd.AddCommand(newTIFFInfo(g), newTIFFHash(g), newTIFFExtract(g), newTIFFJoin(g), newTIFFCheck(g))
	return cmd
}

// withTIFF opens a MIBItiff for do, which also gets the name that errors give
// it: a URL's without its signature.
func withTIFF(ctx context.Context, g *globals, where string, do func(file *mibitiff.File, name string) error) error {
	if where == "" {
		return usage(errors.New("FILE is empty: give a file or a URL"))
	}
	if lower := strings.ToLower(where); strings.HasPrefix(lower, "http://") || strings.HasPrefix(lower, "https://") {
		return withTIFFAt(ctx, g, where, do)
	}
	info, err := os.Stat(where)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return &notFoundError{err}
	case err != nil:
		return err
	case !info.Mode().IsRegular(): // a pipe has no end to read the index from
		return fmt.Errorf("%s is not a file", where)
	}
	file, err := mibitiff.OpenFile(where)
	if err != nil {
		return err
	}
	return errors.Join(do(file, where), file.Close())
}

// withTIFFAt is withTIFF for a URL.
func withTIFFAt(ctx context.Context, g *globals, where string, do func(file *mibitiff.File, name string) error) error {
	opts, err := g.transferOptions()
	if err != nil {
		return err
	}
	remote, err := mibitracker.OpenURL(ctx, where, opts...)
	if errors.Is(err, mibitracker.ErrUnauthorized) {
		// To log in to the profile's server would not help.
		return &refusedError{fmt.Errorf("%s; no login is sent to a URL: give a signed one, or use mibi download", err.Error())}
	}
	if err != nil {
		return err
	}
	defer func() { _ = remote.Close() }()
	name := unsigned(where)
	// How much to read ahead is the remote file's to know.
	file, err := mibitiff.Open(remote, remote.Size(), mibitiff.WithReadAhead(1))
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return do(file, name)
}

// unsigned is a URL that was opened, as it may be shown.
func unsigned(address string) string {
	u, err := url.Parse(strings.TrimSpace(address))
	if err != nil {
		return "the URL"
	}
	if u.RawQuery != "" {
		u.RawQuery = "..."
	}
	u.Fragment, u.RawFragment = "", ""
	return u.String()
}
