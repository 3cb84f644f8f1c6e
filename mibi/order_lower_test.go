package mibi_test

import (
	"testing"

	"github.com/openmibi/openmibi/mibi"
)

// Where one capital has two small letters or two characters, the order is still
// that of Unicode's whole rules, which other writers of the format follow.
func TestPageOrderLowersByTheWholeRules(t *testing.T) {
	t.Parallel()
	for _, pair := range [][2]string{
		{"ΑΣ", "ας"}, {"ΑΣ 1", "ας 1"}, {"ΑΣΑ", "ασα"}, {"Σ", "σ"}, {"1Σ", "1σ"}, {"ΑΣ.", "ας."}, {"Α\u0301Σ", "α\u0301ς"},
		{"ΑΣ:Α", "ασ:α"}, {"ΑΣ-Α", "ας-α"}, {"ΣΣ", "σς"}, {"ªΣ", "ªς"}, {"İ", "i\u0307"}, {"CDİ4", "cdi\u03074"}, {"ẞ", "ß"}, {"\u212a", "k"},
	} {
		if got := mibi.CompareTargets(pair[0], pair[1]); got != 0 {
			t.Errorf("%q and %q compare as %d", pair[0], pair[1], got)
		}
	}
}
