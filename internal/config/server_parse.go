package config

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/pelletier/go-toml/v2"
)

// ServerFileError is a file of a server's settings with faults in it. It is
// ErrSetting.
type ServerFileError struct {
	// Path is the file; Faults are in the order of their lines.
	Path   string
	Faults []ServerFault
}

// ServerFault is what is wrong at a line of a server's file.
type ServerFault struct {
	// Line counts from 1; 0 where the fault is of no line.
	Line int
	// Unknown is a key that a server has no setting of; empty for other faults.
	Unknown string
	// Reason says what is wrong. It repeats no value: somebody may have written a
	// secret there.
	Reason string
}

// Error names the file, and each line that is wrong.
func (e *ServerFileError) Error() string {
	return e.Explain(func(ServerFault) string { return "" })
}

// Explain is the error's text, with more to say of each fault.
func (e *ServerFileError) Explain(more func(ServerFault) string) string {
	var lines []string
	for _, f := range e.Faults {
		where := e.Path
		if f.Line > 0 {
			where = fmt.Sprintf("%s, line %d", e.Path, f.Line)
		}
		lines = append(lines, where+": "+f.Reason+more(f))
	}
	return strings.Join(lines, "\n")
}

// Is reports ErrSetting.
func (e *ServerFileError) Is(target error) bool { return target == ErrSetting }

// parse takes the settings from the text of a file. Paths are from the folder
// on. An error is a *ServerFileError.
func (s *Server) parse(raw []byte, folder, path string) error {
	raw = bytes.TrimPrefix(raw, []byte("\ufeff")) // as some editors on Windows begin a file
	var values map[string]any
	if err := toml.Unmarshal(raw, &values); err != nil {
		return &ServerFileError{Faults: []ServerFault{syntaxFault(err)}}
	}
	lines := linesOf(raw)
	var faults []ServerFault
	settings := s.settings()
	for key, value := range values {
		line := lines[key]
		n := slices.IndexFunc(settings, func(v serverSetting) bool { return v.key == key })
		if n < 0 {
			faults = append(faults, ServerFault{Line: line, Unknown: key, Reason: fmt.Sprintf("there is no setting %q", key)})
			continue
		}
		if reason := settings[n].take(value, folder); reason != "" {
			faults = append(faults, ServerFault{Line: line, Reason: reason})
			continue
		}
		s.from(key, fmt.Sprintf("%s, line %d", path, line))
	}
	if len(faults) == 0 {
		return nil
	}
	slices.SortFunc(faults, func(a, b ServerFault) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), strings.Compare(a.Reason, b.Reason))
	})
	return &ServerFileError{Faults: faults}
}

// take sets the setting, or says why the value cannot be one.
func (v serverSetting) take(value any, folder string) (reason string) {
	if v.list != nil {
		all, ok := value.([]any)
		list := make([]string, 0, len(all))
		for _, each := range all {
			text, isText := each.(string)
			ok = ok && isText
			list = append(list, text)
		}
		if !ok {
			return fmt.Sprintf(`%s is %s: it takes a list of texts, such as ["10.0.0.0/8"]`, v.key, kindOf(value))
		}
		*v.list = list
		return ""
	}
	text, ok := value.(string)
	if !ok {
		return fmt.Sprintf("%s is %s: it takes a text in quotes", v.key, kindOf(value))
	}
	if v.path && text != "" && !filepath.IsAbs(text) {
		text = filepath.Join(folder, text)
	}
	*v.text = text
	return ""
}

// kindOf says what kind of value there is.
func kindOf(value any) string {
	switch v := value.(type) {
	case string:
		return "a text"
	case bool:
		return "true or false"
	case int64, float64:
		return "a number"
	case []any:
		if slices.ContainsFunc(v, func(each any) bool { _, text := each.(string); return !text }) {
			return "a list with other things than texts in it"
		}
		return "a list"
	case map[string]any:
		return "a table"
	case time.Time, toml.LocalDate, toml.LocalTime, toml.LocalDateTime:
		return "a date or time"
	}
	return "something else"
}

// syntaxFault is the fault of a text that is no TOML. The parser's own words
// name what it expected; where they could show a line, they are left out.
func syntaxFault(err error) ServerFault {
	var where *toml.DecodeError
	if errors.As(err, &where) {
		row, _ := where.Position()
		return ServerFault{Line: row, Reason: "this cannot be read: a setting is written as addr = \":443\""}
	}
	return ServerFault{Reason: strings.TrimPrefix(err.Error(), "toml: ")}
}

// linesOf are the lines at which the first keys of a text stand, which is known
// to be TOML: a reader that takes no key at all tells where each is.
func linesOf(raw []byte) map[string]int {
	lines := map[string]int{}
	var none struct{}
	decoder := toml.NewDecoder(bytes.NewReader(raw)).DisallowUnknownFields()
	var refused *toml.StrictMissingError
	if errors.As(decoder.Decode(&none), &refused) {
		for i := range refused.Errors {
			row, _ := refused.Errors[i].Position()
			if key := refused.Errors[i].Key(); len(key) > 0 && lines[key[0]] == 0 {
				lines[key[0]] = row
			}
		}
	}
	return lines
}
