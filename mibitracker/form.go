package mibitracker

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
)

// formParts writes fields as parts of a form, in the order of their names: a
// text as it is, null not at all, each value of a list as a part of its own,
// and anything else as in JSON.
func formParts(fields map[string]any) ([]Part, error) {
	var parts []Part
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		raw, err := json.Marshal(fields[name])
		if err != nil {
			return nil, fmt.Errorf("mibitracker: encoding the field %s: %w", name, err)
		}
		values := []json.RawMessage{raw}
		if raw[0] == '[' {
			if err := json.Unmarshal(raw, &values); err != nil {
				return nil, fmt.Errorf("mibitracker: encoding the field %s: %w", name, err)
			}
		}
		for _, value := range values {
			if text, ok := formText(value); ok {
				parts = append(parts, Part{Name: name, Text: text})
			}
		}
	}
	return parts, nil
}

// formText is a value in JSON as a form has it; null has no form.
func formText(value json.RawMessage) (text string, ok bool) {
	if text, ok := bareText(value); ok {
		return text, true
	}
	return string(value), string(value) != "null"
}
