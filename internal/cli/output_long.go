package cli

import (
	"bufio"
	"bytes"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
)

// longList is a list in the JSON of a result that is not to be whole in memory,
// such as the files of a run. It stands in a field of the result, and long gives
// it to printJSON.
type longList struct {
	mark string
	each iter.Seq2[any, error]
}

// long is a result with such a list.
type long interface{ long() longList }

func newLongList[T any](all iter.Seq2[T, error]) longList {
	return longList{rand.Text(), func(yield func(any, error) bool) {
		for v, err := range all {
			if !yield(v, err) {
				return
			}
		}
	}}
}

// without is a sequence that cannot fail.
func without[T any](all iter.Seq[T]) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for v := range all {
			if !yield(v, nil) {
				return
			}
		}
	}
}

// MarshalJSON marks where the list stands.
func (l longList) MarshalJSON() ([]byte, error) { return json.Marshal(l.mark) }

// write writes a result's JSON, on several lines if indent says so, with the list
// at its place.
func (l longList) write(to io.Writer, text []byte, indent bool) error {
	out := bufio.NewWriter(to)
	if indent {
		text = indented(text, "")
	}
	before, after, _ := bytes.Cut(text, []byte(`"`+l.mark+`"`))
	_, _ = out.Write(before)
	_ = out.WriteByte('[')
	var failed error
	n := 0
	for v, err := range l.each {
		var element []byte
		if err == nil {
			element, err = encoded(v)
		}
		if err != nil {
			failed = err
			break
		}
		if n++; n > 1 {
			_ = out.WriteByte(',')
		}
		if indent {
			_, _ = out.WriteString("\n    ")
			element = indented(element, "    ")
		}
		if _, err := out.Write(element); err != nil {
			return err // nobody reads on
		}
	}
	if indent && n > 0 {
		_, _ = out.WriteString("\n  ")
	}
	_, _ = out.WriteString("]" + string(after) + "\n")
	return errors.Join(out.Flush(), failed)
}

// encoded is a value in JSON, on one line without a break at its end.
func encoded(v any) ([]byte, error) {
	var text bytes.Buffer
	enc := json.NewEncoder(&text)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, fmt.Errorf("write the result as JSON: %w", err)
	}
	return bytes.TrimRight(text.Bytes(), "\n"), nil
}

// indented writes JSON on several lines.
func indented(text []byte, prefix string) []byte {
	var pretty bytes.Buffer
	if json.Indent(&pretty, text, prefix, "  ") != nil {
		return text
	}
	return pretty.Bytes()
}
