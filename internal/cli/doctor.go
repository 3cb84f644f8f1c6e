package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/openmibi/openmibi/internal/config"
)

// doctor finds out what keeps the other commands from working.
type doctor struct {
	g    *globals
	dir  string
	run  string
	wait time.Duration // how long each step may take

	settings config.Settings
	base     string // the server's URL; empty where none is known
	found    []finding
	refused  bool
}

// finding is what `mibi doctor --json` prints of each check.
type finding struct {
	Check  string  `json:"check"`
	State  health  `json:"state"`
	Detail string  `json:"detail"`
	Advice *string `json:"advice"` // what to do; null where nothing is to be done
}

// health is how a check ended.
type health string

const (
	healthOK      health = "ok"
	healthWarning health = "warning" // it works, and somebody should know
	healthWrong   health = "wrong"
)

func newDoctor(g *globals) *cobra.Command {
	o := doctor{g: g}
	cmd := &cobra.Command{
		Use:   "doctor",
		Short: "Find out what is wrong: URL, network, proxy, clock, login, disk",
		Long: "Check what the other commands need, one thing after another: where the settings\n" +
			"come from and who can read them; the server's name, the connection, the proxy,\n" +
			"the certificate, and whether a MIBItracker answers there; both clocks; the login;\n" +
			"the versions; the folder that files go to. For each it says ok, warning or wrong,\n" +
			"and what to do. It changes nothing, and prints no secrets.",
		Example: "  mibi doctor\n" +
			"  mibi doctor --url https://mibi.example.org --ca-file hospital-ca.pem\n" +
			"  mibi doctor --dir /mnt/data --run 20190308_2169_2170\n" +
			"  mibi doctor --jq '.[] | select(.state != \"ok\")'",
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := noEmptyFlags(cmd); err != nil {
				return err
			}
			return o.do(cmd.Context())
		},
	}
	cmd.Flags().StringVar(&o.dir, "dir", ".", "the `folder` that files would go to")
	cmd.Flags().StringVar(&o.run, "run", "", "look whether the files of this `RUN` can be read in parts")
	return cmd
}

// doctorWait is how long a step may take where --timeout does not say.
const doctorWait = 10 * time.Second

func (o *doctor) do(ctx context.Context) error {
	if o.wait = o.g.timeout; o.wait == 0 {
		o.wait = doctorWait
	}
	for _, check := range []func(context.Context) bool{
		o.checkSettings, o.checkProfiles, o.checkProxy, o.checkServer, o.checkLogin,
	} {
		proceed := check(ctx)
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if !proceed {
			break // what follows could not work
		}
	}
	o.checkDisk()
	if err := o.show(); err != nil {
		return err
	}
	wrong := slices.DeleteFunc(slices.Clone(o.found), func(f finding) bool { return f.State != healthWrong })
	switch {
	case o.refused:
		return &refusedError{errors.New("the login does not work: see above")}
	case len(wrong) > 0:
		return fmt.Errorf("%s: see above", countedWrong(len(wrong)))
	}
	return nil
}

func countedWrong(n int) string {
	if n == 1 {
		return "1 thing is wrong"
	}
	return fmt.Sprintf("%d things are wrong", n)
}

// say notes how a check ended. An empty advice is none.
func (o *doctor) say(check string, state health, advice, format string, args ...any) {
	o.found = append(o.found, finding{Check: check, State: state, Detail: fmt.Sprintf(format, args...), Advice: textOrNull(advice)})
}

// show prints what was found: two lines for what needs a person, on a terminal.
func (o *doctor) show() error {
	if _, tty := terminal(o.g.streams.Out); !tty || o.g.json {
		return o.g.report(o.found, func(t *table) {
			for _, f := range o.found {
				t.row(string(f.State), f.Check, f.Detail, f.Advice)
			}
		})
	}
	const before, arrow = 22, "→ "
	width := newTable(o.g.streams.Out).width - before
	for _, f := range o.found {
		lines := brokenAt(printable(f.Detail), width)
		if f.Advice != nil {
			for i, line := range brokenAt(printable(*f.Advice), width-len([]rune(arrow))) {
				if i == 0 {
					line = arrow + line
				} else {
					line = "  " + line
				}
				lines = append(lines, line)
			}
		}
		state, check := string(f.State), f.Check
		for _, line := range lines {
			if _, err := fmt.Fprintf(o.g.results(), "%-8s %-12s %s\n", state, check, line); err != nil {
				return err
			}
			state, check = "", ""
		}
	}
	return nil
}

// checkSettings finds out which server is meant, and where that comes from.
func (o *doctor) checkSettings(ctx context.Context) bool {
	s, err := config.Resolve(ctx, o.g.settings, os.Getenv)
	o.settings, o.base = s, s.URL
	if ctx.Err() != nil {
		return false
	}
	if _, bad := config.CheckURL(o.base); bad != nil {
		o.base = ""
	}
	for _, w := range s.Warnings {
		o.say("settings", healthWarning, "", "%s", w)
	}
	switch {
	case err != nil && errors.Is(err, config.ErrNotLoggedIn):
		o.refused = true
		o.say("settings", healthWrong, "run mibi login --url URL --email ADDRESS", "%v", err)
	case err != nil:
		o.say("settings", healthWrong, "", "%v", err)
	default:
		o.say("settings", healthOK, "", "%s, from %s", s.URL, o.source())
	}
	return true
}

// source says where the server's URL comes from.
func (o *doctor) source() string {
	switch {
	case o.g.settings.URL != "":
		return "--url"
	case os.Getenv(config.EnvURL) != "":
		return config.EnvURL
	}
	return "profile " + o.settings.Profile
}

// checkProfiles looks at the profiles' file.
func (o *doctor) checkProfiles(context.Context) bool {
	store, err := config.Open(os.Getenv)
	if err != nil {
		o.say("profiles", healthWarning, "set HOME, or give URL and token in the environment", "%v", err)
		return true
	}
	file, err := store.Load()
	switch {
	case err != nil:
		o.say("profiles", healthWrong, "", "%v", err)
	case store.ReadableByOthers():
		o.say("profiles", healthWarning, "chmod 600 "+shellWord(store.Path()), "others can read %s", store.Path())
	case len(file.Profiles) == 0:
		o.say("profiles", healthOK, "", "none are kept in %s", store.Path())
	default:
		place := "tokens in the same file"
		if store.Keyring != nil {
			place = "tokens in the system's keyring, where that took them"
		}
		o.say("profiles", healthOK, "", "%s in %s; %s", counted(len(file.Profiles), "profile"), store.Path(), place)
	}
	return true
}
