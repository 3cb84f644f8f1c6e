package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// TestTasks does every task on a small image, and reads back what was written.
func TestTasks(t *testing.T) {
	t.Parallel()
	file, copied := filepath.Join(t.TempDir(), "small.tiff"), filepath.Join(t.TempDir(), "copy.tiff")
	if err := writeFOV(file, 32, 2); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"decode", file}, {"read", file}, {"channel", file}, {"write", file, copied}} {
		var out bytes.Buffer
		if err := start(t.Context(), append([]string{"-do"}, args...), &out); err != nil {
			t.Fatal(err)
		}
		if seconds, err := strconv.ParseFloat(strings.TrimSpace(out.String()), 64); err != nil || seconds <= 0 {
			t.Errorf("%s printed %q", args[0], &out)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := os.ReadFile(copied); err != nil || !bytes.Equal(got, want) {
		t.Errorf("the copy has %d bytes of %d, or others: %v", len(got), len(want), err)
	}
	if err := start(t.Context(), []string{"-do", "nothing", file}, t.Output()); err == nil {
		t.Error("a task that there is not")
	}
}

func TestTable(t *testing.T) {
	t.Parallel()
	made := func(ms ...int) (runs []measured) {
		for _, n := range ms {
			runs = append(runs, measured{whole: time.Duration(n) * time.Millisecond})
		}
		return runs
	}
	var out strings.Builder
	err := printTable(&out, []row{{"read", whole, "ms", []*contender{
		{name: "C", runs: made(40, 10, 20)},
		{name: "Python", missing: "not there"},
		{name: "Go", runs: made(5, 7, 3, 6)},
	}}})
	if err != nil {
		t.Fatal(err)
	}
	want := `| what | by | median | least … most | ratio |
|---|---|---|---|---|
| read | C | 20.0 ms | 10.0 … 40.0 | 1 |
|  | Python | | skipped: not there | |
|  | Go | 5.50 ms | 3.00 … 7.00 | 0.275 |
`
	if out.String() != want {
		t.Errorf("got\n%s\nwant\n%s", &out, want)
	}
}
