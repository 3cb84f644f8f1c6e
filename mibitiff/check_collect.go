package mibitiff

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/openmibi/openmibi/internal/tiff"
	"github.com/openmibi/openmibi/mibi"
)

// maxFindings is how many errors a report has, and how many other findings: a
// file may have a million pages, each with as many faults as there are tags.
const maxFindings = 10_000

// checker goes over a file and collects what departs from the format.
type checker struct {
	size     int64
	tiff     *tiff.File
	names    []string
	findings []Finding
	errors   int // among the findings
	dropped  int
	pages    []checkedPage
	first    *checkedPage // the first SIMS page
	decoded  int
	// specified are the format's keys in their order.
	specified []string
}

// checkedPage is what of a page is needed beyond its own checks.
type checkedPage struct {
	index    int
	kind     PageType // empty where the page does not say
	channel  mibi.Channel
	massless bool     // the channel has no mass that can be read
	metadata []member // of the image, on the first SIMS page alone
	date     string
	size     float64 // edge of the field of view in µm, 0 where it is not given
}

// add adds a finding as its rule has it.
func (c *checker) add(code string, page int, tag uint16, found string) {
	r := ruleOf(code)
	c.addAs(code, r.severity, r.effect, page, tag, found)
}

// addAs adds a finding of another severity and effect than the rule's.
func (c *checker) addAs(code string, severity Severity, effect string, page int, tag uint16, found string) {
	if severity == SeverityError {
		if c.errors == maxFindings {
			c.dropped++
			return
		}
		c.errors++
	} else if len(c.findings)-c.errors == maxFindings {
		c.dropped++
		return
	}
	c.findings = append(c.findings, Finding{Code: code, Severity: severity, Page: page, Tag: tag,
		Message: ruleOf(code).message, Found: found, Effect: effect})
}

// addMetadata adds a finding about what readers take from one SIMS page: the
// first of the file, or the first of the channels that they are asked for.
func (c *checker) addMetadata(code, effect string, p *checkedPage, tag uint16, found string) {
	switch {
	case p.kind != SIMS:
		c.addAs(code, SeverityNote, "none: readers take it from the SIMS pages", p.index, tag, found)
	case p == c.first:
		c.addAs(code, SeverityError, effect, p.index, tag, found)
	default:
		c.addAs(code, SeverityWarning, effect+", but only where it is asked for this channel and none before it", p.index, tag, found)
	}
}

// report returns the findings, those of the whole file first.
func (c *checker) report() *Report {
	slices.SortStableFunc(c.findings, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(a.Page, b.Page), cmp.Compare(a.Tag, b.Tag))
	})
	if c.dropped > 0 {
		r := ruleOf("more-findings")
		c.findings = append(c.findings, Finding{Code: r.code, Severity: r.severity, Page: WholeFile,
			Message: r.message, Found: fmt.Sprintf("%d more", c.dropped), Effect: r.effect})
	}
	return &Report{Pages: c.names, Decoded: c.decoded, Findings: c.findings}
}

// mostListed is how many texts of a file a finding names.
const mostListed = 5

// listed names the first few of many texts of a file.
func listed(texts []string) string { return listedOf(texts, 0) }

// listedOf is listed where there are more texts than are given.
func listedOf(texts []string, more int) string {
	var out []string
	for _, t := range texts[:min(len(texts), mostListed)] {
		out = append(out, shown(t))
	}
	list := strings.Join(out, ", ")
	if more += len(texts) - len(out); more > 0 {
		list += fmt.Sprintf(" and %d more", more)
	}
	return list
}
