package mibitracker

import (
	"bytes"
	"encoding/json"
	"reflect"
	"strings"
)

// Extra holds the fields of an object that this package does not name, so
// that nothing a backend says is lost.
type Extra map[string]json.RawMessage

// unmarshalObject decodes an object into plain, a pointer to a zero struct
// without methods, and what that has no field for into extra. Where a backend
// gives the bare id, or the bare name or code, of a related object instead, it
// goes into id or name; name is nil where an object has none.
func unmarshalObject(data []byte, plain any, extra *Extra, id *int64, name *string) error {
	if v, ok := bareID(data); ok {
		*id = v
		return nil
	}
	if v, ok := bareText(data); ok && name != nil {
		*name = v
		return nil
	}
	var all Extra
	if err := json.Unmarshal(data, &all); err != nil {
		return err
	}
	form := reflect.TypeOf(plain).Elem()
	if plainNumbers(all, form) {
		var err error
		if data, err = json.Marshal(all); err != nil {
			return err
		}
	}
	if err := json.Unmarshal(data, plain); err != nil {
		return err
	}
	for _, name := range fieldNames(form) {
		delete(all, name)
	}
	if len(all) > 0 {
		*extra = all
	}
	return nil
}

// marshalObject writes the struct's fields, then the others.
func marshalObject(plain any, extra Extra) ([]byte, error) {
	raw, err := json.Marshal(plain)
	if err != nil || len(extra) == 0 {
		return raw, err
	}
	rest, err := json.Marshal(extra)
	if err != nil {
		return nil, err
	}
	if len(raw) > len("{}") {
		raw = append(raw[:len(raw)-1], ',')
	} else {
		raw = raw[:len(raw)-1]
	}
	return append(raw, rest[1:]...), nil
}

func fieldNames(t reflect.Type) []string {
	var names []string
	for i := range t.NumField() {
		name, _, _ := strings.Cut(t.Field(i).Tag.Get("json"), ",")
		if name != "" && name != "-" {
			names = append(names, name)
		}
	}
	return names
}

// bareID and bareText tell the forms in which a backend may give a related
// object instead of the object: its id, or its name or code.
func bareID(data []byte) (int64, bool) {
	var id int64
	ok := len(data) > 0 && data[0] != '{' && data[0] != 'n' && json.Unmarshal(data, &id) == nil
	return id, ok
}

func bareText(data []byte) (string, bool) {
	var s string
	ok := len(data) > 0 && data[0] == '"' && json.Unmarshal(data, &s) == nil
	return s, ok
}

// Statuses are an image's status codes. Backends send a list; one code alone
// is read as a list of one.
type Statuses []string

// UnmarshalJSON takes a list of codes, one code, or null.
func (s *Statuses) UnmarshalJSON(data []byte) error {
	data = bytes.TrimSpace(data)
	if one, ok := bareText(data); ok {
		*s = Statuses{one}
		return nil
	}
	return json.Unmarshal(data, (*[]string)(s))
}
