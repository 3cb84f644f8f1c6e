package mibi_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/openmibi/openmibi/mibi"
)

// sameButLines compares panels wherever their lines stand.
var sameButLines = cmp.Options{
	cmpopts.IgnoreFields(mibi.PanelInfo{}, "Line"), cmpopts.IgnoreFields(mibi.PanelRow{}, "Line"),
	cmpopts.IgnoreFields(mibi.Panel{}, "Dropped"), cmpopts.EquateEmpty(),
}

func TestWriteCSVBytes(t *testing.T) {
	t.Parallel()
	complete := strings.NewReplacer("Description,for tests, unquoted", `Description,"for tests, quoted"`, "9 (L2),,X,113,In\n", "", "10 (L2),HH3,D1H2,,In\n", "").Replace(exported)
	for name, text := range map[string]string{
		"export":        complete,
		"plain":         "Mass,Target,Clone\n89,dsDNA,\"a, \"\"b\"\"\"\n90,=1+1,\n",
		"isotope":       "Isotope,Label\n12,C\n",
		"several lines": "Panel Name,\"two\nlines\"\n\nMass,Target\n",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var out bytes.Buffer
			if err := readPanel(t, text).WriteCSV(&out); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(text, out.String()); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

func TestWriteCSVRefuses(t *testing.T) {
	t.Parallel()
	row := func(mass int, target string, values ...string) mibi.Panel {
		return mibi.Panel{Batches: []mibi.PanelBatch{{Columns: []string{"Mass", "Target"}, Rows: []mibi.PanelRow{{Mass: mass, Target: target, Values: values}}}}}
	}
	info := func(name, value string) mibi.Panel {
		p := row(1, "a", "1", "a")
		p.Info = []mibi.PanelInfo{{Name: name, Value: value}}
		return p
	}
	for name, tt := range map[string]struct {
		panel mibi.Panel
		says  string
	}{
		"nothing":            {mibi.Panel{}, "no line names"},
		"no table":           {mibi.Panel{Info: []mibi.PanelInfo{{Name: "Panel Name", Value: "x"}}}, "no line names"},
		"space":              {row(1, "a ", "1", "a "), `"a "`},
		"another mass":       {row(2, "a", "1", "a"), "mass 2"},
		"another target":     {row(1, "b", "1", "a"), `target "b"`},
		"no target":          {row(1, "NA", "1", "NA"), "no target"},
		"too few values":     {row(1, "a", "1"), "no target"},
		"too many values":    {row(1, "a", "1", "a", "b"), "beyond the header"},
		"NUL":                {row(1, "a\x00", "1", "a\x00"), "NUL"},
		"no UTF-8":           {row(1, "\xff", "1", "\xff"), "UTF-8"},
		"mass is none":       {row(0, "a", "0", "a"), "whole mass"},
		"windows line end":   {row(1, "a\r\nb", "1", "a\r\nb"), `"a\nb"`},
		"long":               {row(1, "x", "1", strings.Repeat("x", mibi.MaxPanelField+1)), "longer than"},
		"info is a header":   {info("Mass", "Target"), "would not be read back"},
		"info without name":  {info("", "value"), `"value"`},
		"info with space":    {info("a", " b"), `" b"`},
		"batch of the panel": {info("Batch", "1"), "would not be read back"},
		"batch without info above": {mibi.Panel{Batches: []mibi.PanelBatch{
			row(1, "a", "1", "a").Batches[0], {Info: []mibi.PanelInfo{{Name: "Batch", Value: "2"}}, Columns: []string{"Mass", "Target"}},
		}}, "whole mass"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var out bytes.Buffer
			err := tt.panel.WriteCSV(&out)
			var e *mibi.PanelError
			if !errors.As(err, &e) || !errors.Is(err, mibi.ErrPanel) || !strings.Contains(err.Error(), tt.says) {
				t.Errorf("error %v, want a PanelError with %q", err, tt.says)
			}
			if out.Len() > 0 {
				t.Errorf("wrote %q all the same", out.String())
			}
		})
	}
}

type brokenWriter struct{ err error }

func (w brokenWriter) Write([]byte) (int, error) { return 0, w.err }

func TestWriteCSVPassesTheWritersError(t *testing.T) {
	t.Parallel()
	full := errors.New("disk full")
	if err := readPanel(t, exported).WriteCSV(brokenWriter{full}); !errors.Is(err, full) || errors.Is(err, mibi.ErrPanel) {
		t.Errorf("error %v", err)
	}
}

func TestWriteCSVRealFiles(t *testing.T) {
	t.Parallel()
	folder := os.Getenv("MIBI_TESTDATA")
	if folder == "" {
		t.Skip("MIBI_TESTDATA is unset: no real files")
	}
	files, err := filepath.Glob(filepath.Join(folder, "panels", "*.csv"))
	if err != nil || len(files) == 0 {
		t.Skipf("no panels in MIBI_TESTDATA: %v", err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		checkWritten(t, readPanel(t, string(text)))
	}
}

// checkWritten writes a panel, and reads it again.
func checkWritten(t *testing.T, p *mibi.Panel) {
	t.Helper()
	var out bytes.Buffer
	if err := p.WriteCSV(&out); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(p, readPanel(t, out.String()), sameButLines); diff != "" {
		t.Fatalf("written as %q (-want +got):\n%s", out.String(), diff)
	}
}

// FuzzWriteCSV holds what was read from any text against what is read from
// the panel written again.
func FuzzWriteCSV(f *testing.F) {
	f.Add([]byte(exported))
	f.Add([]byte("Mass,Target\n1,\"a\r\rb\"\n2,\"say \"\"x\"\"\"\n"))
	f.Add([]byte(",Description,\"x\n\",y,,\nBatch,\nMass,Target\n1,\\.\nBatch,\"2,3\"\nTotal Volume (uL)\n"))
	f.Add([]byte("Isotope,Label\n1,a\nLabel,,Isotope\nb,,2\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		p, err := mibi.ReadPanel(bytes.NewReader(text))
		if err != nil {
			return
		}
		// A reader of CSV makes a newline of this; and quotes, and a value that
		// was in several fields, may exceed the limits.
		if bytes.Contains(text, []byte("\r\n")) && bytes.Contains(text, []byte(`"`)) || len(text) > mibi.MaxPanelField {
			return
		}
		checkWritten(t, p)
	})
}

func ExamplePanel_WriteCSV() {
	p := mibi.Panel{
		Info: []mibi.PanelInfo{{Name: "Panel Name", Value: "Tonsil"}},
		Batches: []mibi.PanelBatch{{
			Info:    []mibi.PanelInfo{{Name: "Batch", Value: "1"}, {Name: "Total Volume (uL)", Value: "100"}},
			Columns: []string{"Target", "Mass"},
			Rows:    []mibi.PanelRow{{Mass: 89, Target: "dsDNA", Values: []string{"dsDNA", "89"}}},
		}},
	}
	if err := p.WriteCSV(os.Stdout); err != nil {
		fmt.Println(err)
	}
	// Output:
	// Panel Name,Tonsil
	//
	// Batch,1
	// Total Volume (uL),100
	//
	// Target,Mass
	// dsDNA,89
}
