package cli

import (
	"context"
	"log/slog"
	"os"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/openmibi/openmibi/internal/config"
	"github.com/openmibi/openmibi/mibitracker"
)

const (
	// completeTime bounds a completion: somebody waits for it with a finger on
	// the key. What came until then is proposed.
	completeTime = 1500 * time.Millisecond
	// maxProposed is how many words are proposed: nobody reads more.
	maxProposed = 300
)

// complete makes a completion of words that the server knows. It asks for
// nothing, writes nothing, and says nothing of what goes wrong: whoever presses
// the key is in the middle of a line. BASH_COMP_DEBUG_FILE names a file for it.
func (g *globals) complete(propose func(context.Context, *mibitracker.Client, *proposals) error) cobra.CompletionFunc {
	return func(cmd *cobra.Command, args []string, typed string) ([]cobra.Completion, cobra.ShellCompDirective) {
		ctx, cancel := context.WithTimeout(cmd.Context(), completeTime)
		defer cancel()
		p := &proposals{cmd: cmd, args: args, typed: typed}
		client, err := g.quietClient(ctx)
		if err == nil {
			err = propose(ctx, client, p)
			client.CloseIdleConnections()
		}
		if err != nil {
			cobra.CompDebugln(err.Error(), false)
		}
		return p.words, cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveKeepOrder
	}
}

// quietClient is the client of a completion: it logs in with what there is, when
// it first asks, repeats nothing, and keeps no token that it gets.
func (g *globals) quietClient(ctx context.Context) (*mibitracker.Client, error) {
	s, err := config.Resolve(ctx, g.settings, os.Getenv)
	if err != nil {
		return nil, err
	}
	opts, err := g.transferOptions()
	if err != nil {
		return nil, err
	}
	opts = append(opts, credentials(s), mibitracker.WithLogger(slog.New(slog.DiscardHandler)), mibitracker.WithRetries(0, 0, 0))
	return mibitracker.New(s.URL, opts...)
}

// proposals collects what a word that was begun may become.
type proposals struct {
	cmd   *cobra.Command
	args  []string // before the word
	typed string
	words []cobra.Completion
}

// add proposes a word with what it is, if it begins as was typed, in any case:
// shells differ in that. It reports whether more are wanted.
func (p *proposals) add(word string, about ...string) bool {
	switch {
	case word == "" || strings.TrimSpace(word) != word || strings.ContainsFunc(word, unicode.IsControl): // it would not come whole
	case !strings.HasPrefix(strings.ToLower(word), strings.ToLower(p.typed)):
	case slices.ContainsFunc(p.words, func(w string) bool { return wordOf(w) == word }):
	default:
		about = slices.DeleteFunc(about, func(s string) bool { return s == "" || s == word })
		p.words = append(p.words, cobra.CompletionWithDesc(word, printable(strings.Join(about, ", "))))
	}
	return len(p.words) < maxProposed
}

func wordOf(c cobra.Completion) string {
	word, _, _ := strings.Cut(c, "\t")
	return word
}

// flag is the value that a flag of the line has so far.
func (p *proposals) flag(name string) string {
	if f := p.cmd.Flags().Lookup(name); f != nil {
		return f.Value.String()
	}
	return ""
}

// flags are the values that a flag has so far which may be repeated.
func (p *proposals) flags(name string) []string {
	if f := p.cmd.Flags().Lookup(name); f != nil {
		if many, ok := f.Value.(pflag.SliceValue); ok {
			return many.GetSlice()
		}
	}
	return nil
}

// argument is the one that the command's usage calls by one of these names.
func (p *proposals) argument(names ...string) string {
	words, _ := argumentWords(p.cmd)
	for i, word := range words {
		if slices.Contains(names, word) && i < len(p.args) {
			return p.args[i]
		}
	}
	return ""
}

// argumentWords are the names of a command's arguments, as its usage has them,
// and whether the last one may be repeated.
func argumentWords(cmd *cobra.Command) (words []string, repeated bool) {
	for _, word := range strings.Fields(cmd.Use)[1:] {
		if strings.HasPrefix(strings.TrimLeft(word, "["), "-") {
			break
		}
		repeated = strings.Contains(word, "...")
		words = append(words, strings.Trim(word, "[]."))
	}
	return words, repeated
}
