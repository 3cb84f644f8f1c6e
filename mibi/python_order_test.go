package mibi_test

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/openmibi/openmibi/mibi"
)

// randomTargets are names such as panels have, and such as no panel should.
func randomTargets(rng *rand.Rand, count int) []string {
	known := []string{"CD4", "CD20", "cd8", "CD11c", "dsDNA", "Keratin", "beta-tubulin", "β-actin", "97", "144", "1e3", "inf", "-Infinity", "1_000", "1__0", "_1",
		" 12 ", "12.", ".5", "0x10", "１２", "12１", "\u00a07\u3000", "+3", "--3", "1e", "1e400", "-0", "µ", "ΑΣ", "ας", "ΑΣΑ", "İ", "i", "ẞ", "ß", "Ǆ", "ǅ", "1\x1c", "\x1c１", "²", "٣", "𝟗", "𝟎𝟏",
		"infin", "1 2", "", " ", "Na", "na n", "0b1", "1,5", "½", "Ⅷ", "Ω", "Ω", "K", "k", "é", "e\u0301", "\U0001f9ec"}
	letters := []rune("aAbBzZ019 ._+-eEiInNfFxΣσςΑİıµΜ１٠'\u0301\u200d")
	targets := make([]string, count)
	for i := range targets {
		if rng.IntN(3) == 0 {
			targets[i] = known[rng.IntN(len(known))]
			continue
		}
		var b strings.Builder
		for range rng.IntN(6) {
			if rng.IntN(12) > 0 {
				b.WriteRune(letters[rng.IntN(len(letters))])
			} else if r := rng.Int32N(0x3000); unicode.In(r, unicode.L, unicode.N, unicode.P, unicode.Z, unicode.S) {
				b.WriteRune(r)
			}
		}
		targets[i] = b.String()
	}
	// nan has no place in the order of Python's tools.
	return slices.DeleteFunc(targets, func(s string) bool { return strings.Contains(strings.ToLower(s), "nan") })
}

// TestPageOrderIsPythons sorts lists of names as the field's tools do.
func TestPageOrderIsPythons(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(4, 5))
	lists := make([][]string, 400)
	for i := range lists {
		lists[i] = randomTargets(rng, 1+rng.IntN(40))
	}
	// Every digit that any Python knows: each version of Unicode brings more.
	for r := range rune(0x1d800) {
		if unicode.In(r, unicode.Nd) && (r < 0x10000 || r >= 0x1d7ce) {
			lists = append(lists, []string{string(r), "4", "a", string(r) + "1"})
		}
	}
	var want [][]string
	askPython(t, `
from mibidata import util
for names in question:
    util.sort_channel_names(names)
json.dump(question, sys.stdout)
`, lists, &want)
	for i, names := range lists {
		got := slices.Clone(names)
		slices.SortStableFunc(got, mibi.CompareTargets)
		if !slices.Equal(got, want[i]) {
			t.Errorf("%q\nis sorted %q\nby Python %q", names, got, want[i])
		}
	}
}

// TestMergeOrderIsPythons sorts the targets of one mass as the field's tools
// do. They refuse digits of other scripts there, so these are left out.
func TestMergeOrderIsPythons(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(6, 7))
	lists := make([][]string, 300)
	for i := range lists {
		lists[i] = slices.DeleteFunc(randomTargets(rng, 1+rng.IntN(10)), func(s string) bool {
			return strings.ContainsFunc(s, func(r rune) bool { return r > unicode.MaxASCII && unicode.IsNumber(r) })
		})
	}
	var want [][]string
	askPython(t, `
from mibidata import util
for names in question:
    util.natural_sort(names)
json.dump(question, sys.stdout)
`, lists, &want)
	for i, names := range lists {
		got := slices.Clone(names)
		slices.SortStableFunc(got, mibi.CompareNatural)
		if !slices.Equal(got, want[i]) {
			t.Errorf("%q\nis sorted %q\nby Python %q", names, got, want[i])
		}
	}
}
