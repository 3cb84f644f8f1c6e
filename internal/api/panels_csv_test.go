package api_test

import (
	"bytes"
	"encoding/json"
	"mime"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/openmibi/openmibi/mibi"
)

// postCSV sends a panel's file as the body.
func (s *server) postCSV(t *testing.T, who user, query, contentType, text string) answer {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), "POST", s.URL+"/panels/"+query, strings.NewReader(text))
	must(t, err)
	req.Header.Set("Content-Type", contentType)
	req.Header.Set("Authorization", "JWT "+who.token)
	return s.send(t, req)
}

func csvForm(fileName, text string, pairs ...string) *form {
	return newForm(pairs...).file("csv", fileName, "application/vnd.ms-excel", text)
}

// fullExport is fullPanel in MIBItracker's form: format notes, "Panel CSV".
const fullExport = `Panel ID,1
Panel Name,TONIC_TNBC
Project ID,
Project Name,
Manufacture Data,2021-10-13
Description,of two batches

Batch,1
Total Volume (uL),0
Antibody Volume (uL),0
Buffer Volume (uL),0

ID (Lot),Target,Clone,Mass,Element
a (b) (1352 (x)),Calprotectin,MAC387,69,Ga

Batch,2
Total Volume (uL),200
Antibody Volume (uL),20.5
Buffer Volume (uL),179.5

ID (Lot),Target,Clone,Mass,Element
,CD8,C8/144B,158,
,dsDNA,-,89,

Batch,
Total Volume (uL),
Antibody Volume (uL),
Buffer Volume (uL),

ID (Lot),Target,Clone,Mass,Element
,"HLA class 1 A, B, and C",,160,
`

func TestPanelExport(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	made := s.addPanel(t, s.alice, fullPanel)
	got := s.do(t, s.alice, "GET", panelPath(made)+"csv/", nil).want(t, 200)
	if diff := cmp.Diff(fullExport, string(got.body)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	disposition, params, err := mime.ParseMediaType(got.header.Get("Content-Disposition"))
	if err != nil || disposition != "attachment" || params["filename"] != "TONIC_TNBC.csv" {
		t.Errorf("Content-Disposition %s %v, %v", disposition, params, err)
	}
	for name, want := range map[string]string{
		"Content-Type": "text/csv; charset=utf-8", "Content-Length": itoa(int64(len(fullExport))),
		"X-Content-Type-Options": "nosniff", "Cache-Control": "private, no-cache",
	} {
		if got.header.Get(name) != want {
			t.Errorf("%s: %q, want %q", name, got.header.Get(name), want)
		}
	}
	// In a project, of a name that no header holds as it is, and empty.
	project := s.do(t, s.alice, "POST", "/projects/", `{"name": "=SUM(A1)"}`).want(t, 201).id(t)
	odd := s.addPanel(t, s.alice, `{"name": "µ/\"x\\, y", "description": "- one\n- two", "project": `+itoa(project)+`}`)
	got = s.do(t, s.alice, "GET", panelPath(odd)+"csv/", nil).want(t, 200)
	want := "Panel ID,2\nPanel Name,\"µ/\"\"x\\, y\"\nProject ID," + itoa(project) + "\nProject Name,'=SUM(A1)\nManufacture Data,\nDescription,'- one - two\n\n" +
		"Batch,\nTotal Volume (uL),\nAntibody Volume (uL),\nBuffer Volume (uL),\n\nID (Lot),Target,Clone,Mass,Element\n"
	if diff := cmp.Diff(want, string(got.body)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if _, params, err := mime.ParseMediaType(got.header.Get("Content-Disposition")); err != nil || params["filename"] != `µ-"x-, y.csv` {
		t.Errorf("Content-Disposition %v, %v", params, err)
	}
}

// No description is too long for the export: it is cut where readers end.
func TestPanelExportLongDescription(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	for _, letter := range []string{"x", "µ", `\"`, ",", "𝛼"} {
		body := `{"name": "x", "description": "` + strings.Repeat(letter, 64<<10) + `", "conjugates": [{"target": "CD3", "mass": 159}]}`
		got := s.do(t, s.alice, "GET", panelPath(s.addPanel(t, s.alice, body))+"csv/", nil).want(t, 200)
		p, err := mibi.ReadPanel(bytes.NewReader(got.body))
		must(t, err)
		text, _ := p.Get("Description")
		if want := mibi.MaxPanelField - 8; len(text) < want || len(p.Channels()) != 1 {
			t.Errorf("%q: %d bytes, channels %v", letter, len(text), p.Channels())
		}
	}
}

// What is exported makes the same panel again, but for what a CSV has no place for.
func TestPanelExportReadsBack(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	made := s.addPanel(t, s.alice, fullPanel)
	inCSV := func(panel map[string]any) []any {
		out := []any{panel["name"], panel["description"], panel["manufacture_date"]}
		for _, b := range withoutFields(partsOf(t, panel, "batches"), "id", "is_draft") {
			out = append(out, b)
		}
		conjugates := withoutFields(partsOf(t, panel, "conjugates"), "id", "conjugate_id", "concentration", "recommended_titer", "titer", "titer_units",
			"volume", "manufacture_date", "expiration_date", "is_draft")
		// The export has them by their batches.
		slices.SortStableFunc(conjugates, func(a, b map[string]any) int { return strings.Compare(a["target"].(string), b["target"].(string)) })
		for _, c := range conjugates {
			out = append(out, c)
		}
		return out
	}
	for name, again := range map[string]answer{
		"form": s.do(t, s.alice, "POST", "/panels/", csvForm("x.csv", fullExport)),
		"body": s.postCSV(t, s.alice, "", "text/csv; charset=UTF-8; header=present", "\ufeff"+strings.ReplaceAll(fullExport, "\n", "\r\n")),
	} {
		if diff := cmp.Diff(inCSV(made), inCSV(again.want(t, 201).object(t))); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	// Of fields beside the file, the fields count.
	project := itoa(s.do(t, s.alice, "POST", "/projects/", `{"name": "x"}`).want(t, 201).id(t))
	s.do(t, s.alice, "POST", "/panels/", csvForm("x.csv", fullExport, "name", "mine", "project", project, "description", "")).
		want(t, 201, `"name":"mine"`, `"description":""`, `"project":{"id":`+project, `"manufacture_date":"2021-10-13"`)
	s.postCSV(t, s.alice, "?name=mine&project="+project+"&is_draft=true", "text/csv", fullExport).want(t, 201, `"name":"mine"`, `"project":{"id":`+project, `"is_draft":true`)
	// The next version can come from a file.
	next := s.do(t, s.alice, "POST", "/panels/", csvForm("x.csv", "Mass,Target\n1,a\n", "previous_id", itoa(idOf(made)))).want(t, 201).object(t)
	if next["previous_id"] != made["id"] || len(partsOf(t, next, "conjugates")) != 1 || len(partsOf(t, next, "batches")) != 0 || next["dilution"] != 0.5 {
		t.Errorf("the next version: %v", next)
	}
	// An apostrophe that the export put in front is taken away again.
	s.do(t, s.alice, "POST", "/panels/", csvForm("x.csv", "Panel Name,a\nDescription,'- b\nManufacture Data,4/25/2018\n\nMass,Target\n1,a\n")).
		want(t, 201, `"description":"- b"`, `"manufacture_date":"2018-04-25"`)
}

// Every dialect makes a panel of the channels that it has.
func TestPanelImportDialects(t *testing.T) {
	t.Parallel()
	files := map[string]string{
		"plain.csv":   "Mass,Target\n89,dsDNA\n158,CD8\n158,CD4\n",
		"all.csv":     "Target,Clone,Lot,Mass,Element,Start,Stop\nCD8,C8/144B,(a) 7,158.0,Gd,157.7,158\n,x,,1,\nNA,,,2,\n",
		"maui.csv":    "Isotope,Label,Start,Stop,BaselineStart,BaselineEnd,Batch\n12,C,11.8,12.2,11.5,11.6,0\n23,Na,22.8,23.2,22.5,22.6,0\n",
		"padded.csv":  strings.ReplaceAll("\ufeff"+strings.ReplaceAll(fullExport, "\n\n", "\n,,,,\n"), "Batch,1\n", "Batch,1,,,\n"),
		"old mac.csv": "Mass,Target\r1,\"a, b\"\r",
		"none.csv":    "Mass,Target\n",
	}
	if folder := os.Getenv("MIBI_TESTDATA"); folder != "" {
		paths, err := filepath.Glob(filepath.Join(folder, "panels", "*.csv"))
		must(t, err)
		for _, path := range paths {
			text, err := os.ReadFile(path)
			must(t, err)
			files[filepath.Base(path)] = string(text)
		}
	}
	s := newServer(t)
	for name, text := range files {
		t.Run(name, func(t *testing.T) {
			want, err := mibi.ReadPanel(strings.NewReader(text))
			must(t, err)
			made := s.do(t, s.alice, "POST", "/panels/", csvForm(name, text)).want(t, 201).object(t)
			if stem := strings.TrimSuffix(name, ".csv"); name != "padded.csv" && made["name"] != stem {
				t.Errorf("the name %v, want the file's, %s", made["name"], stem)
			}
			got, err := mibi.ReadPanel(bytes.NewReader(s.do(t, s.alice, "GET", panelPath(made)+"csv/", nil).want(t, 200).body))
			must(t, err)
			if diff := cmp.Diff(want.Channels(), got.Channels()); diff != "" {
				t.Errorf("channels (-posted +exported):\n%s", diff)
			}
		})
	}
	made := s.do(t, s.alice, "POST", "/panels/", csvForm(`C:\panels\all.csv`, files["all.csv"])).want(t, 201, `"name":"all"`).object(t)
	if c := partsOf(t, made, "conjugates"); len(c) != 1 || c[0]["lot"] != "(a) 7" || c[0]["clone"] != "C8/144B" || c[0]["element"] != "Gd" || c[0]["batch_id"] != nil {
		t.Errorf("conjugates: %v", c)
	}
}

func TestPanelImportRefused(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	export := func(old, made string) string { return strings.Replace(fullExport, old, made, 1) }
	for name, test := range map[string]struct {
		text   string
		status int
		says   []string
	}{
		"no panel":          {"a,b\n1,2\n", 400, []string{`"csv"`, "Mass and Target", `separated by commas."`}},
		"empty":             {"", 400, []string{`"csv"`}},
		"text for a mass":   {"Target,Mass\na,1\nCD8,heavy\n", 400, []string{"line 3, column 5 (Mass)"}},
		"broken quotes":     {"Mass,Target\n1,\"a\n", 400, []string{"line 2, column 6", "broken quotes"}},
		"latin-1":           {"Mass,Target\n1,\xb5m\n", 400, []string{"line 2, column 3", "UTF-8"}},
		"UTF-16":            {"\xff\xfeM\x00a\x00s\x00s\x00", 400, []string{"line 1, column 1", "UTF-8"}},
		"NUL":               {"Mass,Target\n1,a\x00\n", 400, []string{"line 2, column 4", "NUL"}},
		"huge field":        {"Mass,Target\n1," + strings.Repeat("x", 20_000), 400, []string{"line 2, column 3", "longer than"}},
		"long field":        {"Mass,Target,Clone\n1,a," + strings.Repeat("x", 300), 400, []string{"line 2 (Clone)", "255 characters"}},
		"long target":       {"Mass,Target\n1," + strings.Repeat("x", 300), 400, []string{"line 2 (Target)", "255 characters"}},
		"two lines":         {"Mass,Target\n1,\"a\nb\"\n", 400, []string{"line 2 (Target)", "one line"}},
		"formula":           {"Mass,Target\n1,a\n2,\"=HYPERLINK(\"\"http://x\"\")\"\n", 400, []string{"line 3 (Target)", "spreadsheet"}},
		"formula elsewhere": {"Mass,Target,Clone\n1,a,@x\n", 400, []string{"line 2 (Clone)", "spreadsheet"}},
		"many rows":         {"Mass,Target\n" + strings.Repeat("1,a\n", 1001), 400, []string{"line 1002", "1000 conjugates"}},
		"a million fields":  {strings.Repeat(",", 1_000_000), 400, []string{"line 1", "fields"}},
		"a million lines":   {"Mass,Target\n" + strings.Repeat("1,a\n", 1_000_000), 413, []string{"detail"}},
		"larger":            {strings.Repeat("\n", mibi.MaxPanelBytes+1), 413, []string{"detail"}},
		"no batch number":   {export("Batch,1", "Batch,"), 400, []string{"line 9 (Total Volume (uL))", "no number"}},
		"batch":             {export("Batch,1", "Batch,one"), 400, []string{"line 8 (Batch)", "integer"}},
		"batch twice":       {export("Batch,2", "Batch,1"), 400, []string{"line 16 (Batch)", "two batches 1"}},
		"volume":            {export("20.5", "much"), 400, []string{"line 18 (Antibody Volume (uL))", "number"}},
		"infinite volume":   {export("20.5", "inf"), 400, []string{"line 18"}},
		"date":              {export("2021-10-13", "yesterday"), 400, []string{"line 5 (Manufacture Data)", "YYYY-MM-DD"}},
		"doubtful date":     {export("2021-10-13", "4/5/2018"), 400, []string{"line 5", "YYYY-MM-DD"}},
		"name is a formula": {export("TONIC_TNBC", "=x"), 400, []string{"line 2 (Panel Name)", "spreadsheet"}},
		"long name":         {export("TONIC_TNBC", strings.Repeat("x", 256)), 400, []string{"line 2 (Panel Name)", "255"}},
		"broken lot":        {"Mass,Target,Lot\n1,a,)x(\n", 400, []string{"line 2 (Lot)", "brackets"}},
	} {
		t.Run(name, func(t *testing.T) {
			s.do(t, s.alice, "POST", "/panels/", csvForm("x.csv", test.text)).want(t, test.status, test.says...)
			s.postCSV(t, s.alice, "?name=x", "text/csv", test.text).want(t, test.status, test.says...)
		})
	}
	t.Run("around it", func(t *testing.T) {
		plain := "Mass,Target\n1,a\n"
		s.postCSV(t, s.alice, "", "text/csv", plain).want(t, 400, `"name"`, "required")
		s.postCSV(t, s.alice, "?name=x", "text/csv; charset=utf-16", plain).want(t, 415, "UTF-8")
		s.postCSV(t, s.alice, "?name=x", "text/html", plain).want(t, 415)
		s.postCSV(t, s.alice, "?name=x", "application/json", plain).want(t, 400)
		s.postCSV(t, s.alice, "?name=x&project=99", "text/csv", plain).want(t, 400, `"project"`)
		s.postCSV(t, s.alice, "?name=x&dilution=much", "text/csv", plain).want(t, 400, `"dilution"`)
		s.postCSV(t, s.alice, "?name=%00", "text/csv", plain).want(t, 400, `"name"`)
		s.postCSV(t, s.alice, "?name=x;y", "text/csv", plain).want(t, 400)
		s.postCSV(t, user{token: "x"}, "?name=x", "text/csv", plain).want(t, 401)
		s.do(t, s.alice, "POST", "/panels/", newForm().file("other", "x.csv", "text/csv", plain)).want(t, 400, `"other"`)
		s.do(t, s.alice, "POST", "/panels/", csvForm("=x.csv", plain)).want(t, 400, `"name"`)
		s.do(t, s.alice, "POST", "/panels/", csvForm("x.csv", plain).file("csv", "y.csv", "text/csv", plain)).want(t, 400, `"csv"`)
	})
	if got := s.do(t, s.alice, "GET", "/panels/", nil).want(t, 200).object(t)["count"]; got != 0.0 {
		t.Errorf("%v panels were made all the same", got)
	}
}

// The field's own reader finds the same channels in what is exported.
func TestPanelExportPython(t *testing.T) {
	t.Parallel()
	const python = "/usr/bin/python3"
	lib := os.Getenv("MIBILIB_DIR")
	if lib == "" {
		t.Skip("MIBILIB_DIR is not set: it names a checkout of the Python client (ionpath/mibilib)")
	}
	if _, err := os.Stat(python); err != nil {
		t.Skip("no /usr/bin/python3 is installed")
	}
	s := newServer(t)
	for name, body := range map[string]string{
		"full":      fullPanel,
		"no batch":  `{"name": "a, \"b\"", "description": "two\nlines, and \"quotes\"", "conjugates": [{"target": "CD3", "mass": 159}]}`,
		"one batch": `{"name": "µ", "conjugates": [{"target": "say \"x\"", "mass": 1, "batch_id": 0}, {"target": "β, γ", "mass": 2, "batch_id": 0}]}`,
		"merged": `{"name": "x", "batches": [{"batch_id": 1}, {"batch_id": 2}, {"batch_id": 3}], "conjugates": [
			{"target": "CD45", "mass": 10, "batch_id": 3}, {"target": "CD8", "mass": 10, "batch_id": 1}, {"target": "CD11c", "mass": 10, "batch_id": 1},
			{"target": "Au", "mass": 197, "clone": "-", "element": "Au", "lot": "7", "external_id": "001"}]}`,
		"nothing": `{"name": "x"}`,
	} {
		t.Run(name, func(t *testing.T) {
			text := s.do(t, s.alice, "GET", panelPath(s.addPanel(t, s.alice, body))+"csv/", nil).want(t, 200).body
			ours, err := mibi.ReadPanel(bytes.NewReader(text))
			must(t, err)
			file := filepath.Join(t.TempDir(), "panel.csv")
			must(t, os.WriteFile(file, text, 0o600))
			cmd := exec.CommandContext(t.Context(), python, "-c", "import json, sys\nfrom mibidata import panels\n"+
				"print(json.dumps([{'Mass': int(m), 'Target': t} for m, t in panels.read_csv(sys.argv[1]).values.tolist()]))", file)
			cmd.Dir, cmd.Env = t.TempDir(), append(os.Environ(), "PYTHONPATH="+lib)
			var stderr bytes.Buffer
			cmd.Stderr = &stderr
			out, err := cmd.Output()
			if err != nil {
				t.Fatalf("%v\n%s", err, stderr.Bytes())
			}
			theirs := []mibi.Channel{}
			must(t, json.Unmarshal(out, &theirs))
			if diff := cmp.Diff(theirs, ours.Channels()); diff != "" {
				t.Errorf("-theirs +ours:\n%s", diff)
			}
		})
	}
}
