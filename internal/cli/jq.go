package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/itchyny/gojq"
)

// compileJQ checks a --jq expression before anything is sent.
func compileJQ(text string) (*gojq.Code, error) {
	query, err := gojq.Parse(text)
	if err != nil {
		return nil, fmt.Errorf("--jq: %w", err)
	}
	code, err := gojq.Compile(query, gojq.WithEnvironLoader(os.Environ))
	if err != nil {
		return nil, fmt.Errorf("--jq: %w", err)
	}
	return code, nil
}

// runJQ writes what an expression makes of each JSON value that it reads, a
// line each: texts as they are and null as nothing, as gh does; the rest as
// JSON. Numbers keep their digits.
func runJQ(code *gojq.Code, r io.Reader, w io.Writer) error {
	dec := json.NewDecoder(r)
	dec.UseNumber()
	for {
		var v any
		switch err := dec.Decode(&v); {
		case err == io.EOF:
			return nil
		case err != nil:
			return fmt.Errorf("--jq: the result is not JSON: %w", err)
		}
		iter := code.Run(v)
		for out, ok := iter.Next(); ok; out, ok = iter.Next() {
			err, failed := out.(error)
			var halt *gojq.HaltError
			switch {
			case failed && errors.As(err, &halt) && halt.Value() == nil:
				return nil // the expression's own "halt"
			case failed:
				return fmt.Errorf("--jq: %w", err)
			}
			if err := writeJQ(w, out); err != nil {
				return err
			}
		}
	}
}

func writeJQ(w io.Writer, v any) error {
	var line []byte
	switch v := v.(type) {
	case nil:
	case string:
		line = []byte(v)
	default:
		var err error
		if line, err = gojq.Marshal(v); err != nil {
			return fmt.Errorf("--jq: %w", err)
		}
	}
	_, err := w.Write(append(line, '\n'))
	return err
}
