package cli

import (
	"context"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/openmibi/openmibi/mibitiff"
)

// completePage proposes what is in the MIBItiff that the line names: its
// channels, and of --page the types of its pages. A URL is left alone: it may be
// good for one use, or far away.
func completePage(g *globals, flag string) cobra.CompletionFunc {
	return func(cmd *cobra.Command, args []string, typed string) ([]cobra.Completion, cobra.ShellCompDirective) {
		p := &proposals{cmd: cmd, args: args, typed: typed}
		ctx, cancel := context.WithTimeout(cmd.Context(), completeTime)
		defer cancel()
		path := p.argument("FILE|URL")
		if path != "" && !strings.Contains(path, "://") {
			given := p.flags(flag)
			err := withTIFF(ctx, g, path, func(file *mibitiff.File, _ string) error {
				for _, page := range file.Pages() {
					word := string(page.Type)
					if flag == "channel" {
						if word = ""; page.Type == mibitiff.SIMS {
							word = page.Channel.Label()
						}
					}
					if !slices.Contains(given, word) {
						p.add(word)
					}
				}
				return nil
			})
			if err != nil {
				cobra.CompDebugln(err.Error(), false)
			}
		}
		return p.words, cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveKeepOrder
	}
}
