package mibi_test

import (
	"encoding/json"
	"errors"
	"math"
	"runtime"
	"strings"
	"testing"

	"github.com/openmibi/openmibi/mibi"
)

func TestValuesPrintAsPythonDoes(t *testing.T) {
	t.Parallel()
	for want, v := range map[string]mibi.Value{
		"null": {}, "400.0": mibi.Float(400), "0.1": mibi.Float(0.1), "1e-07": mibi.Float(1e-7), "0.0001": mibi.Float(1e-4),
		"1e-05": mibi.Float(1e-5), "1e+16": mibi.Float(1e16), "1234567890123456.0": mibi.Float(1234567890123456),
		"-14967.999999999998": mibi.Float(-14967.999999999998), "5e-324": mibi.Float(5e-324), "1.5e+300": mibi.Float(1.5e300),
		"-0.0": mibi.Float(math.Copysign(0, -1)), "NaN": mibi.Float(math.NaN()), "-Infinity": mibi.Float(math.Inf(-1)),
		"4": mibi.Int(4), "true": mibi.Bool(true), "[-241.0, 0.5]": mibi.Pair(-241, 0.5), `""`: mibi.Text(""),
		`"A\u00b5 \ud835\udefc \u007f/\"\\\b\f\n\r\t\u0001"`: mibi.Text("Aµ \U0001d6fc \x7f/\"\\\b\f\n\r\t\x01"),
	} {
		if got := v.JSON(); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

func TestParseValueKeepsWhatItReads(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"null": "null", " 1 ": "1", "-0": "0", "1E5": "100000.0", "92.0": "92.0", "1e400": "Infinity", "NaN": "NaN",
		"12345678901234567890123": "12345678901234567890123", `"\u00B5\/"`: `"\u00b5/"`, `"µ"`: `"\u00b5"`,
		`"\ud83d"`: `"\ud83d"`, `"a` + "\n" + `b"`: `"a\nb"`, "\"\xff\"": `"\u00ff"`, "\"µ\xb5\x80\x81\"": `"\u00b5\u00b5\u20ac\ufffd"`, `[ 1,2 , {"k":null,"":[]}, {} ]`: `[1, 2, {"k": null, "": []}, {}]`,
		"true\x00\x00": "true",
	} {
		v, err := mibi.ParseValue(text)
		if err != nil || v.JSON() != want {
			t.Errorf("%q: got %s, %v, want %s", text, v.JSON(), err, want)
		}
	}
	for _, text := range []string{"", "nul", "01", "1.", ".5", "1e", "--1", "+1", "[1", "[1,]", `{"a"}`, `{"a":1,}`, "{1:2}", `"a`, `"\x"`, `"\u12"`,
		`"\u+123"`, "1 2", "'a'", strings.Repeat("[", 100000), strings.Repeat(`{"a":`, 100000)} {
		var syntax *mibi.SyntaxError
		if v, err := mibi.ParseValue(text); !errors.As(err, &syntax) {
			t.Errorf("%.20q: got %s, %v", text, v.JSON(), err)
		}
	}
}

// TestNestedObjectsAreCopiedOnce keeps the cost of nesting from being the
// text's length times its depth.
func TestNestedObjectsAreCopiedOnce(t *testing.T) {
	const depth = 150
	text := strings.Repeat(`{"a":`, depth) + `"` + strings.Repeat("x", 1<<20) + `"` + strings.Repeat("}", depth)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	if _, err := mibi.ParseValue(text); err != nil {
		t.Fatal(err)
	}
	runtime.ReadMemStats(&after)
	if used := after.TotalAlloc - before.TotalAlloc; used > 20<<20 {
		t.Errorf("%d MiB allocated for 1 MiB", used>>20)
	}
}

func TestNullIsNoNumber(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"[null, null]", "[1, null]", `"[null, 2]"`} {
		v, err := mibi.ParseValue(text)
		if err != nil {
			t.Fatal(err)
		}
		if x, y, ok := v.Pair(); ok {
			t.Errorf("%s: the pair %v, %v", text, x, y)
		}
	}
	d, err := mibi.ParseDescription([]byte(`{"image.type": "SED", "shape": [16, null]}`))
	if err != nil || d.Shape != nil {
		t.Errorf("shape %v, %v", d.Shape, err)
	}
}

func TestTypedAccess(t *testing.T) {
	t.Parallel()
	parse := func(text string) mibi.Value {
		v, err := mibi.ParseValue(text)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	for _, c := range []struct {
		json  string
		text  string
		float float64
		int   int64
		bool  string
	}{
		{json: "null", text: "", float: math.NaN(), int: -99},
		{json: "1", text: "1", float: 1, int: 1, bool: "true"},
		{json: `"5"`, text: "5", float: 5, int: 5},
		{json: `"0,1"`, text: "0,1", float: math.NaN(), int: -99},
		{json: "92.0", text: "92.0", float: 92, int: 92},
		{json: "92.5", text: "92.5", float: 92.5, int: -99},
		{json: "-1", text: "-1", float: -1, int: -1},
		{json: "false", text: "false", float: math.NaN(), int: -99, bool: "false"},
		{json: "NaN", text: "NaN", float: math.NaN(), int: -99},
		{json: "1e300", text: "1e+300", float: 1e300, int: -99},
		{json: `"\ud83d\ude00"`, text: "😀", float: math.NaN(), int: -99},
	} {
		v := parse(c.json)
		if v.String() != c.text {
			t.Errorf("%s as text: %q", c.json, v)
		}
		if f, ok := v.Float(); ok == math.IsNaN(c.float) || ok && f != c.float {
			t.Errorf("%s as a number: %v, %v", c.json, f, ok)
		}
		if i, ok := v.Int(); ok == (c.int == -99) || ok && i != c.int {
			t.Errorf("%s as a whole number: %v, %v", c.json, i, ok)
		}
		if b, ok := v.Bool(); ok != (c.bool != "") || ok && b != (c.bool == "true") {
			t.Errorf("%s as a truth: %v, %v", c.json, b, ok)
		}
	}
	for text, want := range map[string]bool{"[1, -2.5]": true, `"[1, -2.5]"`: true, "[1]": false, "[1, 2, 3]": false, `["a", 1]`: false, "null": false} {
		x, y, ok := parse(text).Pair()
		if ok != want || ok && (x != 1 || y != -2.5) {
			t.Errorf("%s as a pair: %v, %v, %v", text, x, y, ok)
		}
	}
}

func TestValueInJSON(t *testing.T) {
	t.Parallel()
	out, err := json.Marshal([]mibi.Value{{}, mibi.Text("µ"), mibi.Float(400), mibi.Float(math.NaN()), mibi.Pair(math.Inf(1), 1)})
	if err != nil || string(out) != `[null,"\u00b5",400.0,null,null]` {
		t.Errorf("%s, %v", out, err)
	}
	var back []mibi.Value
	if err := json.Unmarshal(out, &back); err != nil || len(back) != 5 || back[1] != mibi.Text("µ") || !back[3].IsZero() {
		t.Errorf("%v, %v", back, err)
	}
}
