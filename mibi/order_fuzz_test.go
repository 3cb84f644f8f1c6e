package mibi_test

import (
	"cmp"
	"errors"
	"strings"
	"testing"
	"unicode"

	"github.com/openmibi/openmibi/mibi"
)

// FuzzPageOrder checks that both orders of targets are orders: antisymmetric,
// transitive, and equal for equal texts. Plain letters are in their place.
func FuzzPageOrder(f *testing.F) {
	f.Add("CD4", "CD20", "cd4")
	f.Add("97", " 1_0.5e1 ", "nan")
	f.Add("１２", "-inf", "12\x1c")
	f.Add("ΑΣ", "İ", "\xff")
	f.Add("CD08", "CD8", "CD8a")
	f.Fuzz(func(t *testing.T, a, b, c string) {
		for _, order := range []func(a, b string) int{mibi.CompareTargets, mibi.CompareNatural} {
			checkOrder(t, order, a, b, c)
		}
		if isLetters(a) && isLetters(b) {
			if got, want := mibi.CompareTargets(a, b), cmp.Compare(strings.ToLower(a), strings.ToLower(b)); got != want {
				t.Fatalf("CompareTargets(%q, %q) = %d", a, b, got)
			}
			if got, want := mibi.CompareNatural(a, b), cmp.Compare(a, b); got != want {
				t.Fatalf("CompareNatural(%q, %q) = %d", a, b, got)
			}
		}
		for _, text := range []string{"x" + a, a + ":", "0x" + a} {
			if mibi.CompareTargets(text, "-inf") >= 0 {
				t.Fatalf("%q is a number", text)
			}
		}
	})
}

// isLetters reports plain letters that spell no number.
func isLetters(s string) bool {
	for _, r := range s {
		if r > unicode.MaxASCII || !unicode.IsLetter(r) {
			return false
		}
	}
	lower := strings.ToLower(s)
	return s != "" && lower != "inf" && lower != "infinity" && lower != "nan"
}

func checkOrder(t *testing.T, order func(a, b string) int, a, b, c string) {
	t.Helper()
	texts := []string{a, b, c}
	for _, x := range texts {
		if order(x, x) != 0 {
			t.Fatalf("%q is not itself", x)
		}
		for _, y := range texts {
			xy := order(x, y)
			if xy != -order(y, x) {
				t.Fatalf("%q and %q: %d, and back %d", x, y, xy, order(y, x))
			}
			for _, z := range texts {
				if yz := order(y, z); xy <= 0 && yz <= 0 && (order(x, z) > 0 || (xy < 0 || yz < 0) && order(x, z) == 0) {
					t.Fatalf("%q, %q, %q: %d and %d, but %d", x, y, z, xy, yz, order(x, z))
				}
			}
		}
	}
}

// FuzzParseAperture checks what an aperture may be: one of five, whatever
// space and case it is written with.
func FuzzParseAperture(f *testing.F) {
	for _, text := range []string{"1 mm", "300 µm", "100 μm", "30um", "500 ?m", "e", "300 \ufffdm", "1000 UM", ""} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		code, err := mibi.ParseAperture(text)
		if err != nil {
			if code != "" || !errors.Is(err, mibi.ErrUnknownAperture) {
				t.Fatalf("%q: %q, %v", text, code, err)
			}
			return
		}
		if len(code) != 1 || !strings.Contains("ABCDE", code) {
			t.Fatalf("%q is %q", text, code)
		}
		for _, same := range []string{code, " " + text + "\t", strings.ReplaceAll(text, "m", " m"), strings.ToLower(text)} {
			if again, err := mibi.ParseAperture(same); err != nil || again != code {
				t.Fatalf("%q is %s, %q is %q, %v", text, code, same, again, err)
			}
		}
	})
}

// FuzzPageName checks that a channel's page name names the channel.
func FuzzPageName(f *testing.F) {
	f.Add("CD45", 147)
	f.Add("a (1) ", -3)
	f.Fuzz(func(t *testing.T, target string, mass int) {
		channel := mibi.Channel{Mass: mass, Target: target}
		back, ok := mibi.ParsePageName(channel.PageName())
		if !ok || back.Mass != mass || back.Target != strings.TrimSpace(channel.Label()) {
			t.Fatalf("%q reads as %+v, %v", channel.PageName(), back, ok)
		}
		if c, ok := mibi.ParsePageName(target); ok && !strings.Contains(target, "(") {
			t.Fatalf("%q reads as %+v", target, c)
		}
	})
}
