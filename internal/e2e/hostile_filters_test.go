package e2e

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
)

// escapes are values that mean something to a database that is given them as a
// part of its query, or to LIKE.
var escapes = []string{
	"'", "''", `"`, "`", "\\", "\\'", "%", "_", "%%", "T_nsil", "T%l", "_oint_", "%27", "--", "';--", "' OR '1'='1", "' OR 1=1--", "x' OR 'x'='x", "1 OR 1=1", "1) OR (1=1",
	"') OR ('1'='1", "'; DROP TABLE images; --", "' UNION SELECT id, password_hash FROM accounts --", "0 UNION SELECT 1", "1; SELECT 1",
	"' AND 1=(SELECT COUNT(*) FROM accounts) --", "$1", "?1", ":1", "@x", "x'41'", "0x41", "1e1000", "NaN", "1.0", " 1", "+1", "１", "-1", "9223372036854775808",
	"NULL", "null", "None", "true", "(SELECT 1)", "CAST(1 AS TEXT)", "id", "images.id", "/*", "*/", "' || 'a", "a%00b", "[1]", `{"a":1}`, "$(id)", "${x}", "{{7*7}}", "\u2019 OR 1=1",
}

// unheard are values that nothing has, of each type of parameter.
var unheard = []string{"nothing-has-this", "4611686018427387903", "1875-01-01"}

// TestFiltersDoNotEscape tries every query parameter of every list, as the
// server's own description names them, with values that would change a query
// that they became a part of. Each is answered as a harmless value is that
// nothing has, or refused; orderings, limits, offsets and the names of
// parameters are refused.
func TestFiltersDoNotEscape(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	token := s.rootToken(t)
	f := newFOV(t)
	f.createRun(t.Context(), t, s.client(t, root))
	for _, path := range []string{"/tissues/", "/projects/", "/slides/", "/sections/", "/panels/"} {
		body := `{"name": "a", "organ": "Tonsil", "position": "top", "conjugates": [{"target": "CD3", "mass": 142}]}`
		if status, text := s.ask(t, token, http.MethodPost, path, body); status != http.StatusCreated {
			t.Fatalf("POST %s: %d %s", path, status, text)
		}
	}
	tried, lists := 0, s.listParameters(t)
	if len(lists) < 10 {
		t.Fatalf("only %d lists are described: %v", len(lists), lists)
	}
	for path, params := range lists {
		count := func(query url.Values) (status int, n float64) {
			t.Helper()
			tried++
			status, text := s.ask(t, token, http.MethodGet, path+"?"+query.Encode(), "")
			var got map[string]any
			if err := json.Unmarshal([]byte(text), &got); err != nil {
				t.Fatalf("%s?%s: %d %s", path, query.Encode(), status, text)
			}
			if status == http.StatusOK {
				n, _ = got["count"].(float64)
			} else if status != http.StatusBadRequest {
				t.Errorf("%s?%s: %d %s", path, query.Encode(), status, text)
			}
			return status, n
		}
		for i, param := range params {
			// The race detector needs fewer: each value is some parameter's turn.
			values := escapes
			if raceDetector {
				values = everyNth(escapes, i, 8)
			}
			control := slices.Contains([]string{"ordering", "limit", "offset", "paging", "active"}, param)
			nothing := -1.0
			for _, value := range unheard {
				if status, n := count(url.Values{param: {value}}); status == http.StatusOK && !control {
					nothing = n
				}
			}
			for _, value := range values {
				status, n := count(url.Values{param: {value}})
				switch {
				case control && status == http.StatusOK && !plainControl(param, value):
					t.Errorf("%s?%s=%s is accepted", path, param, value)
				case !control && status == http.StatusOK && n != nothing && !plainValue(param, value):
					t.Errorf("%s?%s=%s finds %v, what nothing has finds %v", path, param, value, n, nothing)
				}
			}
		}
		for _, value := range escapes {
			if status, _ := count(url.Values{value: {"1"}}); value != "id" && status == http.StatusOK {
				t.Errorf("%s: the parameter %q is accepted", path, value)
			}
		}
	}
	t.Logf("%d requests to %d lists", tried, len(lists))
	if status, text := s.ask(t, token, http.MethodGet, "/runs/", ""); status != http.StatusOK || !strings.Contains(text, `"count":1`) {
		t.Errorf("afterwards: %d %s", status, text)
	}
}

// everyNth is each n-th of some values, beginning somewhere.
func everyNth(values []string, from, n int) (out []string) {
	for i := from % n; i < len(values); i += n {
		out = append(out, values[i])
	}
	return out
}

// plainControl tells what a control may be given.
func plainControl(param, value string) bool {
	switch param {
	case "ordering":
		return value == "id"
	case "limit", "offset":
		return value == "+1"
	case "active":
		return value == "true"
	}
	return false
}

// plainValue tells values that a field may well have; the names of the run and
// of its points hold an underscore.
func plainValue(param, value string) bool {
	return slices.Contains([]string{"1.0", "+1", "-1", "true"}, value) || value == "_" && (param == "run" || param == "point")
}

// listParameters reads which lists there are, and what filters each has.
func (s *site) listParameters(t *testing.T) map[string][]string {
	t.Helper()
	_, text := s.ask(t, "", http.MethodGet, "/openapi.json", "")
	var doc struct {
		Paths map[string]map[string]struct {
			Parameters []struct{ Name, In string }
		}
	}
	if err := json.Unmarshal([]byte(text), &doc); err != nil {
		t.Fatal(err)
	}
	out := make(map[string][]string)
	for path, methods := range doc.Paths {
		var names []string
		for _, p := range methods["get"].Parameters {
			if p.In == "query" {
				names = append(names, p.Name)
			}
		}
		if slices.Contains(names, "ordering") {
			out[strings.ReplaceAll(path, "{id}", "1")] = names
		}
	}
	return out
}
