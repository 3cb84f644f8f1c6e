package api_test

import (
	"encoding/json"
	"math/rand/v2"
	"strconv"
	"strings"
)

// file is a value that travels as a file of a form.
type file struct{ name, contentType, content string }

// hostileTexts are texts that something between the socket and the database
// could trip over.
var hostileTexts = []string{
	"", " ", "\t\r\n", "0", "-1", "null", "true", "NaN", "1e400", "0x10", "1_000", "٣", "None", "NoneT00:00:00",
	"' or 1=1 --", `"; drop table images; --`, "1; delete from runs", "%' union all select password from accounts --", "a' || 'b", `\`, "%", "_", "*", "?", "$1", "{}",
	"<script>alert(1)</script>", `"><img src=x onerror=alert(1)>`, "{{7*7}}", "${7*7}", "%s%n%d", "`id`", "$(id)",
	"../../../../etc/passwd", `..\..\secrets`, "/etc/passwd", "%2e%2e%2f", "a/../b", "./a", "a//b", "CON", "file:///etc/passwd", "http://127.0.0.1:1/",
	"é", "e\u0301", "ẞß", "İi", "日本語", "مرحبا", "👩‍🔬🧬", "\u202eabc", "\ufeffx", "\u2028", "\u0000", "a\u0000b", "\x1b[31m", "\xff\xfe", "\xc3", "\xed\xa0\x80",
	"2019-13-45", "2019-02-30", "0000-00-00", "9999-12-31", "2019-03-08T25:00:00", "20190308", "1 mm", "A", "mibi_", "Point1/RowNumber0/Depth_Profile0",
}

// hostileNumbers are numbers as JSON writes them, and what is none.
var hostileNumbers = []string{
	"0", "-0", "-1", "1.5", "-1.5", "1e2", "1e400", "-1e400", "5e-324", "2147483648", "9007199254740993", "9223372036854775807", "9223372036854775808",
	"-9223372036854775809", "18446744073709551616", "123456789012345678901234567890", "0.1e1", "1E+2", "1e-999",
}

// brokenJSON is no JSON, or none that a number, a text or an object may be.
var brokenJSON = []string{"nul", "{", "[1,", "01", "+1", ".5", "1.", "NaN", "Infinity", "'a'", `"\ud800"`, `"\udc00\ud800"`, `"\x"`, "\"\x01\"", "\"\xff\"", `{"a":1,"a":2}`, "[[[[]]]]"}

func pick[T any](r *rand.Rand, list []T) T { return list[r.IntN(len(list))] }

// chance is true with a probability of n in a hundred.
func chance(r *rand.Rand, n int) bool { return r.IntN(100) < n }

// hostileText is a text that nobody means.
func hostileText(r *rand.Rand) string {
	switch r.IntN(12) {
	case 0:
		return strings.Repeat(pick(r, []string{"x", "é", "👩‍🔬", "'", "%", "a,"}), pick(r, []int{99, 255, 256, 513, 5000, 70_000}))
	case 1:
		b := make([]byte, r.IntN(40))
		for i := range b {
			b[i] = byte(r.IntN(256))
		}
		return string(b)
	case 2:
		return pick(r, hostileNumbers)
	}
	return pick(r, hostileTexts)
}

// hostileValue is a value for a field of JSON or of a form.
func hostileValue(r *rand.Rand) any {
	switch r.IntN(14) {
	case 0:
		return nil
	case 1:
		return chance(r, 50)
	case 2, 3:
		return json.RawMessage(pick(r, hostileNumbers))
	case 4:
		return []any{}
	case 5:
		return []any{hostileText(r), nil, 1, map[string]any{"id": 1}}
	case 6:
		return map[string]any{"id": 1, "name": hostileText(r)}
	case 7:
		deep := pick(r, []int{10, 40, 200, 12_000})
		return json.RawMessage(strings.Repeat("[", deep) + strings.Repeat("]", deep))
	case 8:
		return json.RawMessage(strings.Repeat(`{"a":`, 50) + "1" + strings.Repeat("}", 50))
	case 9:
		return manyNumbers(pick(r, []int{3, 1001, 5000}))
	}
	return hostileText(r)
}

func manyNumbers(n int) json.RawMessage {
	var b strings.Builder
	b.WriteString("[")
	for i := range n {
		if i > 0 {
			b.WriteString(",")
		}
		b.WriteString(strconv.Itoa(i + 1))
	}
	return json.RawMessage(b.String() + "]")
}

// asText is a value as a part of a form has it.
func asText(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case json.RawMessage:
		return string(v)
	case nil:
		return ""
	case []any:
		parts := make([]string, len(v))
		for i, item := range v {
			parts[i] = asText(item)
		}
		return strings.Join(parts, ",")
	}
	text, err := json.Marshal(v)
	if err != nil {
		return ""
	}
	return strings.Trim(string(text), `"`)
}
