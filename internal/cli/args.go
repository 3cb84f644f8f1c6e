package cli

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
)

// noArgs refuses arguments as bad usage. To a command that only groups others
// they are names that it does not have.
func noArgs(cmd *cobra.Command, args []string) error {
	switch {
	case len(args) == 0:
		return nil
	case cmd.HasSubCommands():
		return usage(fmt.Errorf("unknown command %q for %q%s", args[0], cmd.CommandPath(), meant(cmd, args[0])))
	}
	return usage(fmt.Errorf("%s takes no arguments, not %q", cmd.CommandPath(), strings.Join(args, " ")))
}

// meant names the commands that a mistyped one is near to.
func meant(cmd *cobra.Command, typed string) string {
	if cmd.SuggestionsMinimumDistance == 0 {
		cmd.SuggestionsMinimumDistance = 2
	}
	for _, c := range cmd.Commands() { // other tools' words are no slips of the fingers
		if slices.Contains(c.SuggestFor, strings.ToLower(typed)) {
			return "; did you mean " + c.Name() + "?"
		}
	}
	near := cmd.SuggestionsFor(typed)
	if nearer := nearest(typed, near); len(nearer) > 0 {
		near = nearer
	}
	if len(near) == 0 {
		return ""
	}
	return "; did you mean " + strings.Join(near, " or ") + "?"
}

// exactArgs takes one argument for each of the names.
func exactArgs(names ...string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) == len(names) {
			return nil
		}
		if len(args) == 0 {
			return usage(fmt.Errorf("%s needs %s", cmd.CommandPath(), strings.Join(names, " ")))
		}
		return usage(fmt.Errorf("%s takes %s, not %s", cmd.CommandPath(), strings.Join(names, " "), counted(len(args), "argument")))
	}
}

// strictBuiltins lets the library's own commands, help and completion, refuse
// what they do not know as every other command does.
func strictBuiltins(root *cobra.Command) {
	root.InitDefaultHelpCmd()
	root.InitDefaultCompletionCmd()
	for _, cmd := range root.Commands() {
		switch cmd.Name() {
		case "help":
			cmd.Args = func(_ *cobra.Command, args []string) error {
				topic, rest, err := root.Find(args)
				if err != nil || len(rest) > 0 && topic.HasSubCommands() {
					return usage(fmt.Errorf("there is no command %q to help with", strings.Join(args, " ")))
				}
				return nil
			}
		case "completion":
			cmd.Args, cmd.RunE = noArgs, showHelp
			cmd.Short = "Let the Tab key complete commands, runs, FOVs and channels"
			cmd.Long = "Print a script by which a shell completes commands, flags, and what the server that\n" +
				"you are logged in to knows: runs, FOVs, channels, images, projects and more. The help\n" +
				"of each shell's command says where it goes."
			cmd.Example = "  source <(mibi completion bash)"
			for _, shell := range cmd.Commands() {
				shell.Args = noArgs
			}
		}
	}
}

// showHelp is what a command does that only groups others.
func showHelp(cmd *cobra.Command, _ []string) error { return cmd.Help() }
