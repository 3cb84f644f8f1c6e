package mibi_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/openmibi/openmibi/mibi"
)

// exported is a panel as MIBItracker writes it, with two batches.
const exported = `Panel ID,17
Panel Name,"Tonsil, short"
Project ID,4
Project Name,Controls
Manufacture Data,2018-04-25
Description,for tests, unquoted

Batch,1
Total Volume (uL),100
Antibody Volume (uL),5
Buffer Volume (uL),95

ID (Lot),Target,Clone,Mass,Element
7 (L1),CD45,2B11,10,B
8 (L1),dsDNA,35I9,89,Y
9 (L2),,X,113,In
10 (L2),HH3,D1H2,,In

Batch,2
Total Volume (uL),200
Antibody Volume (uL),20
Buffer Volume (uL),180

ID (Lot),Target,Clone,Mass,Element
11 (L3),CD11c,EP1347Y,10,B
12 (L3),CD8,C8/144B,10,B
`

func readPanel(t *testing.T, text string) *mibi.Panel {
	t.Helper()
	p, err := mibi.ReadPanel(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestReadPanelExport(t *testing.T) {
	t.Parallel()
	// Spreadsheets pad every line to the widest and leave no line blank.
	padded := make([]string, 0, 32)
	for line := range strings.Lines(exported) {
		line = strings.TrimSuffix(line, "\n")
		if n := strings.Count(line, ","); !strings.Contains(line, `"`) && n < 4 {
			line += strings.Repeat(",", 4-n)
		}
		padded = append(padded, line)
	}
	for name, text := range map[string]string{
		"plain":                   exported,
		"padded":                  strings.Join(padded, "\n"),
		"windows":                 "\ufeff" + strings.ReplaceAll(exported, "\n", "\r\n"),
		"old mac":                 strings.ReplaceAll(exported, "\n", "\r"),
		"no line between batches": strings.ReplaceAll(exported, "\n\nBatch", "\nBatch"),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := readPanel(t, text)
			wantInfo := []mibi.PanelInfo{
				{Name: "Panel ID", Value: "17"}, {Name: "Panel Name", Value: "Tonsil, short"}, {Name: "Project ID", Value: "4"},
				{Name: "Project Name", Value: "Controls"}, {Name: "Manufacture Data", Value: "2018-04-25"},
				// Commas that nobody quoted lose the space after them.
				{Name: "Description", Value: "for tests,unquoted"},
			}
			if diff := cmp.Diff(wantInfo, p.Info, cmpopts.IgnoreFields(mibi.PanelInfo{}, "Line")); diff != "" {
				t.Errorf("info (-want +got):\n%s", diff)
			}
			if len(p.Batches) != 2 || len(p.Dropped) != 2 {
				t.Fatalf("%d batches, dropped %v; want 2 and two rows", len(p.Batches), p.Dropped)
			}
			if p.Info[1].Line != 2 || p.Batches[0].Info[1].Line < 8 {
				t.Errorf("lines of %+v, %+v", p.Info, p.Batches[0].Info)
			}
			b := p.Batches[1]
			for _, want := range []mibi.PanelInfo{{Name: "Batch", Value: "2"}, {Name: "Buffer Volume (uL)", Value: "180"}} {
				if v, ok := b.Get(want.Name); !ok || v != want.Value {
					t.Errorf("%s = %q, %t, want %q", want.Name, v, ok, want.Value)
				}
			}
			if v, ok := b.Value(b.Rows[1], "clone"); !ok || v != "C8/144B" {
				t.Errorf("clone = %q, %t", v, ok)
			}
			if v, ok := b.Value(b.Rows[1], "Titer"); ok {
				t.Errorf("a column that is not there is %q", v)
			}
			if _, ok := p.Get("Batch"); ok {
				t.Error("a batch's line is in the panel's info")
			}
			want := []mibi.Channel{{Mass: 10, Target: "CD8, CD11c, CD45"}, {Mass: 89, Target: "dsDNA"}}
			if diff := cmp.Diff(want, p.Channels()); diff != "" {
				t.Errorf("channels (-want +got):\n%s", diff)
			}
		})
	}
}

func TestReadPanelTables(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, text string
		want       []mibi.Channel
		dropped    []int
	}{
		{"two columns", "Mass,Target\n89,dsDNA\n113,Na\n", []mibi.Channel{{Mass: 89, Target: "dsDNA"}, {Mass: 113, Target: "Na"}}, nil},
		{"other order, others kept", "Element,Target,Clone,Mass\nY,dsDNA,35I9,89", []mibi.Channel{{Mass: 89, Target: "dsDNA"}}, nil},
		{"isotope and label", "Isotope,Label,Start,Stop,Batch\n12,C,11.8,12.2,0\n", []mibi.Channel{{Mass: 12, Target: "C"}}, nil},
		{"mass before isotope", "Isotope,Mass,Label,Target\n1,2,a,b\n", []mibi.Channel{{Mass: 2, Target: "b"}}, nil},
		{"letter case and space", " mass , TARGET \n 89 , dsDNA \n", []mibi.Channel{{Mass: 89, Target: "dsDNA"}}, nil},
		{"floats", "Mass,Target\n92.0,a\n93.,b\n", []mibi.Channel{{Mass: 92, Target: "a"}, {Mass: 93, Target: "b"}}, nil},
		{"quotes", "Mass,Target\n\"89\",\"HLA class 1 A, B\"\n90,\"say \"\"x\"\"\"\n91,\"two\nlines\"\n", []mibi.Channel{
			{Mass: 89, Target: "HLA class 1 A, B"}, {Mass: 90, Target: `say "x"`}, {Mass: 91, Target: "two\nlines"}}, nil},
		{"a row named Batch", "Target,Mass\nBatch,89\n", []mibi.Channel{{Mass: 89, Target: "Batch"}}, nil},
		{"nothing there", "Mass,Target\n", []mibi.Channel{}, nil},
		{"missing", "Mass,Target,Clone\n,a,x\n\n,,\n5,,x\n6\nNA,b\n7,nan\n8,ok,\"\"\n", []mibi.Channel{{Mass: 8, Target: "ok"}}, []int{2, 5, 6, 7, 8}},
		{"merged where first met", "Mass,Target\n20,b10\n10,x\n20,b9\n20,B11\n20,b9\n", []mibi.Channel{
			{Mass: 20, Target: "B11, b9, b9, b10"}, {Mass: 10, Target: "x"}}, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			p := readPanel(t, tt.text)
			if diff := cmp.Diff(tt.want, p.Channels()); diff != "" {
				t.Errorf("channels (-want +got):\n%s", diff)
			}
			if !slices.Equal(p.Dropped, tt.dropped) {
				t.Errorf("dropped %v, want %v", p.Dropped, tt.dropped)
			}
		})
	}
}

func TestReadPanelRefuses(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, text   string
		line, column int
		field, says  string
	}{
		{"empty", "", 0, 0, "", "no line names"},
		{"no table", "Panel ID,1\nPanel Name,x\n", 0, 0, "", "no line names"},
		{"semicolons", "Mass;Target\n1;a\n", 0, 0, "", "separated by commas"},
		{"text for a mass", "Target,Mass\na,1\nCD8,heavy\n", 3, 5, "Mass", `"heavy" is not a whole mass`},
		{"broken mass", "Isotope,Label\n89.5,a\n", 2, 1, "Isotope", `"89.5"`},
		{"zero", "Mass,Target\n0,a\n", 2, 1, "Mass", "from 1 to 1000"},
		{"minus", "Mass,Target\n-1,a\n", 2, 1, "Mass", `"-1"`},
		{"too heavy", "Mass,Target\n1001,a\n", 2, 1, "Mass", `"1001"`},
		{"huge", "Mass,Target\n99999999999999999999,a\n", 2, 1, "Mass", "whole mass"},
		{"unquoted comma", "Mass,Target\n1,CD8, CD4\n", 2, 7, "", "needs quotes"},
		{"column twice", "Mass,Target,mass\n1,a,2\n", 1, 13, "Mass", "twice"},
		{"open quote", "Mass,Target\n1,\"a\n2,b\n", 3, 5, "", "begins at line 2"},
		{"bare quote", "Mass,Target\n1,a\"b\n", 2, 4, "", "quotes"},
		{"latin-1", "Mass,Target\n1,a\n2,\xb5m\n", 3, 3, "", "UTF-8"},
		{"utf-16", "\xff\xfeM\x00a\x00", 1, 1, "", "UTF-8"},
		{"long field", "Mass,Target\n1," + strings.Repeat("x", mibi.MaxPanelField+1), 2, 3, "", "longer than"},
		{"many rows", "Mass,Target\n" + strings.Repeat("1,a\n", mibi.MaxPanelRows), mibi.MaxPanelRows + 1, 0, "", "more than"},
		{"many fields", "Mass,Target" + strings.Repeat(",x", mibi.MaxPanelColumns), 1, 0, "", "fields"},
		{"a million fields", "\n" + strings.Repeat(",", 1<<20-2), 2, 0, "", "fields"},
		{"large", strings.Repeat("\n", mibi.MaxPanelBytes+1), 0, 0, "", "larger than"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := mibi.ReadPanel(strings.NewReader(tt.text))
			var e *mibi.PanelError
			if !errors.As(err, &e) || !errors.Is(err, mibi.ErrPanel) {
				t.Fatalf("error %v is no PanelError", err)
			}
			if e.Line != tt.line || e.Column != tt.column || e.Field != tt.field || !strings.Contains(err.Error(), tt.says) {
				t.Errorf("%q at %d:%d, field %q; want %q at %d:%d, field %q", err, e.Line, e.Column, e.Field, tt.says, tt.line, tt.column, tt.field)
			}
		})
	}
}

func TestReadPanelPassesTheReadersError(t *testing.T) {
	t.Parallel()
	broken := errors.New("unplugged")
	_, err := mibi.ReadPanel(iotest.ErrReader(broken))
	if !errors.Is(err, broken) || errors.Is(err, mibi.ErrPanel) {
		t.Errorf("error %v", err)
	}
}

func TestCompareNatural(t *testing.T) {
	t.Parallel()
	ordered := []string{"", "2", "10", "A", "CD", "CD3", "CD3e", "CD08", "CD11c", "CD11d", "CD45", "CD45RA", "CD99999999999999999999", "cd1", "µ"}
	for i, a := range ordered {
		for k, b := range ordered {
			if got := mibi.CompareNatural(a, b); got != min(1, max(-1, i-k)) {
				t.Errorf("CompareNatural(%q, %q) = %d", a, b, got)
			}
		}
	}
	if mibi.CompareNatural("CD08", "CD8") != 0 {
		t.Error("leading zeros tell targets apart")
	}
}

func TestReadPanelRealFiles(t *testing.T) {
	t.Parallel()
	folder := os.Getenv("MIBI_TESTDATA")
	if folder == "" {
		t.Skip("MIBI_TESTDATA is unset: no real files")
	}
	for name, want := range map[string]struct {
		rows        int
		first, last mibi.Channel
	}{
		"cohort-panel.csv":             {42, mibi.Channel{Mass: 89, Target: "Y89"}, mibi.Channel{Mass: 197, Target: "Au197"}},
		"demopanel.csv":                {47, mibi.Channel{Mass: 12, Target: "C"}, mibi.Channel{Mass: 197, Target: "Au"}},
		"example-panel-start-stop.csv": {46, mibi.Channel{Mass: 39, Target: "chan_39"}, mibi.Channel{Mass: 197, Target: "Au"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			text, err := os.ReadFile(filepath.Join(folder, "panels", name))
			if errors.Is(err, os.ErrNotExist) {
				t.Skip("the file is not in MIBI_TESTDATA")
			}
			if err != nil {
				t.Fatal(err)
			}
			p := readPanel(t, string(text))
			got := p.Channels()
			if len(p.Batches) != 1 || len(p.Batches[0].Rows) != want.rows || len(p.Dropped) != 0 || len(got) != want.rows {
				t.Fatalf("%d batches, %d channels, dropped %v; want one batch and %d channels", len(p.Batches), len(got), p.Dropped, want.rows)
			}
			if got[0] != want.first || got[len(got)-1] != want.last {
				t.Errorf("from %v to %v, want %v to %v", got[0], got[len(got)-1], want.first, want.last)
			}
			if err := mibi.CheckUnique(got); err != nil {
				t.Error(err)
			}
		})
	}
}

func ExampleReadPanel() {
	p, err := mibi.ReadPanel(strings.NewReader("Mass,Target,Element\n10,CD45,B\n89,dsDNA,Y\n10,CD11c,B\n10,CD8,B\n"))
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, c := range p.Channels() {
		fmt.Println(c.Mass, c.Target)
	}
	// Output:
	// 10 CD8, CD11c, CD45
	// 89 dsDNA
}

func ExamplePanel_Get() {
	p, err := mibi.ReadPanel(strings.NewReader("Panel ID,17\nPanel Name,Tonsil\n\nBatch,1\n\nID (Lot),Target,Clone,Mass,Element\n7,dsDNA,35I9,89,Y\n"))
	if err != nil {
		fmt.Println(err)
		return
	}
	name, _ := p.Get("Panel Name")
	batch := p.Batches[0]
	number, _ := batch.Get("Batch")
	clone, _ := batch.Value(batch.Rows[0], "Clone")
	fmt.Println(name, number, clone)
	// Output: Tonsil 1 35I9
}

func ExampleCompareNatural() {
	targets := []string{"CD45", "CD8", "CD11c"}
	slices.SortFunc(targets, mibi.CompareNatural)
	fmt.Println(targets)
	// Output: [CD8 CD11c CD45]
}
