package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
)

// growth measures labs of 10³ to 10⁶ images, seeded where they are absent, and
// prints the 99th percentiles side by side.
func growth(ctx context.Context, o options) error {
	var sizes []int
	var columns [][]*result
	for size := 1000; size <= o.images; size *= 10 {
		one := o
		one.data, one.images = filepath.Join(o.data, fmt.Sprint(size)), size
		if _, err := os.Stat(filepath.Join(one.data, "openmibi.db")); err != nil {
			if err := seed(ctx, one); err != nil {
				return err
			}
		}
		results, err := measure(ctx, one)
		if err != nil {
			return err
		}
		sizes, columns = append(sizes, size), append(columns, results)
	}
	_, _ = fmt.Fprint(o.out, "\nThe 99th percentile by the number of images:\n\n| class |")
	for _, size := range sizes {
		_, _ = fmt.Fprintf(o.out, " %d |", size)
	}
	_, _ = fmt.Fprint(o.out, "\n|---|")
	for range sizes {
		_, _ = fmt.Fprint(o.out, "---|")
	}
	for i, r := range columns[len(columns)-1] {
		_, _ = fmt.Fprintf(o.out, "\n| %s |", r.name)
		for _, column := range columns {
			_, _ = fmt.Fprintf(o.out, " %s |", ms(at(column[i].all(), 0.99)))
		}
	}
	_, err := fmt.Fprintln(o.out)
	return err
}
