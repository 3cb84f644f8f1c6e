package api

import (
	"maps"
	"math"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/openmibi/openmibi/internal/store"
)

// Limits of lists.
const (
	defaultLimit = 10
	maxLimit     = 1000
	maxValues    = 100 // values of one filter, steps of an ordering
)

// filter is a query parameter of a list: the field that it stands for and the
// kind of its values.
type filter struct {
	field string
	kind  store.Kind
	// skipEmpty: an empty value asks for nothing, as an empty box of a form.
	skipEmpty bool
}

// filtersOf makes every field of a list a filter of the same name, but for
// those that belong to a search.
func filtersOf(fields store.Fields) map[string]filter {
	out := make(map[string]filter, len(fields))
	for name, f := range fields {
		if f.Filter && !strings.Contains(name, ".") {
			out[name] = filter{field: name, kind: f.Kind}
		}
	}
	return out
}

// listQuery is a list's query string, read.
type listQuery struct {
	store.Query
	paged bool
	given url.Values
}

// readListQuery reads the query string of a list. Whatever it does not know
// is a 400 that names it: a filter silently ignored would return wrong data.
func readListQuery(r *http.Request, filters map[string]filter, fields store.Fields) (*listQuery, error) {
	given, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return nil, newProblem(http.StatusBadRequest, "The query string cannot be read.")
	}
	q := &listQuery{paged: true, given: given, Query: store.Query{Limit: defaultLimit}}
	wrong := map[string][]string{}
	for _, name := range slices.Sorted(maps.Keys(given)) {
		values := given[name]
		var text string
		switch f, known := filters[name]; {
		case !known:
			text = q.readControl(name, values[len(values)-1], fields)
		default:
			text = q.readFilter(f, values)
		}
		if text != "" {
			wrong[printable(name)] = []string{text}
		}
	}
	if len(wrong) > 0 {
		return nil, &problem{status: http.StatusBadRequest, fields: wrong}
	}
	if !q.paged {
		q.Limit, q.Offset = 0, 0
	}
	return q, nil
}

// readControl reads a parameter that is no filter; it returns what is wrong.
func (q *listQuery) readControl(name, value string, fields store.Fields) string {
	switch name {
	case "limit":
		n, err := strconv.Atoi(value)
		if err != nil || n < 1 {
			return "Not a positive integer."
		}
		q.Limit = min(n, maxLimit)
	case "offset":
		n, err := strconv.Atoi(value)
		if err != nil || n < 0 || n > math.MaxInt32 {
			return "Not an integer of at least 0."
		}
		q.Offset = n
	case "paging":
		switch value {
		case "no":
			q.paged = false
		case "yes":
		default:
			return "Use no, or leave it out."
		}
	case "active":
		v, err := parseBool(value)
		if err != nil {
			return "Use true or false."
		}
		q.Inactive = !v
	case "ordering":
		return q.readOrdering(value, fields)
	default:
		return "Unknown parameter."
	}
	return ""
}

func (q *listQuery) readOrdering(value string, fields store.Fields) string {
	if strings.Count(value, ",") >= maxValues {
		return "Too many fields."
	}
	for step := range strings.SplitSeq(value, ",") {
		name, desc := strings.CutPrefix(strings.TrimSpace(step), "-")
		if !desc {
			name = strings.TrimPrefix(name, "+")
		}
		if f, known := fields[name]; !known || !f.Order {
			return "Unknown field " + quote(name) + "."
		}
		// A field that is named again decides nothing, and would cost what it did.
		if !slices.ContainsFunc(q.Order, func(o store.Order) bool { return o.Field == name }) {
			q.Order = append(q.Order, store.Order{Field: name, Desc: desc})
		}
	}
	return ""
}

func (q *listQuery) readFilter(f filter, values []string) string {
	if len(values) > maxValues {
		return "Too many values."
	}
	cond := store.Cond{Field: f.field}
	for _, value := range values {
		if value == "" && f.skipEmpty {
			continue
		}
		v, text := filterValue(f.kind, value)
		if text != "" {
			return text
		}
		cond.Values = append(cond.Values, v)
	}
	if len(cond.Values) > 0 {
		q.Conds = append(q.Conds, cond)
	}
	return ""
}

// filterValue reads a filter's value as its field's kind asks.
func filterValue(kind store.Kind, value string) (v any, wrong string) {
	if !clean(value) {
		return nil, "The text is not valid UTF-8 or holds a NUL character."
	}
	switch kind {
	case store.KindInt:
		n, err := strconv.ParseInt(value, 10, 64)
		if err != nil {
			return nil, "Not an integer: " + quote(value) + "."
		}
		return n, ""
	case store.KindFloat:
		n, err := strconv.ParseFloat(value, 64)
		if err != nil || math.IsNaN(n) || math.IsInf(n, 0) {
			return nil, "Not a number: " + quote(value) + "."
		}
		return n, ""
	case store.KindBool:
		b, err := parseBool(value)
		if err != nil {
			return nil, "Use true or false."
		}
		return b, ""
	case store.KindDate, store.KindDateFrom, store.KindDateTo:
		if _, err := time.Parse(time.DateOnly, value); err != nil {
			return nil, "Not a date: " + quote(value) + ". Use YYYY-MM-DD."
		}
	case store.KindStatus:
		if len(value) != 1 || !strings.Contains("AUEMS", value) {
			return nil, "Not a status: " + quote(value) + ". Use one of A, U, E, M, S."
		}
	}
	return value, ""
}

// printable makes a client's parameter name fit to be a JSON key.
func printable(name string) string {
	if r := []rune(name); len(r) > 80 {
		name = string(r[:80])
	}
	return strings.ToValidUTF8(name, "�")
}
