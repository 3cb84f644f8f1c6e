package columns_test

import (
	"fmt"
	"runtime"
	"strings"
	"testing"

	"github.com/openmibi/openmibi/internal/store/columns"
)

// Texts that are changed again and again leave nothing behind, and a text
// that a reader still holds stays what it was. It measures memory, so it runs
// alone.
func TestTextsChangedOften(t *testing.T) {
	const rows, rounds, size = 1000, 90, 1000
	var texts columns.Texts
	text := func(row, round int) string {
		return fmt.Sprintf("%d %d ", row, round) + strings.Repeat("x", size+row)
	}
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	for row := range rows {
		texts.Append(text(row, 0), true)
	}
	var held []string
	for round := 1; round < rounds; round++ {
		had, _ := texts.At(uint32(round))
		held = append(held, had)
		for row := range rows {
			texts.Set(uint32(row), text(row, round), row%100 != 99)
		}
	}
	for row := range rows {
		got, some := texts.At(uint32(row))
		if some != (row%100 != 99) || some && got != text(row, rounds-1) {
			t.Fatalf("row %d: %.20q, %v", row, got, some)
		}
	}
	for i, got := range held {
		if want := text(i+1, i); got != want {
			t.Errorf("a text that was held has become %.20q, and was %.20q", got, want)
		}
	}
	rest := texts.Equal(text(7, rounds-1))([]uint32{6, 7, 8, 99})
	if len(rest) != 1 || rest[0] != 7 {
		t.Errorf("the rows with the text of row 7 are %v", rest)
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	if live, grown := rows*size, int(after.HeapAlloc)-int(before.HeapAlloc); grown > 5*live {
		t.Errorf("%d bytes of texts take %d", live, grown)
	}
	runtime.KeepAlive(&texts)
}
