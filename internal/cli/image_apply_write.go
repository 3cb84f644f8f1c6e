package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync/atomic"

	"golang.org/x/sync/errgroup"

	"github.com/openmibi/openmibi/mibitracker"
)

// write writes the changes of a plan, several images at a time. What the server
// refuses fails its image alone; what would fail every one, such as a server
// that is gone, ends the work: the images that were not begun stay as they are.
func (p *applyPlan) write(ctx context.Context, client *mibitracker.Client, jobs int, warn func(string)) error {
	var group errgroup.Group
	group.SetLimit(jobs)
	var stop atomic.Bool
	warnings := make([]string, len(p.changes))
	for i := range p.changes {
		change := &p.changes[i]
		group.Go(func() error {
			if stop.Load() || ctx.Err() != nil {
				return nil
			}
			warnings[i], change.err = change.write(ctx, client)
			change.done = change.err == nil
			if change.err != nil && !failsAlone(change.err) {
				stop.Store(true)
			}
			return nil
		})
	}
	_ = group.Wait() // failures are the images'
	for _, text := range warnings {
		if text != "" {
			warn(text)
		}
	}
	return p.outcome(ctx)
}

// failsAlone says whether an error is of one image.
func failsAlone(err error) bool {
	var refusal *mibitracker.APIError
	var meanwhile *meanwhileError
	return errors.As(err, &meanwhile) ||
		errors.As(err, &refusal) && !errors.Is(err, mibitracker.ErrUnauthorized) && refusal.Status < 500
}

// meanwhileError is an image that is not as it was when the plan was made, or
// not as it was to be.
type meanwhileError struct{ text string }

func (e *meanwhileError) Error() string { return e.text }

// write changes one image, unless somebody changed the same fields since the
// plan was made.
func (c *imageChange) write(ctx context.Context, client *mibitracker.Client) (warning string, _ error) {
	now, err := client.Images.Get(ctx, c.image.ID)
	if err != nil {
		return "", err
	}
	fields := map[string]any{}
	for _, f := range c.fields {
		if is := f.column.get(now); !sameCell(is, f.old) {
			return "", &meanwhileError{fmt.Sprintf("somebody else has just changed %s from %q to %q; apply again to see the difference", f.column.name, plainCell(f.old), plainCell(is))}
		}
		fields[f.column.name] = sent(f.new)
	}
	after, err := client.Images.Update(ctx, c.image.ID, fields)
	if err != nil {
		return "", err
	}
	var kept, others []string
	for _, f := range c.fields {
		is := f.column.get(after)
		switch {
		case sameCell(is, f.new), f.column.name == "project" && f.new == nil && is == noneIfZero(runProject(after)):
		case sameCell(is, f.old):
			kept = append(kept, fmt.Sprintf("%s %q", f.column.name, plainCell(is)))
		default:
			others = append(others, fmt.Sprintf("%s is %q, not %q", f.column.name, plainCell(is), plainCell(f.new)))
		}
	}
	if len(others) > 0 {
		warning = fmt.Sprintf("image %d: the server made other values of it: %s", c.image.ID, strings.Join(others, "; "))
	}
	if len(kept) > 0 {
		return warning, &meanwhileError{"the server kept " + strings.Join(kept, ", ")}
	}
	return warning, nil
}

// outcome is what is told of all images: nothing where all are done.
func (p *applyPlan) outcome(ctx context.Context) error {
	var failures []error
	done, untried := 0, 0
	for i := range p.changes {
		switch c := &p.changes[i]; {
		case c.done:
			done++
		case c.err != nil && ctx.Err() == nil:
			failures = append(failures, fmt.Errorf("%s: %w", c.called(), c.err))
		default:
			untried++
		}
	}
	if ctx.Err() != nil {
		return fmt.Errorf("%d of %d images are changed: %w", done, len(p.changes), context.Cause(ctx))
	}
	if len(failures) == 0 {
		return nil
	}
	if untried > 0 {
		failures = append(failures, fmt.Errorf("%d images were not begun", untried))
	}
	all := fmt.Errorf("%d of %d images are changed; not changed:\n%w", done, len(p.changes), errors.Join(failures...))
	if done > 0 {
		return partly(all)
	}
	return all
}

// called is what people call the image.
func (c *imageChange) called() string {
	return fmt.Sprintf("%s %s (image %d)", runLabel(&c.image), fov(&c.image), c.image.ID)
}

// writeUndo writes the table that takes the changes back: the images that
// change, with the values that they have now.
func (p *applyPlan) writeUndo(w io.Writer) error {
	columns := slices.DeleteFunc(imageColumns(), func(c imageColumn) bool {
		return c.kind != identityCell && !slices.ContainsFunc(p.changes, func(change imageChange) bool { return change.changes(c.name) })
	})
	rows := make([][]cell, len(p.changes))
	for i := range p.changes {
		rows[i] = cellsOf(columns, &p.changes[i].image)
	}
	return writeImageCSV(w, columns, rows)
}

func (c *imageChange) changes(name string) bool {
	return slices.ContainsFunc(c.fields, func(f fieldChange) bool { return f.column.name == name })
}
