package mibitiff

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/openmibi/openmibi/internal/tiff"
)

// Severity says how much a [Finding] matters.
type Severity int

// The severities, from the least.
const (
	// SeverityNote is a departure without effect on the readers known.
	SeverityNote Severity = iota
	// SeverityWarning is a departure that readers take differently.
	SeverityWarning
	// SeverityError is a departure for which a reader refuses the file, or reads wrong
	// values.
	SeverityError
)

// String returns "note", "warning" or "error".
func (s Severity) String() string {
	switch s {
	case SeverityNote:
		return "note"
	case SeverityWarning:
		return "warning"
	}
	return "error"
}

// MarshalText writes the severity as [Severity.String] does.
func (s Severity) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads what MarshalText writes.
func (s *Severity) UnmarshalText(text []byte) error {
	for _, known := range []Severity{SeverityNote, SeverityWarning, SeverityError} {
		if known.String() == string(text) {
			*s = known
			return nil
		}
	}
	return fmt.Errorf("%s is no severity", shown(string(text)))
}

// Finding is one departure of a file from the MIBItiff format.
type Finding struct {
	// Code names the kind of departure, the same in every version.
	Code string
	// Severity says how much it matters.
	Severity Severity
	// Page is the page, from 0, or [WholeFile].
	Page int
	// Tag is the TIFF tag concerned, 0 for none.
	Tag uint16
	// Message says what the departure is.
	Message string
	// Found is what stands there; it may be empty. It is cut where it is long,
	// and texts of the file are quoted in it, so that it can be printed.
	Found string
	// Effect says what readers make of it: mibilib, the Python package by which
	// the field reads, tifffile beneath it, libtiff, mibitiff itself, viewers.
	Effect string
}

// String returns the finding on one line, with everything but the code.
func (f Finding) String() string {
	text := f.Severity.String() + ": "
	if f.Page != WholeFile {
		text += fmt.Sprintf("page %d: ", f.Page)
	}
	return text + f.text(f.Found)
}

// text is the line without what comes before the tag.
func (f Finding) text(found string) string {
	text := ""
	if f.Tag != 0 {
		text = fmt.Sprintf("tag %d %s: ", f.Tag, f.TagName())
	}
	text += f.Message
	if found != "" {
		text += ": " + found
	}
	return text + "; " + f.Effect
}

// FindingGroup is the same departure on one page or more.
type FindingGroup struct {
	// Finding is the first of them.
	Finding
	// Pages are where it is, in the file's order; empty where it concerns no
	// page of its own.
	Pages []int
	// Each is what stands there, page by page, or once where no page differs.
	Each []string
}

// Text returns the departure on one line without its severity and pages: tag,
// message, what stands there, and the effect.
func (g FindingGroup) Text() string {
	found := g.Found
	if len(g.Each) > 1 {
		found += ", other pages differ"
	}
	return g.text(found)
}

// Groups puts together what differs in nothing but page and what stands there:
// errors first, then by where they begin.
func (r *Report) Groups() []FindingGroup {
	type same struct {
		code, message, effect string
		severity              Severity
		tag                   uint16
		whole                 bool
	}
	at := map[same]int{}
	var groups []FindingGroup
	for _, f := range r.Findings {
		key := same{f.Code, f.Message, f.Effect, f.Severity, f.Tag, f.Page == WholeFile}
		i, seen := at[key]
		if !seen {
			i = len(groups)
			at[key] = i
			groups = append(groups, FindingGroup{Finding: f})
		}
		if f.Page != WholeFile {
			groups[i].Pages = append(groups[i].Pages, f.Page)
		}
		if f.Found != "" {
			groups[i].Each = append(groups[i].Each, f.Found)
		}
	}
	for i, g := range groups {
		if distinct := slices.Compact(slices.Clone(g.Each)); len(distinct) == 1 {
			groups[i].Each = distinct
		}
	}
	slices.SortStableFunc(groups, func(a, b FindingGroup) int {
		return cmp.Or(cmp.Compare(b.Severity, a.Severity), cmp.Compare(a.Page, b.Page), cmp.Compare(a.Tag, b.Tag))
	})
	return groups
}

// TagName returns the name of the finding's tag as TIFF has it, "private" for
// one that TIFF does not name, "" for none.
func (f Finding) TagName() string {
	if f.Tag == 0 {
		return ""
	}
	return tiff.TagName(f.Tag)
}
