package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/openmibi/openmibi/mibitracker"
	"github.com/openmibi/openmibi/mibitracker/mibitrackertest"
)

func TestReadCell(t *testing.T) {
	t.Parallel()
	of := func(kind cellKind) imageColumn { return imageColumn{name: "x", kind: kind} }
	for _, c := range []struct {
		kind cellKind
		text string
		want cell
		ok   bool
	}{
		{textCell, "", nil, true},
		{textCell, " a ", " a ", true},
		{textCell, "400,5", "400,5", true},
		{numberCell, "", nil, true},
		{numberCell, " ", nil, true},
		{numberCell, "400.5", 400.5, true},
		{numberCell, "-1e-3", -0.001, true},
		{numberCell, "400,5", nil, false},
		{numberCell, "1,024", nil, false},
		{numberCell, "1 024", nil, false},
		{numberCell, "0x10", nil, false},
		{numberCell, "0x1p4", nil, false},
		{numberCell, "1_0", nil, false},
		{numberCell, "NaN", nil, false},
		{numberCell, "inf", nil, false},
		{numberCell, "1e999", nil, false},
		{numberCell, "400 µm", nil, false},
		{numberCell, "01. Mai", nil, false},
		{integerCell, "1024", int64(1024), true},
		{integerCell, "4.0", int64(4), true},
		{integerCell, "-4", int64(-4), true},
		{integerCell, "4.5", nil, false},
		{integerCell, "1e300", nil, false},
	} {
		got, err := readCell(of(c.kind), c.text)
		if got != c.want || (err == nil) != c.ok {
			t.Errorf("%q of kind %d is %#v, %v", c.text, c.kind, got, err)
		}
	}
}

func TestPlainNumber(t *testing.T) {
	t.Parallel()
	for v, want := range map[float64]string{
		0: "0", -2096100: "-2096100", 0.622090638: "0.622090638", 1e15: "1e+15", 123456789012: "123456789012", 1e-7: "0.0000001", 1e-12: "1e-12",
	} {
		if got := plainNumber(v); got != want {
			t.Errorf("%g is %s, want %s", v, got, want)
		}
	}
}

func TestRelationNames(t *testing.T) {
	t.Parallel()
	list := &relationList{all: []namedRef{
		{ref{1, "Tonsil"}, nil}, {ref{2, "Liver Left [Normal]"}, []string{"Liver Left [Normal]"}}, {ref{3, "Twin"}, nil}, {ref{4, "Twin"}, nil},
		{ref{5, "A"}, []string{"1 mm", ""}}, {ref{6, "odd (id 9)"}, nil}, {ref{7, "12"}, nil},
	}}
	for text, want := range map[string]string{
		"Tonsil": "1", "1": "1", " Liver  Left\n[Normal] ": "2", "Liver Left [Normal] (id 2)": "2", "1 mm": "5", "A (id 5)": "5",
		"odd (id 9) (id 6)": "6", "Twin (id 4)": "4", "12 (id 7)": "7",
		"Twin":             `there are 2 of the name "Twin", give one with its id: Twin (id 3), Twin (id 4)`,
		"tonsil":           `no tissue "tonsil"; nearest: Tonsil`,
		"Tonsil (id 2)":    `tissue 2 is "Liver Left [Normal]" and not "Tonsil"`,
		"odd (id 9)":       "no tissue 9",
		"12":               "no tissue 12",
		"Tonsil (id zwei)": `no tissue "Tonsil (id zwei)"`,
	} {
		name, id := splitRef(text)
		got, err := list.find("tissue", name, id)
		if err == nil && fmt.Sprint(got.id) != want || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%q is %v, %v; want %s", text, got, err, want)
		}
	}
	blind := &relationList{unknown: true}
	if got, err := blind.find("tissue", "", 9); err != nil || got.id != 9 {
		t.Errorf("an id where nothing is listed: %v, %v", got, err)
	}
	if got, err := blind.find("aperture", "A", 0); err != nil || sent(got) != "A" {
		t.Errorf("a code where nothing is listed: %v, %v", got, err)
	}
	if _, err := blind.find("tissue", "Tonsil", 0); err == nil {
		t.Error("a name where nothing is listed was found")
	}
}

// planOf is the plan of a table for the lab's run.
func planOf(ctx context.Context, t *testing.T, client *mibitracker.Client, table string) *applyPlan {
	t.Helper()
	sheet, err := readSheet(strings.NewReader(table))
	if err != nil {
		t.Fatal(err)
	}
	plan, err := planApply(ctx, client, "t.csv", sheet, nil)
	if err != nil {
		t.Fatal(err)
	}
	return plan
}

// What somebody else changed since the plan was made stays as they made it,
// and another field of theirs does, too.
func TestApplyAfterSomebodyElse(t *testing.T) {
	t.Parallel()
	lab := mibitrackertest.Start(t)
	client := lab.Client
	plan := planOf(t.Context(), t, client, "id,fov_size,point\n1,500,a\n2,500,b\n")
	for id, theirs := range map[int64]map[string]any{1: {"point": "theirs"}, 2: {"description": "theirs"}} {
		if _, err := client.Images.Update(t.Context(), id, theirs); err != nil {
			t.Fatal(err)
		}
	}
	err := plan.write(t.Context(), client, 2, func(text string) { t.Error(text) })
	var part *partlyError
	if !errors.As(err, &part) || !strings.Contains(err.Error(), `somebody else has just changed point from "Tonsil_R1C1" to "theirs"`) {
		t.Errorf("%v", err)
	}
	for id, want := range map[int64]string{1: "400 theirs ", 2: "500 b theirs"} {
		image, err := client.Images.Get(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		if got := fmt.Sprintf("%v %s %s", *image.FOVSize, image.Point, image.Description); got != want {
			t.Errorf("image %d is %q, want %q", id, got, want)
		}
	}
}

// What fails every image ends the work; an interruption does, too.
func TestApplyEndsEarly(t *testing.T) {
	t.Parallel()
	lab := mibitrackertest.Start(t)
	client := lab.Client
	const table = "id,fov_size\n1,500\n2,500\n3,500\n"
	plan := planOf(t.Context(), t, client, table)
	ended, end := context.WithCancel(t.Context())
	end()
	err := plan.write(ended, client, 2, func(string) {})
	if !errors.Is(err, context.Canceled) || plan.report(false).Changes[0].State != "planned" {
		t.Errorf("%v, %+v", err, plan.report(false))
	}
	stranger, err := mibitracker.New(lab.URL, mibitracker.WithToken("no.such.token"))
	if err != nil {
		t.Fatal(err)
	}
	plan = planOf(t.Context(), t, client, table)
	err = plan.write(t.Context(), stranger, 1, func(string) {})
	if !errors.Is(err, mibitracker.ErrUnauthorized) || !strings.Contains(err.Error(), "2 images were not begun") {
		t.Errorf("%v", err)
	}
	for i, want := range []string{"failed", "planned", "planned"} {
		if got := plan.report(false).Changes[i].State; got != want {
			t.Errorf("change %d is %s, want %s", i, got, want)
		}
	}
}

// A number that a spreadsheet cut is told from one that is another.
func TestRounded(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{"0.62": true, "0.622": true, "0.63": false, "1": true, "0.6220906381": false} {
		v, err := readCell(imageColumn{kind: numberCell}, text)
		if err != nil || rounded(0.622090638, v, text) != want {
			t.Errorf("%s: %v, %v", text, !want, err)
		}
	}
}
