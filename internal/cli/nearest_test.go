package cli

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestNearest(t *testing.T) {
	t.Parallel()
	panel := []string{"CD3", "CD4", "CD45", "CD45RO", "dsDNA", "HLA class 1 A, B, and C", "Na/K-ATPase", "β-actin", ""}
	for meant, want := range map[string][]string{
		"cd45":       {"CD45", "CD4", "CD45RO"}, // the same, then parts in their order
		"cd54":       {"CD4", "CD45"},           // one too many, or swapped
		"CD5":        {"CD3", "CD4", "CD45"},
		"HLA":        {"HLA class 1 A, B, and C"},
		"NaK ATPase": {"Na/K-ATPase"},
		"β-aktin":    {"β-actin"},
		"DSDNA":      {"dsDNA"},
		"Ki67":       nil,
		"x":          nil,
		"":           nil,
	} {
		if diff := cmp.Diff(want, nearest(meant, panel)); diff != "" {
			t.Errorf("%q (-want +got):\n%s", meant, diff)
		}
	}
	many := make([]string, 0, 100)
	for i := range 100 {
		many = append(many, "CD"+strings.Repeat("x", i))
	}
	if got := nearest("CD", many); len(got) != maxNearest {
		t.Errorf("%d names are proposed: %v", len(got), got)
	}
	// What is long is not compared letter by letter.
	if got := nearest(strings.Repeat("a", 1<<20), []string{strings.Repeat("b", 1<<20), "CD3"}); got != nil {
		t.Errorf("a megabyte of letters is near %.20q", got)
	}
}

func TestEditDistance(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		a, b string
		want int
	}{
		{"", "", 0}, {"", "abc", 3}, {"abc", "", 3}, {"abc", "abc", 0}, {"abc", "abd", 1}, {"abc", "acb", 1}, {"abc", "bac", 1},
		{"abc", "ab", 1}, {"abc", "xabc", 1}, {"kitten", "sitting", 3}, {"ca", "abc", 3}, {"äö", "öä", 1},
	} {
		if got := editDistance([]rune(test.a), []rune(test.b)); got != test.want {
			t.Errorf("%q to %q: %d, want %d", test.a, test.b, got, test.want)
		}
	}
}

func TestProposal(t *testing.T) {
	t.Parallel()
	quoted := func(s string) string { return "<" + s + ">" }
	twelve := strings.Split("a0,a1,a2,a3,a4,a5,a6,a7,a8,a9,b0,b1", ",")
	for _, test := range []struct {
		meant string
		names []string
		want  string
	}{
		{"Ki67", []string{"CD3", "dsDNA"}, "; there are: <CD3>, <dsDNA>"},
		{"cd3", []string{"CD3", "dsDNA"}, "; nearest: <CD3>"},
		{"something else", twelve, ""},
		{"Ki67", nil, ""},
	} {
		if got := proposal(test.meant, test.names, quoted); got != test.want {
			t.Errorf("%q: %q, want %q", test.meant, got, test.want)
		}
	}
	if twelve[0] != "a0" {
		t.Error("the names were changed")
	}
}

func TestFewCandidates(t *testing.T) {
	t.Parallel()
	all := make([]string, 130)
	for i := range all {
		all[i] = strings.Repeat("r", i+1)
	}
	got := few(all)
	if len(got) != 21 || got[19] != all[19] || got[20] != "and 110 more" || all[20] != strings.Repeat("r", 21) {
		t.Errorf("of 130 candidates come %d, at last %q", len(got), got[len(got)-1])
	}
	if got := few(all[:20]); len(got) != 20 {
		t.Errorf("of 20 candidates come %d", len(got))
	}
}
