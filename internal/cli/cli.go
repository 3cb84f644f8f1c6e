// Package cli is the command line `mibi`: one file a command, flags in, exit
// codes out. What the commands do lies in the packages below.
package cli

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"syscall"
	"time"

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
// second one, a second later or more, ends the process at once.
func Main(args []string, streams Streams) int {
	// net/http remarks on what a server sends out of turn through the default
	// logger, with the raw bytes; a terminal is not to be told those.
	slog.SetDefault(slog.New(slog.DiscardHandler))
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	heedSecond(ctx, stop)
	return run(ctx, args, streams)
}

// echo is how long after an interrupt another one is taken for the same: a
// terminal's reaches a whole group of processes, and a program such as timeout or
// make that is told of it passes it on.
const echo = time.Second

// heedSecond calls stop, so that signals do again what they do by themselves, when
// the first interrupt has ended ctx and its echo is over.
func heedSecond(ctx context.Context, stop func()) {
	context.AfterFunc(ctx, func() { time.AfterFunc(echo, stop) })
}

// run runs one command until it ends or ctx does, and returns the exit code.
func run(ctx context.Context, args []string, streams Streams) int {
	g := &globals{streams: streams}
	root := newRoot(g)
	root.SetArgs(args)
	root.SetIn(streams.In)
	root.SetOut(streams.Out)
	root.SetErr(streams.Err)
	cmd, err := root.ExecuteContextC(ctx)
	return exitCode(ctx, errors.Join(err, g.close()), cmd.CommandPath(), streams.Err)
}

func newRoot(g *globals) *cobra.Command {
	root := &cobra.Command{
		Use:   "mibi",
		Short: "Openmibi: a MIBItracker-compatible server, client and MIBItiff toolbox",
		Long: "Openmibi keeps the runs and FOVs of a MIBIscope, serves them to every\n" +
			"MIBItracker client, and reads and writes MIBItiff files.\n\n" +
			"Try it: mibi demo\n" +
			"Use a server: mibi login, then mibi run list, and mibi pull RUN for a run's FOVs",
		Version:           programVersion(),
		SilenceUsage:      true,
		SilenceErrors:     true,
		Args:              noArgs,
		PersistentPreRunE: func(*cobra.Command, []string) error { return g.prepare() },
		RunE:              showHelp,
	}
	g.register(root.PersistentFlags())
	root.SetUsageTemplate(strings.ReplaceAll(root.UsageTemplate(), ".FlagUsages", ".FlagUsagesWrapped "+strconv.Itoa(helpWidth)))
	root.SetVersionTemplate("mibi {{.Version}}\n")
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return &usageError{err} })
	addGroup(root, "Log in", newLogin(g), newLogout(g), newWhoami(g))
	addGroup(root, "Move data", newPull(g), newPush(g), newWatch(g), newCheck(g), newDownload(g))
	addGroup(root, "Look and edit", newRun(g), newImage(g), newChannel(g), newImageSet(g),
		newProject(g), newSlide(g), newSection(g), newPanel(g), newTissue(g), newInstrument(g))
	addGroup(root, "Files", newTIFF(g))
	addGroup(root, "Serve", newServe(g), newUser(g), newKey(g), newDemo(g))
	addGroup(root, "Other", newAPI(g), newDoctor(g), newVersion(g))
	root.SetHelpCommandGroupID("Other")
	root.SetCompletionCommandGroupID("Other")
	strictBuiltins(root)
	completeAll(g, root)
	fitHelp(root)
	return root
}

// addGroup adds commands that the help shows together.
func addGroup(root *cobra.Command, title string, commands ...*cobra.Command) {
	root.AddGroup(&cobra.Group{ID: title, Title: title + ":"})
	for _, c := range commands {
		c.GroupID = title
	}
	root.AddCommand(commands...)
}
