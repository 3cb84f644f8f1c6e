package store

import (
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/openmibi/openmibi/internal/store/columns"
)

// value is what a related object says about an image.
type value struct {
	some   bool
	number int64
	text   string
}

func textValue(s string, some bool) value { return value{some: some, text: s} }

func idValue(id uint32) value { return value{some: id != 0, number: int64(id)} }

// relation is a field that images get from what they relate to.
type relation struct {
	codes func(*imageIndex) *columns.Codes // the id of what they relate to
	size  func(*imageIndex) int            // ids are below it
	value func(*asking, uint32) value
	texts bool // it orders by text that is the same for every viewer
}

// asking is a question by one viewer. What it may not see it cannot find
// things by, either.
type asking struct {
	*imageIndex

	sees scopes // nil: all
}

func (a *asking) may(o ownedDim) bool { return o.exists && (a.sees == nil || a.sees.has(o.scope)) }

func (a *asking) section(id uint32) (s sectionDim, ok bool) {
	s = at(a.sections, id)
	return s, a.may(s.ownedDim)
}

func (a *asking) panelOf(section uint32) (id uint32, p panelDim, ok bool) {
	s, ok := a.section(section)
	p = at(a.panels, s.panel)
	return s.panel, p, ok && a.may(p.ownedDim)
}

func (a *asking) slideOf(section uint32) (id uint32, o ownedDim, ok bool) {
	s, ok := a.section(section)
	o = at(a.slides, s.slide)
	return s.slide, o, ok && a.may(o)
}

func codesNamed(name string) func(*imageIndex) *columns.Codes {
	return func(x *imageIndex) *columns.Codes { return x.codes[name] }
}

func runCodes(x *imageIndex) *columns.Codes   { return &x.run }
func scopeCodes(x *imageIndex) *columns.Codes { return &x.scope }

func runSize(x *imageIndex) int     { return len(x.runs) }
func sectionSize(x *imageIndex) int { return len(x.sections) }
func tissueSize(x *imageIndex) int  { return len(x.tissues) }
func scopeSize(x *imageIndex) int   { return 2 * len(x.projects) }

// ofRun, ofSection, ofTissue and ofProject shorten the table below.
func ofRun(texts bool, f func(*asking, runDim) value) relation {
	return relation{runCodes, runSize, func(a *asking, id uint32) value { return f(a, a.runAt(id)) }, texts}
}

func ofSection(f func(*asking, uint32) value) relation {
	return relation{codesNamed("section_id"), sectionSize, f, false}
}

func ofTissue(f func(tissueDim) string) relation {
	return relation{codesNamed("tissue_id"), tissueSize, func(a *asking, id uint32) value {
		t := at(a.tissues, id)
		return textValue(f(t), t.exists)
	}, true}
}

func projectName(a *asking, scope uint32) value {
	p := at(a.projects, projectIn(scope))
	return textValue(p.name, p.exists)
}

// relations are the fields of images that lie in other tables, by their names
// in the allow-list.
var relations = map[string]relation{
	"run":           {runCodes, runSize, func(_ *asking, id uint32) value { return idValue(id) }, false},
	"run__label":    ofRun(true, func(_ *asking, r runDim) value { return textValue(r.label, true) }),
	"run__name":     ofRun(true, func(_ *asking, r runDim) value { return textValue(r.name, true) }),
	"run__run_date": ofRun(true, dateOf),
	"search.start":  ofRun(true, dateOf),
	"search.end":    ofRun(true, dateOf),
	"search.run":    ofRun(true, func(_ *asking, r runDim) value { return textValue(r.name+" "+r.label, true) }),
	"run__instrument": ofRun(false, func(_ *asking, r runDim) value {
		return idValue(r.instrument)
	}),
	"search.instrument": ofRun(true, func(a *asking, r runDim) value {
		return textValue(at(a.instruments, r.instrument), r.instrument != 0)
	}),
	"project": {scopeCodes, scopeSize, func(_ *asking, scope uint32) value { return idValue(projectIn(scope)) }, false},

	"project__name":  {scopeCodes, scopeSize, projectName, true},
	"search.project": {scopeCodes, scopeSize, projectName, true},

	"tissue__organ":     ofTissue(func(t tissueDim) string { return t.organ }),
	"tissue__diagnosis": ofTissue(func(t tissueDim) string { return t.diagnosis }),
	"search.tissue":     ofTissue(func(t tissueDim) string { return t.organ + " " + t.subsite + " [" + t.diagnosis + "]" }),

	"section": ofSection(func(a *asking, id uint32) value {
		_, ok := a.section(id)
		return value{some: ok, number: int64(id)}
	}),
	"section__slide": ofSection(func(a *asking, id uint32) value {
		slide, _, ok := a.slideOf(id)
		return value{some: ok, number: int64(slide)}
	}),
	"section__panel": ofSection(func(a *asking, id uint32) value {
		panel, _, ok := a.panelOf(id)
		return value{some: ok, number: int64(panel)}
	}),
	"search.panel": ofSection(func(a *asking, id uint32) value {
		_, p, ok := a.panelOf(id)
		return textValue(p.name, ok)
	}),
	"search.slide": ofSection(func(a *asking, id uint32) value {
		_, s, ok := a.slideOf(id)
		return textValue(s.name, ok)
	}),
}

func dateOf(_ *asking, r runDim) value {
	if r.date == nil {
		return value{}
	}
	return textValue(*r.date, true)
}

// ownFields are the fields of images themselves, by their columns.
var ownFields = map[string]string{
	"description": "description", "point": "point", "number": "number", "folder": "folder", "dwell_time": "dwell_time", "depths": "depths",
	"frame": "frame", "fov_size": "fov_size", "mass_gain": "mass_gain", "mass_offset": "mass_offset", "time_bin": "time_bin",
	"x_coord": "x_coord", "y_coord": "y_coord", "sed": "sed", "aperture": "aperture_id", "imaging_preset": "imaging_preset",
	"lens1_voltage": "lens1_voltage", "status": "status", "tissue": "tissue_id", "search.point": "point",
}

// indexed tells whether the index knows all that a query names.
func indexed(fields Fields, q Query) bool {
	knows := func(name string) bool {
		f, allowed := fields[name]
		if !allowed {
			return false
		}
		_, own := ownFields[name]
		_, related := relations[name]
		return own || related || name == "id" || f.Kind == kindMass || f.Kind == kindTarget
	}
	return !slices.ContainsFunc(q.Conds, func(c Cond) bool { return !knows(c.Field) || !fields[c.Field].Filter }) &&
		!slices.ContainsFunc(q.Order, func(o Order) bool { return !knows(o.Field) || !fields[o.Field].Order })
}

// matcher tells whether a value is one that a filter asks for.
func matcher(kind Kind, values []any) func(value) bool {
	texts, numbers := make([]string, 0, len(values)), make([]int64, 0, len(values))
	for _, v := range values {
		switch v := v.(type) {
		case string:
			if kind == KindTextFold || kind == KindContains {
				v = strings.ToLower(v)
			}
			texts = append(texts, v)
		case int64:
			numbers = append(numbers, v)
		}
	}
	anyText := func(match func(have, want string) bool) func(value) bool {
		return func(v value) bool {
			return v.some && slices.ContainsFunc(texts, func(want string) bool { return match(v.text, want) })
		}
	}
	switch kind {
	case KindInt:
		return func(v value) bool { return v.some && slices.Contains(numbers, v.number) }
	case KindTextFold:
		return anyText(func(have, want string) bool { return strings.ToLower(have) == want })
	case KindContains:
		return anyText(containsFold)
	case KindStatus:
		return anyText(strings.Contains)
	case KindDateFrom:
		return anyText(func(have, want string) bool { return have >= want })
	case KindDateTo:
		return anyText(func(have, want string) bool { return have <= want })
	}
	return anyText(func(have, want string) bool { return have == want })
}

// containsFold tells whether a text contains another one, which is in lower
// case, in any case. Most texts are ASCII, and need no copy.
func containsFold(have, want string) bool {
	for i := range len(have) {
		if have[i] >= utf8.RuneSelf {
			return strings.Contains(strings.ToLower(have), want)
		}
	}
	for i := 0; i+len(want) <= len(have); i++ {
		k := 0
		for k < len(want) && lowerASCII(have[i+k]) == want[k] {
			k++
		}
		if k == len(want) {
			return true
		}
	}
	return false
}

func lowerASCII(b byte) byte {
	if 'A' <= b && b <= 'Z' {
		return b + ('a' - 'A')
	}
	return b
}
