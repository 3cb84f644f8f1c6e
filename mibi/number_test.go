package mibi_test

import (
	"strings"
	"testing"

	"github.com/openmibi/openmibi/mibi"
)

// Only decimal notation is a number, wherever a text may hold one.
func TestHexadecimalIsNoNumber(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{"16": true, " -1.5e1 ": true, "+2": true, "0x1p4": false, "0X10P0": false, "1_0": false, "0x1_0p0": false} {
		if f, ok := mibi.Text(text).Float(); ok != want {
			t.Errorf("the text %q as a value: %v, %v", text, f, ok)
		}
		run, err := mibi.ParseRunXML(strings.NewReader(document(`<Root><Point><RowNumber0 XAttrib="` + text + `" YAttrib="0"/></Point></Root>`)))
		if (err == nil) != want {
			t.Errorf("XAttrib %q: %v, %v", text, run, err)
		}
		positive := want && !strings.Contains(text, "-")
		f := mibi.RunJSONFOV{Timing: text + " ms"}
		if ms, ok := f.Dwell(); ok != positive {
			t.Errorf("timing %q: %v, %v", f.Timing, ms, ok)
		}
	}
}
