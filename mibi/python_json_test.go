package mibi_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/openmibi/openmibi/mibi"
)

// randomJSON writes a value the way that nobody would, but Python's json reads.
func randomJSON(rng *rand.Rand, depth int) string {
	space := []string{"", " ", "\n\t", "  \r\n"}[rng.IntN(4)]
	kind := rng.IntN(8)
	if depth == 0 {
		kind = rng.IntN(6)
	}
	switch kind {
	case 0:
		return []string{"null", "true", "false", "NaN", "Infinity", "-Infinity", "0", "-0", "-0.0", "0e9", "1E400", "-1e-400", "1e16", "9999999999999998.0", "1e-5", "0.0001", "1e22", "9007199254740993", "9007199254740993.0", "123456789012345678901234567890", "5e-324", "0.1", "100", "1.0E+2"}[rng.IntN(24)]
	case 1:
		return strconv.FormatFloat(math.Float64frombits(rng.Uint64()&^(1<<62)), "eEgGf"[rng.IntN(5)], -1, 64)
	case 2:
		return strconv.FormatFloat((rng.Float64()-0.5)*math.Pow10(rng.IntN(40)-20), 'f', rng.IntN(20), 64)
	case 3:
		return strconv.FormatInt(rng.Int64()>>rng.IntN(64), 10)
	case 4, 5:
		return randomText(rng)
	case 6:
		var items []string
		for range rng.IntN(4) {
			items = append(items, space+randomJSON(rng, depth-1)+space)
		}
		return "[" + strings.Join(items, ",") + "]"
	}
	var members []string
	for i := range rng.IntN(4) {
		// A key that came twice would be once in Python's object.
		members = append(members, space+`"`+strconv.Itoa(i)+randomText(rng)[1:]+space+":"+space+randomJSON(rng, depth-1)+space)
	}
	return "{" + strings.Join(members, ",") + "}"
}

func randomText(rng *rand.Rand) string {
	parts := []string{"a", "Z", " ", "~", `\"`, `\\`, `\/`, "/", `\b\f\n\r\t`, `\u00B5`, "µ", "μ", "😀", `\ud83d\ude00`, `\ud83d`, `\ude00`, "\x7f", `\u0000`, `\u2028`, "\u2028", "�", "?", "<&>", "\n", "\x1b", "'"}
	var b strings.Builder
	for range rng.IntN(6) {
		b.WriteString(parts[rng.IntN(len(parts))])
	}
	return `"` + b.String() + `"`
}

// TestJSONIsPythons reads and writes what Python's json does, to the byte: a
// description that was copied here is the one that would have been there.
func TestJSONIsPythons(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(8, 9))
	texts := make([]string, 4000)
	for i := range texts {
		texts[i] = randomJSON(rng, 4)
	}
	var want []string
	askPython(t, `
json.dump([json.dumps(json.loads(text, strict=False)) for text in question], sys.stdout)
`, texts, &want)
	for i, text := range texts {
		v, err := mibi.ParseValue(text)
		if err != nil || v.JSON() != want[i] {
			t.Errorf("%q\nis written %s, %v\nby Python  %s", text, v.JSON(), err, want[i])
		}
	}
}

// TestDescriptionIsPythons writes random metadata, and has Python write what it
// reads in it.
func TestDescriptionIsPythons(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(10, 11))
	value := func() mibi.Value {
		switch rng.IntN(5) {
		case 0:
			return mibi.Float(math.Float64frombits(rng.Uint64()))
		case 1:
			return mibi.Float(math.Round((rng.Float64()-0.5)*1e4) / 100)
		case 2:
			return mibi.Int(rng.Int64() >> rng.IntN(64))
		case 3:
			return mibi.Pair(rng.NormFloat64()*1e4, float64(rng.IntN(100)))
		}
		r := make([]rune, rng.IntN(9))
		for i := range r {
			r[i] = rng.Int32N(0x11000 >> (4 * rng.IntN(4)))
		}
		return mibi.Text(string(r))
	}
	texts := make([]string, 1000)
	for i := range texts {
		m := mibi.Metadata{Run: value(), Coordinates: value(), Size: value(), Folder: value(), Dwell: value(), MassOffset: value()}
		for k := range rng.IntN(4) {
			m.User = append(m.User, mibi.UserValue{Key: fmt.Sprint(k, value()), Value: value()})
		}
		d := mibi.Description{Metadata: m, ImageType: "SIMS", Mass: mibi.Int(int64(i)), Target: value(), Shape: []int{i, 1}}
		texts[i] = string(d.AppendJSON(nil))
	}
	var want []string
	askPython(t, `
json.dump([json.dumps(json.loads(text)) for text in question], sys.stdout)
`, texts, &want)
	for i, text := range texts {
		if text != want[i] {
			t.Errorf("%s\nis written by Python\n%s", text, want[i])
		}
	}
}

// TestUpgradeIsPythons mends the gaps of older files as the field's tools do.
func TestUpgradeIsPythons(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(12, 13))
	pick := func(of ...string) string { return of[rng.IntN(len(of))] }
	questions := make([]map[string]string, 500)
	for i := range questions {
		q := map[string]string{
			"fov_id": pick("", "FOV1", "Point1", "FOV2"), "folder": pick("", "FOV1", "Point1/RowNumber0/Depth_Profile0", "FOV2", "/x"),
			"fov_name": pick("", "R1C3"), "description": pick("", "R1C4", "about"),
			"aperture": pick("", "A", "B", "1mm", "1 mm", "300um", "300 μm", "100um", "100 μm", "30um", "30 μm", "500um", "500 μm"),
		}
		for key := range q {
			if q[key] == "" && rng.IntN(2) == 0 {
				delete(q, key)
			}
		}
		questions[i] = q
	}
	var want []map[string]string
	askPython(t, `
from mibidata import tiff
answers = []
for q in question:
    d = {'mibi.' + k: v for k, v in q.items()}
    tiff._convert_from_previous(d)
    answers.append({k[5:]: v for k, v in d.items() if v})
json.dump(answers, sys.stdout)
`, questions, &want)
	for i, q := range questions {
		m := mibi.Metadata{FOVID: mibi.Text(q["fov_id"]), Folder: mibi.Text(q["folder"]), FOVName: mibi.Text(q["fov_name"]),
			Description: mibi.Text(q["description"]), Aperture: mibi.Text(q["aperture"])}.Upgrade()
		for key, got := range map[string]mibi.Value{"fov_id": m.FOVID, "folder": m.Folder, "fov_name": m.FOVName, "description": m.Description, "aperture": m.Aperture} {
			if got.String() != want[i][key] {
				t.Errorf("%v: %s is %q, by Python %q", q, key, got, want[i][key])
			}
		}
	}
}

// TestRealDescriptionsArePythons reads the descriptions of real MIBItiffs,
// which Python takes out of them.
func TestRealDescriptionsArePythons(t *testing.T) {
	t.Parallel()
	folder := os.Getenv("MIBI_TESTDATA")
	if folder == "" {
		t.Skip("MIBI_TESTDATA is unset: no real files")
	}
	files, err := filepath.Glob(filepath.Join(folder, "mibitiff", "*.tiff"))
	if err != nil || len(files) == 0 {
		t.Skipf("no MIBItiff in MIBI_TESTDATA: %v", err)
	}
	var pages []struct{ Text, Written, Type, Target string }
	askPython(t, `
import tifffile
pages = []
for name in question:
    with tifffile.TiffFile(name) as f:
        for page in f.pages:
            text = page.tags[270].value
            d = json.loads(text)
            pages.append({'Text': text, 'Written': json.dumps(d), 'Type': d['image.type'], 'Target': d.get('channel.target') or ''})
json.dump(pages, sys.stdout)
`, files, &pages)
	for _, page := range pages {
		v, err := mibi.ParseValue(page.Text)
		if err != nil || v.JSON() != page.Written {
			t.Errorf("%s\nis written %s, %v\nby Python  %s", page.Text, v.JSON(), err, page.Written)
		}
		d, err := mibi.ParseDescription([]byte(page.Text))
		if err != nil || d.ImageType != page.Type || d.Target.String() != page.Target {
			t.Errorf("type %s, target %s, %v: %s", d.ImageType, d.Target, err, page.Text)
		}
	}
	t.Logf("%d pages", len(pages))
}
