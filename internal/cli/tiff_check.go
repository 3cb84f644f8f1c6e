package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/openmibi/openmibi/mibitiff"
)

// tiffCheck explains where MIBItiffs depart from the format.
type tiffCheck struct {
	g         *globals
	structure bool
}

// checkReport is an element of what `mibi tiff check --json` prints.
type checkReport struct {
	File     string         `json:"file"`
	Pages    int            `json:"pages"`
	Decoded  int            `json:"decoded"` // of the pages
	Errors   int            `json:"errors"`  // of the findings, page by page
	Warnings int            `json:"warnings"`
	Notes    int            `json:"notes"`
	Findings []checkFinding `json:"findings"`

	names []string // of the pages
}

// checkFinding is one departure on one page or more.
type checkFinding struct {
	Severity mibitiff.Severity `json:"severity"`
	Code     string            `json:"code"`
	Pages    []int             `json:"pages"`    // empty for the whole file
	Tag      *uint16           `json:"tag"`      // null where it concerns none
	TagName  *string           `json:"tag_name"` // null as the tag
	Message  string            `json:"message"`
	Found    []string          `json:"found"` // page by page, or once for all
	Effect   string            `json:"effect"`

	text string
}

func newTIFFCheck(g *globals) *cobra.Command {
	o := tiffCheck{g: g}
	cmd := &cobra.Command{
		Use:   "check FILE|URL...",
		Short: "Explain where MIBItiffs depart from the format",
		Long: "Compare files with the MIBItiff format, decode all their pages, and say of each\n" +
			"departure where it is and what other readers make of it: an error where one of them\n" +
			"refuses the file or reads wrong values, a warning where they differ, a note where\n" +
			"none minds. Nothing is printed of a file that is as the format wants it but that.",
		Example: "  mibi tiff check fov1.tiff\n" +
			"  mibi tiff check --structure *.tiff --jq '.[] | select(.errors > 0) | .file'",
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usage(fmt.Errorf("%s takes FILE|URL, one or more", cmd.CommandPath()))
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error { return o.run(cmd.Context(), args) },
	}
	cmd.Flags().BoolVar(&o.structure, "structure", false, "look at tags and descriptions alone, and decode nothing")
	return cmd
}

func (o *tiffCheck) run(ctx context.Context, files []string) error {
	reports := []checkReport{}
	var failed []error
	for _, where := range files {
		report, err := o.check(ctx, where)
		if ctx.Err() != nil {
			return err
		}
		if err != nil {
			failed = append(failed, err)
			continue
		}
		if report.Errors > 0 {
			failed = append(failed, fmt.Errorf("%s has %s", report.File, counted(report.Errors, "error")))
		}
		if reports = append(reports, report); !o.g.json {
			if err := o.print(report); err != nil {
				return err
			}
		}
	}
	err := errors.Join(failed...)
	if len(failed) < len(files) {
		err = partly(err)
	}
	if !o.g.json {
		return err
	}
	return errors.Join(o.g.printJSON(reports), err)
}

// check checks one file.
func (o *tiffCheck) check(ctx context.Context, where string) (report checkReport, err error) {
	err = withBytes(ctx, o.g, where, func(r io.ReaderAt, size int64, name string, opts ...mibitiff.Option) error {
		options := []mibitiff.CheckOption{mibitiff.CheckOpening(opts...)}
		if o.structure {
			options = append(options, mibitiff.CheckStructureOnly())
		}
		found, err := mibitiff.Check(ctx, r, size, options...)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		report = newCheckReport(name, found)
		return nil
	})
	return report, err
}

func newCheckReport(name string, found *mibitiff.Report) checkReport {
	report := checkReport{
		File: name, Pages: len(found.Pages), Decoded: found.Decoded, names: found.Pages, Findings: []checkFinding{},
		Errors:   found.Count(mibitiff.SeverityError),
		Warnings: found.Count(mibitiff.SeverityWarning),
		Notes:    found.Count(mibitiff.SeverityNote),
	}
	for _, g := range found.Groups() {
		f := checkFinding{Severity: g.Severity, Code: g.Code, Pages: g.Pages, Message: g.Message, Found: g.Each, Effect: g.Effect, text: g.Text()}
		if g.Tag != 0 {
			tag, tagName := g.Tag, g.TagName()
			f.Tag, f.TagName = &tag, &tagName
		}
		if f.Pages == nil {
			f.Pages = []int{}
		}
		if f.Found == nil {
			f.Found = []string{}
		}
		report.Findings = append(report.Findings, f)
	}
	return report
}

// print shows a line for each departure, and one for the file.
func (o *tiffCheck) print(report checkReport) error {
	var lines strings.Builder
	line := func(text string) { lines.WriteString(printable(report.File+": "+text) + "\n") }
	for _, f := range report.Findings {
		where := ""
		if len(f.Pages) > 0 {
			where = pageList(f.Pages)
			if len(f.Pages) == 1 && f.Pages[0] < len(report.names) && report.names[f.Pages[0]] != "" {
				where += " (" + report.names[f.Pages[0]] + ")"
			}
			where += map[bool]string{true: ": ", false: ", "}[f.Tag == nil]
		}
		line(f.Severity.String() + ": " + where + f.text)
	}
	switch {
	case len(report.Findings) == 0:
		line(counted(report.Pages, "page") + ", as the format wants them")
	default:
		line(fmt.Sprintf("%s, %s, %s, %s", counted(report.Pages, "page"), counted(report.Errors, "error"),
			counted(report.Warnings, "warning"), counted(report.Notes, "note")))
	}
	_, err := io.WriteString(o.g.results(), lines.String())
	return err
}

// pageList names pages, those that follow each other by the first and the last:
// "pages 0-3, 7".
func pageList(pages []int) string {
	if len(pages) == 1 {
		return "page " + strconv.Itoa(pages[0])
	}
	const most = 20
	var list []string
	for i := 0; i < len(pages); {
		last := i
		for last+1 < len(pages) && pages[last+1] <= pages[last]+1 {
			last++
		}
		if len(list) == most {
			return "pages " + strings.Join(list, ", ") + " and more"
		}
		text := strconv.Itoa(pages[i])
		if pages[last] > pages[i] {
			text += "-" + strconv.Itoa(pages[last])
		}
		list, i = append(list, text), last+1
	}
	return "pages " + strings.Join(list, ", ")
}
