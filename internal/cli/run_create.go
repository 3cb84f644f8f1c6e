package cli

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/openmibi/openmibi/mibitracker"
)

// runCreate makes a run of a run XML.
type runCreate struct {
	g *globals

	instrument, label, project, aperture string
	date, description, operator          string
	slides                               []string
	fovSize                              float64
	fields                               fieldFlag
}

func newRunCreate(g *globals) *cobra.Command {
	o := runCreate{g: g}
	cmd := &cobra.Command{
		Use:   "create XML --instrument I --label L",
		Short: "Make a run of a run XML, with an image for each FOV in it",
		Long: "Make a run of the instrument's run XML, with an image for each FOV in it; their\n" +
			"TIFFs come later. The file's name is the run's name, the label has to be new.\n\n" +
			"Instrument, slides, project and aperture are ids or names; a number is an id.",
		Example: "  mibi run create 20190308_2169_2170.xml --instrument MIBIscope --label 20190308_2169_2170\n" +
			"  mibi run create run.xml --instrument 1 --label liver-7 --project Liver --slide 2169 --slide 2170 \\\n" +
			"    --aperture B --fov-size 400 --operator 'A. Operator'",
		Args: exactArgs("XML"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := o.check(cmd.Flags().Changed); err != nil {
				return err
			}
			return o.run(cmd.Context(), args[0])
		},
	}
	f := cmd.Flags()
	f.StringVar(&o.instrument, "instrument", "", "the `instrument`, by its id or name (required)")
	f.StringVar(&o.label, "label", "", "the run's `label`, which no other run has (required)")
	f.StringArrayVar(&o.slides, "slide", nil, "a `slide`, by its id or name (repeatable)")
	f.StringVar(&o.project, "project", "", "the `project`, by its id or name")
	f.StringVar(&o.aperture, "aperture", "", "the `aperture`, by its id, code (A to E) or name")
	f.Float64Var(&o.fovSize, "fov-size", 0, "the FOVs' `size` in µm")
	f.StringVar(&o.date, "date", "", "the run's `day`, such as 2024-06-13; wins over the XML's")
	f.StringVar(&o.description, "description", "", "a `text` about the run")
	f.StringVar(&o.operator, "operator", "", "`who` ran the instrument")
	f.VarP(&o.fields, "field", "f", "a further `key=value` to send, by its name in the API; wins over the flags (repeatable)")
	return cmd
}

func (o *runCreate) check(set func(flag string) bool) error {
	switch {
	case o.instrument == "":
		return usage(errors.New("a run needs --instrument"))
	case o.label == "":
		return usage(errors.New("a run needs a --label"))
	case set("fov-size") && !(o.fovSize > 0):
		return usage(fmt.Errorf("--fov-size is %v, not above zero", o.fovSize))
	}
	for flag, text := range map[string]*string{"project": &o.project, "aperture": &o.aperture, "date": &o.date} {
		if set(flag) && *text == "" {
			return usage(fmt.Errorf("--%s is empty", flag))
		}
	}
	return checkDate("date", o.date)
}

func (o *runCreate) run(ctx context.Context, path string) error {
	fields, err := o.fields.texts()
	if err != nil {
		return err
	}
	xml, err := mibitracker.FromFile(path)
	if err != nil {
		return given(err)
	}
	client, _, err := o.g.client(ctx)
	if err != nil {
		return err
	}
	n := mibitracker.NewRun{
		XML: xml, Label: o.label, FOVSize: o.fovSize, RunDate: o.date, Description: o.description, Operator: o.operator, Fields: fields,
	}
	if err := o.related(ctx, client, &n); err != nil {
		return err
	}
	run, err := client.Runs.Create(ctx, n)
	if err != nil {
		return err
	}
	o.g.warnIgnoredOfRun(run, o.fields)
	return o.g.reportObject(run, func(t *table) { showRun(t, run) })
}

// related fills in the ids of what the flags name.
func (o *runCreate) related(ctx context.Context, client *mibitracker.Client, n *mibitracker.NewRun) (err error) {
	if _, n.Instrument, err = instruments(client).find(ctx, o.g, o.instrument); err != nil {
		return err
	}
	if o.project != "" {
		if _, n.Project, err = projects(client).find(ctx, o.g, o.project); err != nil {
			return err
		}
	}
	if o.aperture != "" {
		if _, n.Aperture, err = apertures(client).find(ctx, o.g, o.aperture); err != nil {
			return err
		}
	}
	for _, text := range o.slides {
		_, id, err := slides(client).find(ctx, o.g, text)
		if err != nil {
			return err
		}
		n.Slides = append(n.Slides, id)
	}
	return nil
}
