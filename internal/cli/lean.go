package cli

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// The JSON of an API object has all its documented fields, and those that the
// server gives besides. An object inside it, such as an image's run, mostly
// comes with some of its fields only. There a field without a value is left
// out, so that what the server did not say does not read as false or 0.

// reportObject is report for an object of the API.
func (g *globals) reportObject(v any, people func(*table)) error {
	if !g.json {
		return g.report(v, people)
	}
	object, err := lean(v)
	if err != nil {
		return err
	}
	return g.printJSON(object)
}

// lean is an API object as JSON: whole, but for fields without a value in the
// objects inside it.
func lean(v any) (json.RawMessage, error) {
	raw, err := json.Marshal(v)
	if err != nil {
		return nil, fmt.Errorf("write the result as JSON: %w", err)
	}
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.UseNumber()
	var out bytes.Buffer
	if err := leanValue(dec, &out, 0); err != nil {
		return nil, fmt.Errorf("write the result as JSON: %w", err)
	}
	return out.Bytes(), nil
}

// leanValue copies the next value. Objects at a depth drop their empty fields.
func leanValue(dec *json.Decoder, out *bytes.Buffer, depth int) error {
	token, err := dec.Token()
	if err != nil {
		return err
	}
	open, ok := token.(json.Delim)
	if !ok {
		return writeScalar(out, token)
	}
	out.WriteString(open.String())
	for n := 0; dec.More(); {
		var key, value bytes.Buffer
		if open == '{' {
			name, err := dec.Token()
			if err != nil {
				return err
			}
			if err := writeScalar(&key, name); err != nil {
				return err
			}
			key.WriteByte(':')
		}
		if err := leanValue(dec, &value, depth+1); err != nil {
			return err
		}
		if open == '{' && depth > 0 && empty(value.String()) {
			continue
		}
		if n++; n > 1 {
			out.WriteByte(',')
		}
		_, _ = key.WriteTo(out)
		_, _ = value.WriteTo(out)
	}
	if token, err = dec.Token(); err != nil {
		return err
	}
	out.WriteString(fmt.Sprint(token))
	return nil
}

func empty(value string) bool {
	switch value {
	case "null", `""`, "0", "false", "{}": // a list that is empty was said to be
		return true
	}
	return false
}

func writeScalar(out *bytes.Buffer, v any) error {
	enc := json.NewEncoder(out)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return err
	}
	out.Truncate(out.Len() - 1) // the line's end
	return nil
}
