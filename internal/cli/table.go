package cli

import (
	"bufio"
	"fmt"
	"io"
	"math"
	"os"
	"reflect"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/term"
)

// table is a result for people. On a terminal its columns are aligned and fit
// the width; elsewhere it is one line a row with tabs between the cells and
// without the head, for cut and awk. There are no colours.
type table struct {
	out   io.Writer
	width int  // of the terminal, in columns; 0 where there is none
	whole bool // is one object: its values are not cut, the terminal breaks their lines
	heads []string
	rows  [][]string
	each  func([]string) // takes the rows, where they are not kept; nil else
}

func newTable(out io.Writer) *table {
	t := &table{out: out}
	if fd, ok := terminal(out); ok {
		t.width = 80
		if w, _, err := term.GetSize(fd); err == nil && w > 0 {
			t.width = w
		} else if w, err := strconv.Atoi(os.Getenv("COLUMNS")); err == nil && w > 0 {
			t.width = w
		}
	}
	return t
}

// head names the columns, for terminals.
func (t *table) head(names ...string) { t.heads = names }

// row adds a row. Cells are texts, numbers, times, and pointers to them: nil is
// an empty cell. A slice is its elements with commas between.
func (t *table) row(cells ...any) {
	texts := make([]string, len(cells))
	for i, c := range cells {
		texts[i] = printable(cellText(c))
	}
	if t.each != nil {
		t.each(texts)
		return
	}
	t.rows = append(t.rows, texts)
}

// printLong prints a table that is not to be whole in memory: it is made twice on
// a terminal, the first time for the widths of its columns.
func (t *table) printLong(people func(*table)) error {
	w := bufio.NewWriter(t.out)
	t.each = func(row []string) { _, _ = w.WriteString(strings.Join(row, "\t") + "\n") }
	if t.width == 0 {
		people(t)
		return w.Flush()
	}
	var widths []int
	t.each = func(row []string) { widths = widened(widths, row) }
	people(t)
	if len(widths) == 0 && len(t.heads) == 0 {
		return nil
	}
	widths = narrowed(widened(widths, t.heads), t.fits())
	t.writeLine(w, t.heads, widths)
	t.each = func(row []string) { t.writeLine(w, row, widths) }
	people(t)
	return w.Flush()
}

// field adds a row of a name and its value: what one object is shown as.
func (t *table) field(name string, value any) {
	t.whole = true
	if t.width > 0 {
		name += ":"
	}
	t.row(name, value)
}

func cellText(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return v
	case time.Time:
		return v.Format(time.RFC3339)
	case *time.Time: // which is a Stringer, too
		if v == nil {
			return ""
		}
		return v.Format(time.RFC3339)
	case fmt.Stringer:
		if r := reflect.ValueOf(v); r.Kind() == reflect.Pointer && r.IsNil() {
			return ""
		}
		return v.String()
	}
	r := reflect.ValueOf(v)
	switch r.Kind() {
	case reflect.Pointer:
		if r.IsNil() {
			return ""
		}
		return cellText(r.Elem().Interface())
	case reflect.Slice:
		texts := make([]string, r.Len())
		for i := range texts {
			texts[i] = cellText(r.Index(i).Interface())
		}
		return strings.Join(texts, ", ")
	case reflect.Float32, reflect.Float64:
		return strconv.FormatFloat(r.Float(), 'g', -1, r.Type().Bits())
	}
	return fmt.Sprint(v)
}

func (t *table) print() error {
	w := bufio.NewWriter(t.out)
	if t.width == 0 {
		for _, row := range t.rows {
			_, _ = w.WriteString(strings.Join(row, "\t") + "\n")
		}
		return w.Flush()
	}
	rows := t.rows
	if len(t.heads) > 0 {
		rows = append([][]string{t.heads}, rows...)
	}
	widths := fit(rows, t.fits())
	for _, row := range rows {
		t.writeLine(w, row, widths)
	}
	return w.Flush()
}

// fits is how many columns a line may have.
func (t *table) fits() int {
	if t.whole {
		return math.MaxInt
	}
	return t.width
}

func (t *table) writeLine(w *bufio.Writer, row []string, widths []int) {
	var line strings.Builder
	for i, cell := range row {
		cell = shorten(cell, widths[i])
		line.WriteString(cell)
		if i < len(row)-1 {
			line.WriteString(strings.Repeat(" ", widths[i]-utf8.RuneCountInString(cell)+gap))
		}
	}
	_, _ = w.WriteString(strings.TrimRight(line.String(), " ") + "\n")
}

const (
	gap      = 2 // columns between cells
	smallest = 8 // columns that a cell is not cut below
)

// fit gives the columns' widths: as wide as their longest cells, and then the
// widest ones narrower until all fit.
func fit(rows [][]string, width int) []int {
	var widths []int
	for _, row := range rows {
		widths = widened(widths, row)
	}
	return narrowed(widths, width)
}

// widened makes columns as wide as the cells of a row.
func widened(widths []int, row []string) []int {
	for i, cell := range row {
		if i == len(widths) {
			widths = append(widths, 0)
		}
		widths[i] = max(widths[i], utf8.RuneCountInString(cell))
	}
	return widths
}

// narrowed makes the widest columns narrower until all fit.
func narrowed(widths []int, width int) []int {
	for {
		total, widest := gap*(len(widths)-1), 0
		for i, w := range widths {
			total += w
			if w > widths[widest] {
				widest = i
			}
		}
		if total <= width || len(widths) == 0 || widths[widest] <= smallest {
			return widths
		}
		widths[widest] = max(smallest, widths[widest]-(total-width), nextWidest(widths, widest)-1)
	}
}

// nextWidest is the largest width but that of one column.
func nextWidest(widths []int, but int) int {
	next := 0
	for i, w := range widths {
		if i != but {
			next = max(next, w)
		}
	}
	return next
}

// shorten cuts a cell, and shows that it did.
func shorten(cell string, width int) string {
	if utf8.RuneCountInString(cell) <= width {
		return cell
	}
	return string([]rune(cell)[:width-1]) + "…"
}
