package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/openmibi/openmibi/mibitracker"
)

// imageChange is what a row changes of its image.
type imageChange struct {
	image  mibitracker.Image
	fields []fieldChange
	done   bool
	err    error
}

// fieldChange is a field's value as it is on the server and as it is to be.
type fieldChange struct {
	column   imageColumn
	old, new cell
}

// applyPlan is the difference between a table and the server.
type applyPlan struct {
	images  int // rows
	changes []imageChange
	// rounded is how many numbers are changed by no more than a spreadsheet does
	// that shows a few digits.
	rounded int
}

// planApply compares a table with the server; nothing is written. A row that
// is of another image than it says, or a cell that cannot be read, refuses the
// whole.
func planApply(ctx context.Context, client *mibitracker.Client, file string, sheet *imageSheet, only []string) (*applyPlan, error) {
	images, err := imagesOfSheet(ctx, client, sheet)
	if err != nil {
		return nil, err
	}
	var wrong mistakes
	plan := &applyPlan{images: len(sheet.rows)}
	known := &relations{client: client}
	for i := range sheet.rows {
		row := &sheet.rows[i]
		image, found := images[row.id]
		if !found {
			wrong.add("line %d: run %s has no image %d, or you may not see it", row.line, sheet.text(row, "run"), row.id)
			continue
		}
		if reason := sheet.disagrees(row, &image); reason != "" {
			wrong.add("line %d: %s", row.line, reason)
			continue
		}
		change := imageChange{image: image}
		for at, column := range sheet.columns {
			if !column.kind.written() || len(only) > 0 && !slices.Contains(only, column.name) {
				continue
			}
			old := column.get(&image)
			value, err := newValue(ctx, known, column, row.cells[at], &image)
			var refusal *cellError
			if errors.As(err, &refusal) {
				wrong.add("line %d, %s: %v", row.line, column.name, err)
				continue
			}
			if err != nil {
				return nil, err
			}
			if sameCell(old, value) {
				continue
			}
			if rounded(old, value, row.cells[at].text) {
				plan.rounded++
			}
			change.fields = append(change.fields, fieldChange{column, old, value})
		}
		if len(change.fields) > 0 {
			plan.changes = append(plan.changes, change)
		}
	}
	return plan, nothingWritten(file, wrong.err())
}

// imagesOfSheet asks for the images of a table: with one listing for each run
// that it names, or one by one where it names none.
func imagesOfSheet(ctx context.Context, client *mibitracker.Client, sheet *imageSheet) (map[int64]mibitracker.Image, error) {
	images := map[int64]mibitracker.Image{}
	if !sheet.has("run") {
		for _, row := range sheet.rows {
			image, err := client.Images.Get(ctx, row.id)
			if errors.Is(err, mibitracker.ErrNotFound) {
				return nil, fmt.Errorf("line %d: %w", row.line, notThere(err, "image", "images", row.id))
			}
			if err != nil {
				return nil, err
			}
			images[row.id] = *image
		}
		return images, nil
	}
	listed := map[string]bool{}
	for i := range sheet.rows {
		row := &sheet.rows[i]
		label := sheet.text(row, "run")
		if label == "" {
			return nil, fmt.Errorf("line %d names no run", row.line)
		}
		if listed[label] {
			continue
		}
		listed[label] = true
		all, err := imagesInOrder(ctx, client, label)
		if err != nil {
			return nil, err
		}
		for _, image := range all {
			images[image.ID] = image
		}
	}
	return images, nil
}

// disagrees says in what an image is another one than a row was made of.
func (s *imageSheet) disagrees(row *sheetRow, image *mibitracker.Image) string {
	for i, c := range s.columns {
		if c.kind != identityCell || c.name == "id" || row.cells[i].missing {
			continue
		}
		is := plainCell(c.get(image))
		if said := row.cells[i].text; oneLineEnd(said) != oneLineEnd(is) {
			return fmt.Sprintf("image %d has the %s %q and not %q, which a table does not change; is it of another server or run?", row.id, c.name, is, said)
		}
	}
	return ""
}

// cellError is a cell that says nothing that can be written.
type cellError struct{ err error }

func (e *cellError) Error() string { return e.err.Error() }
func (e *cellError) Unwrap() error { return e.err }

// newValue is the value that a cell gives its field.
func newValue(ctx context.Context, known *relations, column imageColumn, c sheetCell, image *mibitracker.Image) (cell, error) {
	old := column.get(image)
	switch {
	case c.missing && old == nil:
		return nil, nil
	case c.missing:
		return nil, &cellError{fmt.Errorf("the line ends before it, and the server has %q: write the cell, empty to clear it, or take the column out", plainCell(old))}
	case column.kind != relationCell:
		v, err := readCell(column, c.text)
		if err != nil {
			return nil, &cellError{err}
		}
		return v, nil
	}
	text := onOneLine(c.text)
	now, _ := old.(ref)
	name, id := splitRef(text)
	switch {
	case old != nil && (text == onOneLine(now.String()) || name == "" && id == now.id):
		return old, nil
	case text == "" && column.name == "project" && now == runProject(image):
		return old, nil // it is its run's
	case text == "":
		return nil, nil
	}
	list, err := known.list(ctx, column.name)
	if err != nil {
		return nil, err
	}
	found, err := list.find(column.name, name, id)
	if err != nil {
		return nil, &cellError{err}
	}
	return found, nil
}

// runProject is the project of an image's run: that of an image that has none
// of its own.
func runProject(image *mibitracker.Image) ref {
	if image.Run == nil {
		return ref{}
	}
	return projectRef(image.Run.Project)
}

// nothingWritten heads an error about a table that was refused.
func nothingWritten(file string, err error) error {
	if err == nil {
		return nil
	}
	if strings.Contains(err.Error(), "\n") {
		return fmt.Errorf("%s is refused, and nothing was written:\n  %w", file, err)
	}
	return fmt.Errorf("%s is refused, and nothing was written: %w", file, err)
}
