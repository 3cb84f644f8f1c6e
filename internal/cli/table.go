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
	t.rows = append(t.rows, texts)
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
	width := t.width
	if t.whole {
		width = math.MaxInt
	}
	widths := fit(rows, width)
	for _, row := range rows {
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
	return w.Flush()
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
		for i, cell := range row {
			if i == len(widths) {
				widths = append(widths, 0)
			}
			widths[i] = max(widths[i], utf8.RuneCountInString(cell))
		}
	}
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
