package api

import (
	"strings"
	"testing"
)

func TestFormula(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		"": false, "CD3": false, "β-tubulin": false, "-": false, "--": false, "+": false, "–": false, "-1": false, "+1.5e-3": false, "a=b": false, "'": false,
		"=": true, "=1+1": true, "@SUM(A1)": true, "+1+1": true, "-2+3+cmd|' /C calc'!A1": true, "-SMA": true, "+ control": true,
		"＝1": true, "－1": true, "-0x10": true, "\t=1": true, "\r=1": true, "-inf": false, "-∞": true,
	} {
		if got := formula(text); got != want {
			t.Errorf("formula(%q) = %t", text, got)
		}
	}
}

// FuzzCell: no cell is run by a spreadsheet or has two lines, and what was put
// in front of it is taken away again.
func FuzzCell(f *testing.F) {
	for _, text := range []string{"CD3", "=1", "'=1", "''@x", " -x\n", "- ", "\x00+a", "＝"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		out := cell(text)
		if formula(out) || strings.ContainsAny(out, "\n\r\t\x00") {
			t.Errorf("cell(%q) = %q", text, out)
		}
		if plain := uncell(out); cell(plain) != out || unfitCell(text) == "" && (out != strings.TrimSpace(text) || plain != out) {
			t.Errorf("cell(%q) = %q, which is read as %q", text, out, plain)
		}
	})
}

// FuzzIDLot: an id and a lot are told apart again.
func FuzzIDLot(f *testing.F) {
	f.Add("7", "L1")
	f.Add("a (b)", "")
	f.Add("", "1352 (x)")
	f.Add("a)", "(")
	f.Fuzz(func(t *testing.T, id, lot string) {
		id, lot = strings.TrimSpace(id), strings.TrimSpace(lot)
		if !balanced(lot) {
			return
		}
		gotID, gotLot := parseIDLot(idLot(filledText(id), filledText(lot)))
		if textOf(gotID) != id || textOf(gotLot) != lot {
			t.Errorf("%q and %q are written %q and read %q and %q", id, lot, idLot(&id, &lot), textOf(gotID), textOf(gotLot))
		}
	})
}
