package mibi_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/openmibi/openmibi/mibi"
)

// pythonRun is what runs.parse_xml returns.
type pythonRun struct {
	FOVs []struct {
		Folder      string     `json:"folder"`
		Dwell       float64    `json:"dwell"`
		Scans       int        `json:"scans"`
		Coordinates [2]float64 `json:"coordinates"`
		PointName   *string    `json:"point_name"`
		Date        *string    `json:"date"`
	} `json:"fovs"`
	Calibration map[string]*float64 `json:"calibration"`
}

// randomRun writes a run XML as the instrument may: points with several rows
// and FOVs of both kinds, and elements that say nothing here.
func randomRun(rng *rand.Rand) string {
	pick := func(of ...string) string { return of[rng.IntN(len(of))] }
	var b strings.Builder
	fmt.Fprintf(&b, "%s<%s %s>", pick("", `<?xml version="1.0" encoding="utf-8"?>`+"\n", "\ufeff"), "DocRoot", pick("", `RasterStyle="1"`))
	for range 1 + rng.IntN(2) {
		fmt.Fprintf(&b, "<Stage/><Root %s>%s", pick("", `RunTime="0001-01-01T00:00:00"`, `RunTime="2019-12-03T14:26:24"`), pick("", "<!-- <Point/> -->", "<Pointer/>", "text &lt;Point/&gt;"))
		for range 1 + rng.IntN(4) {
			fmt.Fprintf(&b, "<Point %s>", pick("", `PointName=""`, `PointName="tonsil µ &amp; &#x3bc;"`, `PointName='R1C3'`))
			rows := 0
			for k := range 1 + rng.IntN(6) {
				if k == 0 || rng.IntN(4) == 0 {
					fmt.Fprintf(&b, `<RowNumber%d XAttrib="%d" YAttrib=" %.2f "/>`, rows, rng.IntN(400000)-200000, rng.NormFloat64()*1e5)
					rows++
				}
				fmt.Fprintf(&b, `<%s AcquisitionTime="%g" TimeResolution="%g" MassGain="%g" MassOffset="%g" MassRange="%d" XSize="%d" YSize="%d" %s>%s</`,
					"Depth_Profile", float64(rng.IntN(100))/8, rng.Float64(), rng.Float64(), rng.Float64()-0.5, rng.IntN(300), 1+rng.IntN(2048), 1+rng.IntN(2048),
					pick("", `MaxNumberOfLevels="3"`, `MaxNumberOfLevels="1"`), pick("", "<Depth_Profile/>", "<Point PointName='in'><RowNumber9/></Point>"))
				b.WriteString("Depth_Profile>")
				if rng.IntN(3) == 0 {
					b.WriteString(`<Other_Image/><depth_profile/><Chemical_Image AcquisitionTime="1e1"/><Depth_Profile2/>`)
				}
			}
			b.WriteString("</Point>")
		}
		b.WriteString("</Root>")
	}
	return b.String() + "</DocRoot>"
}

// realTexts are files of MIBI_TESTDATA; none where it is unset or lacks them.
func realTexts(t *testing.T, folder string, names ...string) []string {
	t.Helper()
	var texts []string
	for _, name := range names {
		text, err := os.ReadFile(filepath.Join(os.Getenv("MIBI_TESTDATA"), folder, name))
		if err != nil {
			t.Logf("%s is left out: MIBI_TESTDATA has none", name)
			continue
		}
		texts = append(texts, strings.ToValidUTF8(string(text), ""))
	}
	return texts
}

// TestRunXMLIsPythons reads run XMLs as the field's tools do.
func TestRunXMLIsPythons(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(14, 15))
	texts := []string{twoPoints[:strings.Index(twoPoints, "<Depth_Profile />")] + "</Point></Root></AnyName>"}
	for range 300 {
		texts = append(texts, randomRun(rng))
	}
	texts = append(texts, realTexts(t, "runs", "demo.xml", "191203_CohortSlide1_S1622757.xml")...)
	var want []pythonRun
	askPython(t, `
from mibidata import runs
answers = []
for text in question:
    with open('run.xml', 'w', encoding='utf-8') as f:
        f.write(text)
    fovs, calibration = runs.parse_xml('run.xml')
    calibration.pop('RasterStyle')
    answers.append({'fovs': fovs, 'calibration': calibration})
json.dump(answers, sys.stdout)
`, texts, &want)
	for i, text := range texts {
		run, err := mibi.ParseRunXML(strings.NewReader(text))
		if err != nil {
			t.Errorf("%v in %s", err, text)
			continue
		}
		if got, want := shownRun(run), shownPythonRun(want[i]); got != want {
			t.Errorf("%s\nis read as\n%s\nby Python\n%s", text, got, want)
		}
	}
}

func shownRun(run *mibi.RunXML) string {
	var b strings.Builder
	for _, f := range run.FOVs {
		name, date := "absent", "absent"
		if f.PointName != nil {
			name = *f.PointName
		}
		if !run.RunTime.IsZero() {
			date = run.RunTime.Format("2006-01-02T15:04:05")
		}
		fmt.Fprintf(&b, "%s %v %d %.6f %.6f %q %s\n", f.Folder, f.Dwell, f.Depths, f.XAttrib*0.1, f.YAttrib*0.1, name, date)
	}
	f := run.FOVs[0]
	fmt.Fprintf(&b, "%v %v %v %v %d %d", *f.TimeBin, *f.MassGain, *f.MassOffset, *f.MassRange, f.Frame, f.FrameHeight)
	return b.String()
}

func shownPythonRun(run pythonRun) string {
	var b strings.Builder
	for _, f := range run.FOVs {
		name, date := "absent", "absent"
		if f.PointName != nil {
			name = *f.PointName
		}
		if f.Date != nil {
			date = *f.Date
		}
		fmt.Fprintf(&b, "%s %v %d %.6f %.6f %q %s\n", f.Folder, f.Dwell, f.Scans, f.Coordinates[0], f.Coordinates[1], name, date)
	}
	c := run.Calibration
	fmt.Fprintf(&b, "%v %v %v %v %v %v", *c["TimeResolution"], *c["MassGain"], *c["MassOffset"], *c["MassRange"], *c["XSize"], *c["YSize"])
	return b.String()
}

// randomPanel writes a panel in one of the field's dialects. Only what the
// field's tools take is among it: their export has each line that it may have,
// and no value has space around it, which they would keep.
func randomPanel(rng *rand.Rand) string {
	targets := []string{"CD45", "CD8", "CD11c", "dsDNA", "Na", "µ", `"HLA, A"`, `"say ""x"""`, "CD3e", "CD10", "cd8", "β-actin"}
	row := func(columns int) string {
		mass := fmt.Sprint(1 + rng.IntN(30))
		target := targets[rng.IntN(len(targets))]
		if columns == 5 {
			switch rng.IntN(8) {
			case 0:
				mass = ""
			case 1:
				target = []string{"", "NA", "N/A", "nan", "null"}[rng.IntN(5)]
			}
			return fmt.Sprintf("%d (L),%s,clone,%s,B", rng.IntN(99), target, mass)
		}
		return fmt.Sprintf("%s,%s,B", mass, target)
	}
	end := []string{"\n", "\r\n"}[rng.IntN(2)]
	var lines []string
	if rng.IntN(2) == 0 {
		lines = append(lines, "Mass,Target,Element")
		for range 1 + rng.IntN(20) {
			lines = append(lines, row(3))
		}
		return []string{"", "\ufeff"}[rng.IntN(2)] + strings.Join(lines, end) + end
	}
	blank := []string{"", ",,,,"}[rng.IntN(2)]
	lines = append(lines, "Panel ID,17", "Panel Name,Tonsil", "Project ID,4", "Project Name,x", "Manufacture Data,2018-04-25", "Description,", blank)
	for n := range 1 + rng.IntN(3) {
		lines = append(lines, fmt.Sprintf("Batch,%d", n+1), "Total Volume (uL),100", "Antibody Volume (uL),5", "Buffer Volume (uL),95", blank, "ID (Lot),Target,Clone,Mass,Element")
		for range 1 + rng.IntN(12) {
			lines = append(lines, row(5))
		}
		lines = append(lines, blank)
	}
	return strings.Join(lines, end) + end
}

// TestPanelIsPythons reads panels as the field's tools do.
func TestPanelIsPythons(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(16, 17))
	var texts []string
	for range 300 {
		texts = append(texts, randomPanel(rng))
	}
	texts = append(texts, realTexts(t, "panels", "cohort-panel.csv", "example-panel-start-stop.csv")...)
	var want [][]mibi.Channel
	askPython(t, `
from mibidata import panels
answers = []
for text in question:
    with open('panel.csv', 'w', encoding='utf-8', newline='') as f:
        f.write(text)
    answers.append([{'Mass': int(m), 'Target': t} for m, t in panels.read_csv('panel.csv').values.tolist()])
json.dump(answers, sys.stdout)
`, texts, &want)
	for i, text := range texts {
		p, err := mibi.ReadPanel(strings.NewReader(text))
		if err != nil {
			t.Errorf("%v in %s", err, text)
			continue
		}
		if got := fmt.Sprint(p.Channels()); got != fmt.Sprint(want[i]) {
			t.Errorf("%s\nis read as\n%s\nby Python\n%s", text, got, fmt.Sprint(want[i]))
		}
	}
}
