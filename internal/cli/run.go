package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/openmibi/openmibi/mibitracker"
)

func newRun(g *globals) *cobra.Command {
	cmd := &cobra.Command{
		Use: "run", Short: "Find, make, copy and delete runs", Args: noArgs, RunE: showHelp,
		Long: "Find, make, copy and delete runs.\n\n" +
			"RUN is a run's label, or its name where no other run has the same name.",
	}
	cmd.AddCommand(newRunList(g), newRunView(g), newRunImages(g), newRunCreate(g), newRunCopy(g), newRunCopyImages(g), newRunDelete(g))
	return cmd
}

// findRun gives the run of a label, or the one run of that name.
func findRun(ctx context.Context, client *mibitracker.Client, text string) (*mibitracker.Run, error) {
	return findRunBy(ctx, client, text, client.Runs.Find)
}

// findRunOnly is findRun without the run's images, of which there may be any
// number.
func findRunOnly(ctx context.Context, client *mibitracker.Client, text string) (*mibitracker.Run, error) {
	return findRunBy(ctx, client, text, client.Runs.FindWithoutImages)
}

func findRunBy(ctx context.Context, client *mibitracker.Client, text string,
	find func(context.Context, string) (*mibitracker.Run, error)) (*mibitracker.Run, error) {
	if text == "" {
		return nil, usage(errors.New("RUN is empty: give a run's label"))
	}
	run, err := find(ctx, text)
	var unexpected *mibitracker.UnexpectedAnswerError
	switch {
	case errors.As(err, &unexpected) && unexpected.NotOne && len(unexpected.Found) == 0:
		return nil, &mibitracker.UnexpectedAnswerError{
			Reason: fmt.Sprintf("there is no run of label or name %q%s", text, proposedRuns(ctx, client, text)), NotOne: true,
		}
	case errors.As(err, &unexpected) && unexpected.NotOne:
		return nil, &mibitracker.UnexpectedAnswerError{
			Reason: fmt.Sprintf("there are %d runs of name %q: give the label of one", len(unexpected.Found), text),
			Found:  few(unexpected.Found), NotOne: true,
		}
	}
	return run, err
}

// labelled gives the one run of a label, where a name will not do.
func labelled(ctx context.Context, client *mibitracker.Client, label string) (*mibitracker.Run, error) {
	run, err := client.Runs.ByLabel(ctx, label)
	var unexpected *mibitracker.UnexpectedAnswerError
	if errors.As(err, &unexpected) && unexpected.NotOne && len(unexpected.Found) == 0 {
		return nil, &mibitracker.UnexpectedAnswerError{
			Reason: fmt.Sprintf("there is no run of label %q%s", label, proposedRuns(ctx, client, label)), NotOne: true,
		}
	}
	return run, err
}

// maxRuns is how many runs, the newest, are looked through for names to propose.
const maxRuns = 200

// proposedRuns is the end of an error about a run that does not exist.
func proposedRuns(ctx context.Context, client *mibitracker.Client, text string) string {
	var labels, names []string
	known := map[string]string{} // how a name is shown
	filter := mibitracker.RunFilter{ListOptions: mibitracker.ListOptions{Limit: pageSize}}
	for run, err := range client.Runs.All(ctx, filter) {
		if err != nil || len(labels) >= maxRuns {
			break // proposals help; the error stands without them
		}
		labels = append(labels, run.Label)
		known[run.Label] = run.Label
		names = append(names, run.Label)
		if run.Name != run.Label {
			names = append(names, run.Name)
			known[run.Name] = fmt.Sprintf("%s (named %s)", run.Label, run.Name)
		}
	}
	if len(labels) == 0 {
		return "; " + noRuns
	}
	if near := nearest(text, names); len(near) > 0 {
		return proposal(text, near, func(name string) string { return known[name] })
	}
	return proposal(text, labels, asItIs)
}

// noRuns tells an account that sees nothing why that may be.
const noRuns = "you see no runs: those of a project are seen by its members, and its manager adds you"

// few is a list of candidates that a person can read.
func few(candidates []string) []string {
	const most = 20
	if len(candidates) <= most {
		return candidates
	}
	return append(candidates[:most:most], fmt.Sprintf("and %d more", len(candidates)-most))
}

// showRun is a run for people.
func showRun(t *table, run *mibitracker.Run) {
	t.field("Label", run.Label)
	t.field("ID", run.ID)
	t.field("Name", run.Name)
	t.field("Date", run.RunDate)
	t.field("Project", projectName(run.Project))
	t.field("Instrument", instrumentName(run.Instrument))
	t.field("Slides", slideNames(run.Slides))
	t.field("Aperture", apertureName(run.Aperture))
	t.field("FOV size (µm)", run.FOVSize)
	t.field("Operator", run.Operator)
	t.field("Description", run.Description)
	t.field("Path", run.Path)
	t.field("XML", run.XML)
	t.field("Images", imageCounts(run.ImageSet))
}

// imageCounts says how many images a run has, and how many of each status.
func imageCounts(set *mibitracker.ImageSet) string {
	if set == nil {
		return ""
	}
	var order []string
	counts := map[string]int{}
	for i := range set.Images {
		status := statusText(set.Images[i].Status)
		if counts[status] == 0 {
			order = append(order, status)
		}
		counts[status]++
	}
	text := fmt.Sprint(len(set.Images))
	for i, status := range order {
		before := ", "
		if i == 0 {
			before = ": "
		}
		text += fmt.Sprintf("%s%d %s", before, counts[status], status)
	}
	return text
}

func projectName(p *mibitracker.Project) string {
	if p == nil {
		return ""
	}
	return nameOrID(p.Name, p.ID)
}

func instrumentName(i *mibitracker.Instrument) string {
	if i == nil {
		return ""
	}
	return nameOrID(i.Name, i.ID)
}

func slideNames(slides []mibitracker.Slide) []string {
	var names []string
	for _, s := range slides {
		names = append(names, nameOrID(s.Name, s.ID))
	}
	return names
}

// apertureName is the aperture's letter with its opening: "B (300 µm)".
func apertureName(a *mibitracker.Aperture) string {
	switch {
	case a == nil:
		return ""
	case a.Code == "":
		return nameOrID(a.Name, a.ID)
	case a.Name == "" || strings.EqualFold(a.Name, a.Code):
		return a.Code
	}
	return fmt.Sprintf("%s (%s)", a.Code, a.Name)
}

// nameOrID is what to call a related object, of which some backends give the
// id alone.
func nameOrID(name string, id int64) string {
	if name == "" && id != 0 {
		return fmt.Sprintf("id %d", id)
	}
	return name
}
