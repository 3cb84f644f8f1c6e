package mibi_test

import (
	"errors"
	"slices"
	"testing"

	"github.com/openmibi/openmibi/mibi"
)

func TestChannelNames(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		channel     mibi.Channel
		label, page string
	}{
		{mibi.Channel{Mass: 147, Target: "CD45"}, "CD45", "CD45 (147)"},
		{mibi.Channel{Mass: 97}, "97", "97 (97)"},
		{mibi.Channel{Mass: 12, Target: "b (x)"}, "b (x)", "b (x) (12)"},
		{mibi.Channel{Mass: 1, Target: "µ \U0001d6fc"}, "µ \U0001d6fc", "µ \U0001d6fc (1)"},
	} {
		if c.channel.Label() != c.label || c.channel.PageName() != c.page {
			t.Errorf("%+v: label %q, page name %q", c.channel, c.channel.Label(), c.channel.PageName())
		}
		back, ok := mibi.ParsePageName(c.page)
		if want := (mibi.Channel{Mass: c.channel.Mass, Target: c.label}); !ok || back != want {
			t.Errorf("%q reads as %+v, %v", c.page, back, ok)
		}
	}
	for _, name := range []string{"", "SED", "CD45 (147", "CD45 147)", "CD45 (x)", ")("} {
		if c, ok := mibi.ParsePageName(name); ok {
			t.Errorf("%q reads as %+v", name, c)
		}
	}
}

func TestPageOrder(t *testing.T) {
	t.Parallel()
	want := []string{"beta-tubulin", "CD20", "CD4", "CD45", "CD8", "dsDNA", "Keratin", "Zn_1", "µ", "-INF", "-3", "1e1", "１２", "23", "\u00a024\u2003", " 97 ", "144", "150", "1_000", "inf", "nan"}
	got := slices.Clone(want)
	slices.Reverse(got)
	slices.SortStableFunc(got, mibi.CompareTargets)
	if !slices.Equal(got, want) {
		t.Errorf("got %q\nwant %q", got, want)
	}
	if mibi.CompareTargets("-nan", " +NaN\n") != 0 {
		t.Error("nan has a sign")
	}
	for _, text := range []string{"0x10", "1__0", "_1", "1_", "1e", "", "1 2", "12a", "\x1c12", "\x1c１", "１_２_", "²", "Ⅳ", "infin", "nan(1)", ".", "1\x00"} {
		if mibi.CompareTargets(text, "1") >= 0 {
			t.Errorf("%q counts as a number", text)
		}
	}
}

func TestSortIsStableForTargetsThatDifferInCase(t *testing.T) {
	t.Parallel()
	channels := []mibi.Channel{{Mass: 3, Target: "b"}, {Mass: 1, Target: "A"}, {Mass: 2, Target: "a"}, {Mass: 9}, {Mass: 10}}
	mibi.SortChannels(channels)
	want := []mibi.Channel{{Mass: 1, Target: "A"}, {Mass: 2, Target: "a"}, {Mass: 3, Target: "b"}, {Mass: 9}, {Mass: 10}}
	if !slices.Equal(channels, want) {
		t.Errorf("got %v", channels)
	}
}

func TestCheckUnique(t *testing.T) {
	t.Parallel()
	if err := mibi.CheckUnique([]mibi.Channel{{Mass: 1, Target: "a"}, {Mass: 2, Target: "A"}, {Mass: 3}}); err != nil {
		t.Error(err)
	}
	for _, channels := range [][]mibi.Channel{
		{{Mass: 1, Target: "a"}, {Mass: 1, Target: "b"}},
		{{Mass: 1, Target: "a"}, {Mass: 2, Target: "a"}},
		{{Mass: 7}, {Mass: 8, Target: "7"}},
	} {
		if err := mibi.CheckUnique(channels); !errors.Is(err, mibi.ErrDuplicateChannel) {
			t.Errorf("%v: %v", channels, err)
		}
	}
}

func TestParseAperture(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"1 mm": "A", "1mm": "A", "300 \u03bcm": "B", "300 \u00b5m": "B", "300um": "B", "100um": "C", "100 \u03bcm": "C",
		"30um": "D", "30 \u00b5m": "D", "500um": "E", "500 \u03bcm": "E", "A": "A", "e": "E",
		// What is left where a writer or a mailer lost the micro sign.
		"300 ?m": "B", "30 \ufffdm": "D", "100\ufffdm": "C", "500?m": "E", "300 \ufffd\ufffdm": "B", "300 ??m": "B",
	} {
		if got, err := mibi.ParseAperture(text); err != nil || got != want {
			t.Errorf("%q is %q, %v, want %q", text, got, err, want)
		}
	}
	for _, text := range []string{"", "F", "300", "300 m", "2 mm", "AB", "1 ?m", "300 ?", "?", "3?00um", "300 u?m"} {
		if got, err := mibi.ParseAperture(text); !errors.Is(err, mibi.ErrUnknownAperture) {
			t.Errorf("%q is %q, %v", text, got, err)
		}
	}
}
