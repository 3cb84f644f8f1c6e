package mibitracker_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/openmibi/openmibi/mibitracker"
)

// How two records are made comparable. What these rules take away is no
// difference on the wire's meaning:
//
//   - a query, the fields of a form and the parts of a multipart form have no
//     order, and are compared decoded;
//   - a number in JSON, and the text of a part that holds a number (see
//     numericParts), is compared by its value: 400 is 400.0;
//   - a multipart's boundary and the case of header names are not on record;
//   - of User-Agent the name alone is compared, of Accept-Encoding whether it
//     has gzip in it.

var numericParts = []string{"fov_size", "lens1_voltage", "frame"}

// wireDifferences lists how a call of ours differs from the same call there. The
// requests are paired by server, method and path; one that is left over is a
// difference of its own.
func wireDifferences(there, here wireCall) []string {
	var found []string
	a, b := there.Requests, here.Requests
	for _, pair := range wirePairs(a, b) {
		switch {
		case pair[1] < 0:
			found = append(found, a[pair[0]].key()+": sent there alone")
		case pair[0] < 0:
			found = append(found, b[pair[1]].key()+": sent here alone")
		default:
			for _, d := range a[pair[0]].differences(b[pair[1]]) {
				found = append(found, a[pair[0]].key()+": "+d)
			}
		}
	}
	if x, y := there.Outcome.Raised, here.Outcome.Raised; !sameErrorClass(x, y) {
		found = append(found, fmt.Sprintf("outcome: %s there, %s here", orNothing(x), orNothing(y)))
	}
	if x, y := canonicalJSON(there.Outcome.Returned), canonicalJSON(here.Outcome.Returned); x != y {
		found = append(found, fmt.Sprintf("returned: %s there, %s here", x, y))
	}
	return found
}

// wirePairs aligns two lists of requests: the longest common sequence of keys.
func wirePairs(a, b []wireRequest) [][2]int {
	length := make([][]int, len(a)+1)
	for i := range length {
		length[i] = make([]int, len(b)+1)
	}
	for i := len(a) - 1; i >= 0; i-- {
		for j := len(b) - 1; j >= 0; j-- {
			if a[i].key() == b[j].key() {
				length[i][j] = length[i+1][j+1] + 1
			} else {
				length[i][j] = max(length[i+1][j], length[i][j+1])
			}
		}
	}
	var found [][2]int
	i, j := 0, 0
	for i < len(a) || j < len(b) {
		switch {
		case i < len(a) && j < len(b) && a[i].key() == b[j].key():
			found = append(found, [2]int{i, j})
			i, j = i+1, j+1
		case j == len(b) || i < len(a) && length[i+1][j] >= length[i][j+1]:
			found = append(found, [2]int{i, -1})
			i++
		default:
			found = append(found, [2]int{-1, j})
			j++
		}
	}
	return found
}

var manySlashes = regexp.MustCompile(`/+`)

func (r *wireRequest) key() string {
	return r.Method + " " + r.Server + manySlashes.ReplaceAllString(r.Path, "/")
}

func (r *wireRequest) differences(ours wireRequest) []string {
	var found []string
	compare := func(what, there, here string) {
		if there != here {
			found = append(found, fmt.Sprintf("%s: %s there, %s here", what, orNothing(there), orNothing(here)))
		}
	}
	compare("path", r.Path, ours.Path)
	compare("query", wireList(r.Query), wireList(ours.Query))
	compare("Authorization", r.Authorization, ours.Authorization)
	headers := maps.Clone(r.Headers)
	maps.Copy(headers, ours.Headers)
	for _, name := range slices.Sorted(maps.Keys(headers)) {
		compare("header "+name, r.Headers[name], ours.Headers[name])
	}
	compare("content type", r.ContentType, ours.ContentType)
	compare("framing", r.Framing, ours.Framing)
	compare("form", wireList(r.Form), wireList(ours.Form))
	compare("content", canonicalJSON(r.Content), canonicalJSON(ours.Content))
	x, isObject := r.JSON.(map[string]any)
	y, isObjectHere := ours.JSON.(map[string]any)
	if isObject && isObjectHere {
		for _, name := range wireNames(x, y) {
			compare("JSON field "+name, wireField(x, name), wireField(y, name))
		}
	} else {
		compare("JSON", canonicalJSON(r.JSON), canonicalJSON(ours.JSON))
	}
	p, q := wirePartTexts(r.Parts), wirePartTexts(ours.Parts)
	for _, name := range wireNames(p, q) {
		compare("part "+name, p[name], q[name])
	}
	return found
}

func wireField(jsonObject map[string]any, name string) string {
	if v, ok := jsonObject[name]; ok {
		return canonicalJSON(v)
	}
	return ""
}

func wireNames[V any](a, b map[string]V) []string {
	names := slices.Concat(slices.Collect(maps.Keys(a)), slices.Collect(maps.Keys(b)))
	slices.Sort(names)
	return slices.Compact(names)
}

func wirePartTexts(parts []wirePart) map[string]string {
	texts := map[string]string{}
	for _, p := range parts {
		text := ""
		switch {
		case p.Text == nil:
			text = fmt.Sprintf("file %q of type %s, %s", p.Filename, p.ContentType, canonicalJSON(p.File))
		case slices.Contains(numericParts, p.Name):
			text = canonicalJSON(json.Number(*p.Text))
		default:
			text = strconv.Quote(*p.Text) + p.ContentType
		}
		texts[p.Name] += text
	}
	return texts
}

func wireList(values []wireValue) string {
	var all []string
	for _, v := range values {
		all = append(all, v.Name+"="+strconv.Quote(v.Value))
	}
	slices.Sort(all)
	return strings.Join(all, " ")
}

// canonicalJSON writes a value so that equal ones are equal: fields in order,
// numbers by their value.
func canonicalJSON(v any) string {
	switch n := v.(type) {
	case json.Number:
		if f, err := strconv.ParseFloat(string(n), 64); err == nil {
			return strconv.FormatFloat(f, 'g', -1, 64)
		}
		return strconv.Quote(string(n))
	case *wireContent:
		if n == nil {
			return ""
		}
	case nil:
		return "null"
	}
	raw, err := json.Marshal(v)
	if err != nil {
		return err.Error()
	}
	var plain any // numbers as float64
	if err := json.Unmarshal(raw, &plain); err != nil {
		return err.Error()
	}
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(plain); err != nil {
		return err.Error()
	}
	return strings.TrimSpace(out.String())
}

func orNothing(s string) string {
	if s == "" {
		return "nothing"
	}
	return s
}

// raisedHere names an error of ours as outcomes do.
func raisedHere(err error) string {
	var refused *mibitracker.APIError
	switch {
	case err == nil:
		return ""
	case errors.Is(err, mibitracker.ErrUnexpected):
		return "UnexpectedAnswerError"
	case errors.As(err, &refused):
		return fmt.Sprintf("APIError %d", refused.Status)
	}
	return "error"
}

// sameErrorClass pairs the classes of errors there with ours. ValueError is what
// is refused before anything is sent.
func sameErrorClass(there, here string) bool {
	if status, ok := strings.CutPrefix(there, "HTTPError "); ok {
		return here == "APIError "+status
	}
	return here == map[string]string{"": "", "MibiTrackerError": "UnexpectedAnswerError", "ValueError": "error"}[there] &&
		(there == "" || here != "")
}
