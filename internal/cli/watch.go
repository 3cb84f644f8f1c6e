package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/openmibi/openmibi/internal/config"
	"github.com/openmibi/openmibi/mibi"
	"github.com/openmibi/openmibi/transfer"
)

// watch pushes the FOVs in a folder as they become whole.
type watch struct {
	g       *globals
	run     string
	options transfer.WatchOptions
}

func newWatch(g *globals) *cobra.Command {
	o := watch{g: g}
	cmd := &cobra.Command{
		Use:   "watch DIR --run RUN",
		Short: "Push FOVs from a folder as they become whole",
		Long: "Watch a folder, and push the MIBItiffs in it to a run as they become whole, until\n" +
			"it is interrupted. It looks at the folder and all that is in it every few\n" +
			"seconds, on network drives too. A file is whole when it no longer changes and\n" +
			"every channel of it decodes; until then it is waited for.\n\n" +
			"What was pushed is noted in " + transfer.StateName + " in the folder, or in the file of\n" +
			"--state: a watch that was ended goes on where it was, and what the server has is\n" +
			"not sent again. Files of other runs are left alone.\n\n" +
			"While the server, the network drive or the login is away it waits, and says so. It\n" +
			"keeps its login from ending; should it end all the same, run mibi login in another\n" +
			"window. An API key needs none: see --token-file and mibi key.",
		Example: "  mibi watch /mnt/instrument --run 20190308_2169_2170\n" +
			"  mibi watch 'D:\\Data' --run 20190308_2169_2170 --token-file key.txt --bwlimit 5M\n" +
			"  mibi watch . --run 20190308_2169_2170 --once\n" +
			"  mibi watch . --run 20190308_2169_2170 --jq 'select(.event == \"failed\") | .error'",
		Args: exactArgs("DIR"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := noEmptyFlags(cmd); err != nil {
				return err
			}
			return o.do(cmd.Context(), args[0])
		},
	}
	f := cmd.Flags()
	f.StringVar(&o.run, "run", "", "the `RUN` to push to: a label, or a name that one run has (required)")
	f.DurationVar(&o.options.Interval, "interval", 5*time.Second, "look at the folder every such `time`")
	f.StringVar(&o.options.State, "state", "", "the `file` that notes what was pushed (default "+transfer.StateName+" in DIR)")
	f.BoolVar(&o.options.Once, "once", false, "end when all that is in the folder was pushed or has failed (exit code 3)")
	f.IntVar(&o.options.Jobs, "jobs", 4, "send this `number` of files at once")
	f.StringArrayVar(&o.options.Include, "include", nil, "push only the files that match this `glob` (repeatable: any of them)")
	f.StringArrayVar(&o.options.Exclude, "exclude", nil, "push no files that match this `glob` (repeatable)")
	addBandwidthFlag(cmd, g)
	return cmd
}

// shortestInterval keeps a watch from doing nothing but looking.
const shortestInterval = 100 * time.Millisecond

func (o *watch) do(ctx context.Context, dir string) error {
	switch {
	case dir == "":
		return usage(errors.New("DIR is empty: name the folder to watch"))
	case o.run == "":
		return usage(errors.New("--run is missing: name the run to push to; mibi run list shows them"))
	case o.options.Interval < shortestInterval:
		return usage(fmt.Errorf("--interval is %v, below %v", o.options.Interval, shortestInterval))
	}
	if err := checkTransfer(o.options.Jobs, o.options); err != nil {
		return err
	}
	if _, err := os.Stat(dir); err != nil {
		return given(err)
	}
	client, settings, err := o.g.client(ctx)
	if err != nil {
		return err
	}
	run, err := findRunOnly(ctx, client, o.run)
	if err != nil {
		return err
	}
	// Nobody would read on where the lines go nowhere.
	running, end := context.WithCancelCause(ctx)
	defer end(nil)
	say := &watchLines{g: o.g, once: o.options.Once, relogin: relogin(settings), broken: end, moved: map[string]time.Time{}}
	o.options.Dir, o.options.Events = dir, say.event
	if !o.options.Once {
		o.g.note("Watching %s for FOVs of run %s, every %v. Interrupt to stop; the next watch goes on from there.", dir, run.Label, o.options.Interval)
	}
	result, err := transfer.Watch(running, client, run, o.options)
	if result != nil {
		err = errors.Join(err, say.end(result))
	}
	switch {
	case errors.Is(err, transfer.ErrStateUnwritten):
		return fmt.Errorf("%w; --state FILE notes it elsewhere, such as %s", err, shellWord(stateElsewhere(run.Label)))
	case err != nil:
		return err
	case o.options.Once:
		return watchFailures(result)
	}
	return nil
}

// stateElsewhere proposes a file for the state.
func stateElsewhere(label string) string {
	name := "watch-" + mibi.FileNames([]string{label})[0] + ".json"
	if folder, err := os.UserConfigDir(); err == nil {
		return filepath.Join(folder, "openmibi", name)
	}
	return name
}

// relogin says what somebody does about a login that has ended while the
// command runs.
func relogin(s config.Settings) string {
	switch {
	case !s.Renewed.IsZero() && s.Profile != config.DefaultProfile:
		return "run mibi login --profile " + shellWord(s.Profile) + " in another window"
	case !s.Renewed.IsZero():
		return "run mibi login in another window"
	case s.Password != "":
		return "the password may have changed: end this, set the new one and start again"
	}
	return "the token is that of --token-file or " + config.EnvToken + ": end this, give a new one and start again, or use an API key"
}

// watchFailures lists what was not pushed or not processed.
func watchFailures(r *transfer.WatchResult) error {
	if len(r.Failures) == 0 {
		return nil
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s failed:", counted(len(r.Failures), "file"))
	for i := range r.Failures {
		b.WriteString("\n  " + r.Failures[i].Error())
	}
	return partly(errors.New(b.String()))
}
