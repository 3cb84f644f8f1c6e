package cli

import (
	"bytes"
	"io"
	"reflect"
)

// How a command is added. A command is a file: a struct of options, a function
// newX that makes the cobra.Command and its flags, and a method run that does
// the work. It asks for a client, calls package mibitracker once, and reports:
//
//	func (o *runView) run(ctx context.Context, name string) error {
//		client, _, err := o.g.client(ctx) // settings, login, exit code 4
//		if err != nil {
//			return err
//		}
//		run, err := client.Runs.Find(ctx, name) // exit codes: see exit.go
//		if err != nil {
//			return err
//		}
//		return o.g.report(run, func(t *table) {
//			t.field("Label", run.Label)
//			t.field("Date", run.RunDate)
//		})
//	}
//
// A list calls t.head once and t.row for each object. Flags -f key=value are a
// fieldFlag (fields.go), wrong arguments are usage(err), what is partly done is
// partly(err), what is said besides the result is g.note(...). newRoot in
// cli.go lists the commands; docs/cli has each one's JSON.

// report prints a command's result: the value as JSON with --json or --jq, and
// otherwise the table that people builds. A nil slice is an empty array.
func (g *globals) report(result any, people func(*table)) error {
	if g.json {
		return g.printJSON(result)
	}
	t := newTable(g.streams.Out)
	if _, isLong := result.(long); isLong {
		return t.printLong(people)
	}
	people(t)
	return t.print()
}

// printJSON prints a value as JSON, through --jq if that is given: on several
// lines for a terminal, on one otherwise.
func (g *globals) printJSON(v any) error {
	if r := reflect.ValueOf(v); r.Kind() == reflect.Slice && r.IsNil() {
		v = []struct{}{}
	}
	text, err := encoded(v)
	if err != nil {
		return err
	}
	result, isLong := v.(long)
	switch {
	case !isLong:
		return g.printJSONText(text)
	case g.jq != nil: // which needs all of it at once
		var whole bytes.Buffer
		if err := result.long().write(&whole, text, false); err != nil {
			return err
		}
		return g.printJQ(&whole)
	}
	_, onTerminal := terminal(g.streams.Out)
	return result.long().write(g.results(), text, onTerminal)
}

// printJSONText is printJSON of what is JSON already.
func (g *globals) printJSONText(text []byte) error {
	if g.jq != nil {
		return g.printJQ(bytes.NewReader(text))
	}
	if _, ok := terminal(g.streams.Out); ok {
		text = indented(text, "")
	}
	_, err := g.results().Write(append(bytes.TrimRight(text, "\n"), '\n'))
	return err
}

// printJQ prints what --jq makes of each JSON value that it reads.
func (g *globals) printJQ(r io.Reader) error {
	return runJQ(g.jq, r, g.results())
}

// textOrNull is a text in JSON, null where it is empty.
func textOrNull(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}
