package main

import (
	"fmt"
	"io"
	"slices"
	"strings"
)

// printTable prints medians, the range of the runs, and what each median is of
// that of the row's first program.
func printTable(out io.Writer, rows []row) error {
	var b strings.Builder
	b.WriteString("| what | by | median | least … most | ratio |\n|---|---|---|---|---|\n")
	for _, r := range rows {
		title, first := r.title, 0.0
		for _, c := range r.who {
			if c.missing != "" {
				fmt.Fprintf(&b, "| %s | %s | | skipped: %s | |\n", title, c.name, strings.ReplaceAll(strings.TrimSpace(c.missing), "\n", " "))
				title = ""
				continue
			}
			values := make([]float64, 0, len(c.runs))
			for _, m := range c.runs {
				values = append(values, r.of(m))
			}
			slices.Sort(values)
			middle := median(values)
			ratio := ""
			if c == r.who[0] {
				first, ratio = middle, "1"
			} else if first > 0 {
				ratio = figure(middle / first)
			}
			fmt.Fprintf(&b, "| %s | %s | %s %s | %s … %s | %s |\n", title, c.name,
				figure(middle), r.unit, figure(values[0]), figure(values[len(values)-1]), ratio)
			title = ""
		}
	}
	_, err := io.WriteString(out, b.String())
	return err
}

// median is that of sorted values.
func median(sorted []float64) float64 {
	n := len(sorted)
	return (sorted[(n-1)/2] + sorted[n/2]) / 2
}

// figure has three significant digits, and no exponent.
func figure(v float64) string {
	if v >= 100 {
		return fmt.Sprintf("%.0f", v)
	}
	digits := 2
	for x := v; x > 0 && x < 1 && digits < 6; x *= 10 {
		digits++
	}
	if v >= 10 {
		digits = 1
	}
	return fmt.Sprintf("%.*f", digits, v)
}
