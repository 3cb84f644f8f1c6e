package mibitracker

import (
	"encoding/json"
	"math"
	"reflect"
	"strconv"
	"strings"
)

// plainNumbers rewrites those fields of an object that are numbers in a struct
// and came in another form: backends that keep decimals write them as texts,
// empty ones too, and some write whole numbers as 4.0. It says whether it
// changed any. What is no number stays as it is.
func plainNumbers(fields map[string]json.RawMessage, of reflect.Type) bool {
	changed := false
	for i := range of.NumField() {
		name, _, _ := strings.Cut(of.Field(i).Tag.Get("json"), ",")
		raw, ok := fields[name]
		if !ok || len(raw) == 0 {
			continue
		}
		kind := of.Field(i).Type
		if kind.Kind() == reflect.Pointer {
			kind = kind.Elem()
		}
		if kind.Kind() != reflect.Int64 && kind.Kind() != reflect.Float64 {
			continue
		}
		text := string(raw)
		if quoted, ok := bareText(raw); ok {
			if text = strings.TrimSpace(quoted); text == "" {
				text = "null"
			}
		}
		if kind.Kind() == reflect.Int64 {
			text = wholeNumber(text)
		}
		if text != string(raw) && json.Valid([]byte(text)) {
			fields[name], changed = json.RawMessage(text), true
		}
	}
	return changed
}

// wholeNumber writes 4.0 as 4. No number that a float cannot hold exactly is
// touched.
func wholeNumber(text string) string {
	if !strings.ContainsAny(text, ".eE") {
		return text
	}
	f, err := strconv.ParseFloat(text, 64)
	if err != nil || f != math.Trunc(f) || math.Abs(f) > 1<<53 {
		return text
	}
	return strconv.FormatInt(int64(f), 10)
}
