// Package cli is the command line `mibi`: one file a command, flags in, exit
// codes out. What the commands do lies in the packages below.
package cli

import (
	"context"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"
)

// Streams are what a command reads and writes, so that tests can hold them.
type Streams struct {
	In       io.Reader
	Out, Err io.Writer
}

// System returns the process's own streams.
func System() Streams { return Streams{In: os.Stdin, Out: os.Stdout, Err: os.Stderr} }

// Main runs the command line and returns the exit code: see [exitCode]. The
// first interrupt cancels the command, which then ends what it has begun; a
// second one ends the process at once.
func Main(args []string, streams Streams) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop)
	return run(ctx, args, streams)
}

// run runs one command until it ends or ctx does, and returns the exit code.
func run(ctx context.Context, args []string, streams Streams) int {
	root := newRoot(streams)
	root.SetArgs(args)
	root.SetIn(streams.In)
	root.SetOut(streams.Out)
	root.SetErr(streams.Err)
	return exitCode(ctx, root.ExecuteContext(ctx), streams.Err)
}

// globals are the flags that every command has.
type globals struct {
	streams Streams
	debug   bool
	quiet   bool
	json    bool
}

func newRoot(streams Streams) *cobra.Command {
	g := &globals{streams: streams}
	root := &cobra.Command{
		Use:   "mibi",
		Short: "Openmibi: a MIBItracker-compatible server, client and MIBItiff toolbox",
		Long: "Openmibi keeps the runs and FOVs of a MIBIscope, serves them to every\n" +
			"MIBItracker client, and reads and writes MIBItiff files.\n\n" +
			"Try it: mibi demo",
		Version:       programVersion(),
		SilenceUsage:  true,
		SilenceErrors: true,
		Args:          noArgs,
		RunE:          showHelp,
	}
	root.PersistentFlags().BoolVar(&g.debug, "debug", false, "log what happens in detail")
	root.PersistentFlags().BoolVar(&g.quiet, "quiet", false, "print results, warnings and errors only")
	root.PersistentFlags().BoolVar(&g.json, "json", false, "print results as JSON, for programs")
	root.SetVersionTemplate("mibi {{.Version}}\n")
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return &usageError{err} })
	root.AddCommand(newServe(g), newUser(g), newDemo(g), newVersion(g))
	strictBuiltins(root)
	return root
}

// logger writes to stderr: text for people, JSON with --json.
func (g *globals) logger() *slog.Logger {
	level := slog.LevelInfo
	switch {
	case g.debug:
		level = slog.LevelDebug
	case g.quiet:
		level = slog.LevelWarn
	}
	opts := &slog.HandlerOptions{Level: level}
	if g.json {
		return slog.New(slog.NewJSONHandler(g.streams.Err, opts))
	}
	return slog.New(slog.NewTextHandler(g.streams.Err, opts))
}
