package cli

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/openmibi/openmibi/transfer"
)

// check compares a folder with a run on the server.
type check struct {
	g       *globals
	options transfer.CheckOptions
}

// folderReport is what `mibi check --json` prints.
type folderReport struct {
	Run          string   `json:"run"`
	Dir          string   `json:"dir"`
	Equal        int      `json:"equal"`
	Missing      int      `json:"missing"`
	Different    int      `json:"different"`
	Extra        int      `json:"extra"`
	Unverifiable int      `json:"unverifiable"`
	Files        longList `json:"files"`

	result *transfer.CheckResult
}

func (r *folderReport) long() longList { return r.Files }

// files are the elements of Files.
func (r *folderReport) files() iter.Seq[checkedFile] {
	return func(yield func(checkedFile) bool) {
		for f := range r.result.Files() {
			if !yield(checkedFile(f)) {
				return
			}
		}
	}
}

type checkedFile struct {
	FOV     string              `json:"fov,omitempty"` // of none for an extra file
	ImageID int64               `json:"image_id,omitempty"`
	Channel string              `json:"channel,omitempty"`
	Path    string              `json:"path"`
	State   transfer.CheckState `json:"state"`
	Reason  string              `json:"reason,omitempty"`
}

func newCheck(g *globals) *cobra.Command {
	o := check{g: g}
	cmd := &cobra.Command{
		Use:   "check RUN DIR",
		Short: "Compare a pulled folder with the server",
		Long: "Compare a folder with a run on the server, without downloading anything. DIR is\n" +
			"the --out of a pull, or the run's folder in it. Every file here is read: a\n" +
			"MIBItiff has to have the server's SHA-256, and a channel's file to be what the\n" +
			"manifest says, made of that very TIFF.\n\n" +
			"Files that are missing, different or extra are listed, and those that cannot be\n" +
			"compared, because the server names no hash. With any of them the exit code is 3;\n" +
			"it is 1 where the folder has nothing of the run.",
		Example: "  mibi check 20190308_2169_2170 .\n" +
			"  mibi check 20190308_2169_2170 data --fov Point1\n" +
			"  mibi check 20190308_2169_2170 data --jq '.files[] | select(.state != \"equal\").path'",
		SuggestFor: []string{"verify", "compare", "diff"},
		Args:       exactArgs("RUN", "DIR"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if args[1] == "" {
				return usage(errors.New("DIR is empty: give the folder of a pull"))
			}
			o.options.Dir = args[1]
			return o.run(cmd.Context(), args[0])
		},
	}
	f := cmd.Flags()
	f.StringArrayVar(&o.options.FOVs, "fov", nil, "only this `FOV`, such as Point4 (repeatable)")
	f.StringArrayVar(&o.options.Channels, "channel", nil, "only this channel, by its exact `name` (repeatable)")
	f.IntVar(&o.options.Jobs, "jobs", 2, "read this `number` of files at once")
	f.StringArrayVar(&o.options.Include, "include", nil, "only FOVs, or channels as FOV/CHANNEL, that match this `glob` (repeatable: any of them)")
	f.StringArrayVar(&o.options.Exclude, "exclude", nil, "no FOVs, or channels as FOV/CHANNEL, that match this `glob` (repeatable)")
	return cmd
}

func (o *check) run(ctx context.Context, name string) error {
	if err := checkTransfer(o.options.Jobs, o.options); err != nil {
		return err
	}
	if _, err := os.Stat(o.options.Dir); err != nil {
		return given(err)
	}
	boundMemory()
	client, _, err := o.g.client(ctx)
	if err != nil {
		return err
	}
	run, err := findRunOnly(ctx, client, name)
	if err != nil {
		return err
	}
	progress := o.g.transferProgress("Reading", 0, -1)
	o.options.Events = progress.event
	result, err := transfer.Check(ctx, client, run, o.options)
	progress.end()
	if err != nil {
		return transferError(err)
	}
	report := folderReport{
		Run: result.Run, Dir: result.Dir, Equal: result.Count(transfer.CheckEqual), Missing: result.Count(transfer.CheckMissing),
		Different: result.Count(transfer.CheckDifferent), Extra: result.Count(transfer.CheckExtra),
		Unverifiable: result.Count(transfer.CheckUnverifiable), result: result,
	}
	report.Files = newLongList(without(report.files()))
	if err := o.g.report(&report, report.show); err != nil {
		return err
	}
	verdict := report.verdict()
	switch {
	case verdict == nil:
		o.g.note("%s equals run %s: %s.", report.Dir, report.Run, counted(report.Equal, "file"))
	case report.Missing+report.Different > 0 && !report.nothing():
		o.g.note("mibi pull brings what is missing or different; what it was not to bring, leave out here as well with --fov, --channel, --include or --exclude.")
	}
	return verdict
}

// show lists what differs; nothing where the folder has nothing of the run, as
// it is then another one that was meant.
func (r *folderReport) show(t *table) {
	if r.nothing() || r.Equal == r.result.FileCount {
		return
	}
	t.whole = true // what a path ends with is what tells it from others
	t.head("STATE", "FOV", "PATH", "REASON")
	for f := range r.files() {
		if f.State != transfer.CheckEqual {
			t.row(string(f.State), f.FOV, f.Path, f.Reason)
		}
	}
}

// nothing says that the folder has nothing of the run.
func (r *folderReport) nothing() bool { return r.Equal+r.Different+r.Unverifiable == 0 }

// verdict is nil where the folder equals the server.
func (r *folderReport) verdict() error {
	var parts []string
	for _, s := range []struct {
		n     int
		words string
	}{{r.Missing, "missing"}, {r.Different, "different"}, {r.Extra, "extra"}, {r.Unverifiable, "not verifiable"}} {
		if s.n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", s.n, s.words))
		}
	}
	if len(parts) == 0 {
		return nil
	}
	counts := fmt.Sprintf("%d equal, %s", r.Equal, strings.Join(parts, ", "))
	if r.nothing() {
		return fmt.Errorf("nothing of run %s is in %s: %s; give the --out of a pull of it, or the run's folder in that", r.Run, r.Dir, counts)
	}
	return partly(fmt.Errorf("%s is not known to equal run %s: %s", r.Dir, r.Run, counts))
}
