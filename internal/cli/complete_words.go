package cli

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// completeAll gives the commands below one the completions of their arguments
// and flags, by what their usage calls them: so RUN is completed alike wherever
// it stands, and a new command needs nothing for it. What has a completion of
// its own keeps it.
func completeAll(g *globals, cmd *cobra.Command) {
	cmd.LocalNonPersistentFlags().VisitAll(func(f *pflag.Flag) { completeFlag(g, cmd, f) })
	cmd.PersistentFlags().VisitAll(func(f *pflag.Flag) { completeFlag(g, cmd, f) })
	if cmd.ValidArgsFunction == nil && len(cmd.ValidArgs) == 0 {
		cmd.ValidArgsFunction = completeArguments(g, cmd)
	}
	for _, sub := range cmd.Commands() {
		completeAll(g, sub)
	}
}

// completeArguments completes each argument by its name. After the last one
// there is nothing, unless that may be repeated.
func completeArguments(g *globals, cmd *cobra.Command) cobra.CompletionFunc {
	group := groupOf(cmd)
	var each []cobra.CompletionFunc
	words, repeated := argumentWords(cmd)
	for _, word := range words {
		each = append(each, completeWord(g, group, word))
	}
	return func(cmd *cobra.Command, args []string, typed string) ([]cobra.Completion, cobra.ShellCompDirective) {
		n := len(args)
		if repeated {
			n = min(n, len(each)-1)
		}
		if n >= len(each) {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		return each[n](cmd, args, typed)
	}
}

// groupOf is the name of the command that a command belongs to.
func groupOf(cmd *cobra.Command) string {
	if !cmd.HasParent() {
		return ""
	}
	return cmd.Parent().Name()
}

// completeWord is the completion of an argument of a command of a group.
func completeWord(g *globals, group, word string) cobra.CompletionFunc {
	switch word {
	case "RUN", "OLD_LABEL":
		return completeRun(g)
	case "FOV":
		return completeFOV(g)
	case "IMAGE_ID":
		return completeImage(g)
	case "ID":
		return completeID(g, group)
	case "NAME":
		if group == "channel" {
			return completeChannel(g)
		}
	case "DIR":
		return completeFolders
	case "XML":
		return completeFiles
	}
	if slices.ContainsFunc(strings.Split(word, "|"), func(w string) bool { return strings.HasPrefix(w, "FILE") || strings.HasSuffix(w, ".csv") }) {
		return completeFiles
	}
	return cobra.NoFileCompletions
}

// completeID is the completion of the ID that commands of a group take.
func completeID(g *globals, group string) cobra.CompletionFunc {
	switch group {
	case "image":
		return completeImage(g)
	case "imageset":
		return completeImageSet(g)
	case "project":
		return completeNamed(g, projects)
	case "slide":
		return completeNamed(g, slides)
	case "section":
		return completeSection(g)
	case "panel":
		return completeNamed(g, panels)
	case "tissue":
		return completeNamed(g, tissues)
	case "instrument":
		return completeNamed(g, instruments)
	}
	return cobra.NoFileCompletions
}

// completeFlag gives a flag the completion of its name, or of what its help
// calls its value.
func completeFlag(g *globals, cmd *cobra.Command, f *pflag.Flag) {
	if _, has := cmd.GetFlagCompletionFunc(f.Name); has || f.NoOptDefVal != "" {
		return
	}
	// It fails for flags that are not there, or have one.
	_ = cmd.RegisterFlagCompletionFunc(f.Name, completeValue(g, groupOf(cmd), f))
}

func completeValue(g *globals, group string, f *pflag.Flag) cobra.CompletionFunc {
	switch value, _ := pflag.UnquoteUsage(f); {
	case f.Name == "layout":
		return cobra.FixedCompletions([]cobra.Completion{"mibitiff", "channels"}, cobra.ShellCompDirectiveNoFileComp)
	case strings.EqualFold(value, "file"):
		return completeFiles
	case strings.EqualFold(value, "folder"), strings.EqualFold(value, "dir"):
		return completeFolders
	}
	switch f.Name {
	case "run":
		return completeRun(g)
	case "fov":
		return completeFOV(g)
	case "channel":
		if group == "tiff" {
			return completePage(g, f.Name)
		}
		return completeChannel(g)
	case "page":
		return completePage(g, f.Name)
	case "image":
		return completeImage(g)
	case "project":
		return completeNamed(g, projects)
	case "instrument":
		return completeNamed(g, instruments)
	case "slide":
		return completeNamed(g, slides)
	case "aperture":
		return completeNamed(g, apertures)
	case "panel":
		return completeNamed(g, panels)
	case "tissue", "organ":
		if group == "section" { // which takes one tissue, others a part of its name
			return completeNamed(g, tissues)
		}
		return completeOrgan(g)
	case "profile":
		return completeProfile()
	case "status":
		return completeStatus
	}
	return cobra.NoFileCompletions
}

func completeFiles(*cobra.Command, []string, string) ([]cobra.Completion, cobra.ShellCompDirective) {
	return nil, cobra.ShellCompDirectiveDefault
}

func completeFolders(*cobra.Command, []string, string) ([]cobra.Completion, cobra.ShellCompDirective) {
	return nil, cobra.ShellCompDirectiveFilterDirs
}

func completeStatus(*cobra.Command, []string, string) ([]cobra.Completion, cobra.ShellCompDirective) {
	var words []cobra.Completion
	for _, s := range statuses() {
		words = append(words, cobra.CompletionWithDesc(s.code, s.text))
	}
	return words, cobra.ShellCompDirectiveNoFileComp
}
