// Command openapi checks that a file is a valid OpenAPI document, by a
// validator that is not ours:
//
//	go -C tools run ./openapi ../internal/api/testdata/openapi.json
package main

import (
	"errors"
	"fmt"
	"os"

	"github.com/pb33f/libopenapi"
	validator "github.com/pb33f/libopenapi-validator"
)

func main() {
	if err := check(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func check(args []string) error {
	if len(args) != 1 {
		return errors.New("name one file")
	}
	text, err := os.ReadFile(args[0])
	if err != nil {
		return err
	}
	doc, err := libopenapi.NewDocument(text)
	if err != nil {
		return fmt.Errorf("%s: %w", args[0], err)
	}
	if _, err := doc.BuildV3Model(); err != nil { // every reference is looked up
		return fmt.Errorf("%s: %w", args[0], err)
	}
	v, errs := validator.NewValidator(doc)
	if len(errs) > 0 {
		return fmt.Errorf("%s: %w", args[0], errors.Join(errs...))
	}
	_, wrong := v.ValidateDocument()
	var all []error
	for _, w := range wrong {
		all = append(all, fmt.Errorf("%s: %s: %s", args[0], w.Message, w.Reason))
		for _, s := range w.SchemaValidationErrors {
			all = append(all, fmt.Errorf("  %s", s.Reason))
		}
	}
	return errors.Join(all...)
}
