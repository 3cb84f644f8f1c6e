package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/openmibi/openmibi/internal/config"
	"github.com/openmibi/openmibi/internal/server"
	"github.com/openmibi/openmibi/mibitracker"
)

func TestTable(t *testing.T) {
	t.Parallel()
	fill := func(tab *table) {
		size, none := 400.5, (*float64)(nil)
		tab.head("ID", "LABEL", "SIZE", "STATUS")
		tab.row(1, "20190308_2169_2170", &size, []string{"A", "M"})
		at, never := time.Date(2019, 3, 8, 1, 2, 3, 0, time.UTC), (*time.Time)(nil)
		tab.row(int64(22), "red \x1b[31m\ttab\nline \u202eevil", none, never)
		tab.row(3, "Käse", 1e21, &at)
		tab.row(4, nil, nil, at)
	}
	for _, test := range []struct {
		width int
		want  string
	}{
		{0, "1\t20190308_2169_2170\t400.5\tA, M\n" +
			"22\tred \\x1b[31m\\ttab\\nline \\u202eevil\t\t\n" +
			"3\tKäse\t1e+21\t2019-03-08T01:02:03Z\n" +
			"4\t\t\t2019-03-08T01:02:03Z\n"},
		{80, "ID  LABEL                               SIZE   STATUS\n" +
			"1   20190308_2169_2170                  400.5  A, M\n" +
			"22  red \\x1b[31m\\ttab\\nline \\u202eevil\n" +
			"3   Käse                                1e+21  2019-03-08T01:02:03Z\n" +
			"4                                              2019-03-08T01:02:03Z\n"},
		{48, "ID  LABEL             SIZE   STATUS\n" +
			"1   20190308_2169_21… 400.5  A, M\n"},
	} {
		var out bytes.Buffer
		tab := &table{out: &out, width: test.width}
		fill(tab)
		if err := tab.print(); err != nil {
			t.Fatal(err)
		}
		if test.width == 48 {
			for line := range strings.Lines(out.String()) {
				if n := len([]rune(strings.TrimSuffix(line, "\n"))); n > 48 {
					t.Errorf("a line of %d columns does not fit 48: %q", n, line)
				}
			}
			if !strings.Contains(out.String(), "…") || !strings.Contains(out.String(), "400.5") {
				t.Errorf("cut wrong:\n%s", out.String())
			}
			continue
		}
		if out.String() != test.want {
			t.Errorf("width %d: got\n%s\nwant\n%s", test.width, out.String(), test.want)
		}
	}
}

// Whatever the cells, the widths are found, and fit where they can.
func TestFit(t *testing.T) {
	t.Parallel()
	for columns := range 6 {
		for seed := range 200 {
			row := make([]string, columns)
			for i := range row {
				row[i] = strings.Repeat("x", (seed*7919+i*104729)%97)
			}
			total := gap * (columns - 1)
			for i, w := range fit([][]string{row}, 60) {
				total += w
				if w < len(row[i]) && w < smallest {
					t.Errorf("column %d of %d is %d wide", i, len(row[i]), w)
				}
			}
			if columns > 0 && total > 60 && columns*(smallest+gap) <= 60 {
				t.Errorf("%d columns are %d wide", columns, total)
			}
		}
	}
}

func TestReport(t *testing.T) {
	t.Parallel()
	type object struct {
		Label string `json:"label"`
		ID    int64  `json:"id"`
	}
	objects := []object{{"a <b>\x1b", 9007199254740993}, {"c", 2}}
	for _, test := range []struct {
		jq     string
		json   bool
		result any
		want   string
	}{
		{result: objects, want: "a <b>\\x1b\n c\n"},
		{json: true, result: objects, want: `[{"label":"a <b>\u001b","id":9007199254740993},{"label":"c","id":2}]` + "\n"},
		{json: true, result: []object(nil), want: "[]\n"},
		{json: true, result: objects[1], want: `{"label":"c","id":2}` + "\n"},
		{jq: ".[].label", result: objects, want: "a <b>\x1b\nc\n"},
		{jq: ".[0].id, .[0].id + 0, (.[0] | keys), null, true", result: objects, want: "9007199254740993\n9007199254740993\n[\"id\",\"label\"]\n\ntrue\n"},
		{jq: ".[] | select(.id == 3)", result: objects, want: ""},
		{jq: "1, halt, 2", result: objects, want: "1\n"},
	} {
		var out bytes.Buffer
		g := &globals{streams: Streams{Out: &out}, json: test.json || test.jq != ""}
		if test.jq != "" {
			var err error
			if g.jq, err = compileJQ(test.jq); err != nil {
				t.Fatal(err)
			}
		}
		err := g.report(test.result, func(tab *table) {
			tab.row(objects[0].Label)
			tab.row(" " + objects[1].Label)
		})
		if err != nil || out.String() != test.want {
			t.Errorf("jq %q, JSON %v: got %q, %v; want %q", test.jq, test.json, out.String(), err, test.want)
		}
	}
	for _, expression := range []string{"", ".[", "nosuchfunction", ".a | error("} {
		if _, err := compileJQ(expression); err == nil && expression != "" {
			t.Errorf("--jq %q was taken", expression)
		}
	}
	code, err := compileJQ(".[0] + 1")
	if err != nil {
		t.Fatal(err)
	}
	if err := runJQ(code, strings.NewReader(`[{}]`), &bytes.Buffer{}); err == nil {
		t.Error("an object and a number were added")
	}
}

func TestExitCodes(t *testing.T) {
	t.Parallel()
	refused := func(status int) error {
		return fmt.Errorf("view: %w", &mibitracker.APIError{Status: status, Method: "GET", URL: "https://a.example.org/"})
	}
	link := func(status int) error {
		return fmt.Errorf("pull: %w", &mibitracker.APIError{Status: status, Method: "GET", URL: "https://a.example.org/?...", Storage: true})
	}
	done, cancel := context.WithCancel(t.Context())
	cancel()
	for _, test := range []struct {
		err         error
		want        int
		interrupted bool
	}{
		{err: nil, want: 0}, {err: errors.New("x"), want: 1}, {err: usage(errors.New("x")), want: 2},
		{err: fmt.Errorf("x: %w", server.ErrInput), want: 2}, {err: fmt.Errorf("x: %w", config.ErrSetting), want: 2},
		{err: partly(errors.Join(refused(404), refused(500))), want: 3},
		{err: config.ErrNotLoggedIn, want: 4}, {err: refused(401), want: 4}, {err: refused(403), want: 4}, {err: &refusedError{refused(400)}, want: 4},
		{err: link(401), want: 1}, {err: link(403), want: 1}, {err: link(410), want: 1}, {err: partly(link(403)), want: 3}, {err: link(404), want: 5},
		{err: refused(404), want: 5}, {err: refused(400), want: 1}, {err: refused(500), want: 1},
		{err: &mibitracker.UnexpectedAnswerError{Reason: "expected one run", NotOne: true}, want: 5},
		{err: &mibitracker.UnexpectedAnswerError{Reason: "no channel", Err: refused(404)}, want: 5},
		{err: &mibitracker.UnexpectedAnswerError{Reason: "a page of HTML"}, want: 1},
		{err: fmt.Errorf("x: %w", context.Canceled), interrupted: true, want: 130}, {err: errors.New("x"), interrupted: true, want: 1},
		{err: fmt.Errorf("x: %w", context.Canceled), want: 1},
	} {
		ctx := t.Context()
		if test.interrupted {
			ctx = done
		}
		var stderr bytes.Buffer
		if got := exitCode(ctx, test.err, "mibi", &stderr); got != test.want || (got == 0) != (stderr.Len() == 0) {
			t.Errorf("%v: exit code %d, want %d; said %q", test.err, got, test.want, stderr.String())
		}
	}
	var stderr bytes.Buffer
	exitCode(t.Context(), link(401), "mibi", &stderr)
	if strings.Contains(stderr.String(), "login") {
		t.Errorf("of a storage's refusal it said %q", stderr.String())
	}
	stderr.Reset()
	exitCode(t.Context(), errors.New("line\n\x1b]0;title\x07"), "mibi", &stderr)
	if stderr.String() != "mibi: line\n\\x1b]0;title\\a\n" {
		t.Errorf("said %q", stderr.String())
	}
}
