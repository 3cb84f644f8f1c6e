package api_test

import (
	"bytes"
	"flag"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/openmibi/openmibi/internal/api"
)

var update = flag.Bool("update", false, "write the golden OpenAPI document anew")

// The OpenAPI document of this version is kept beside the tests, so that what
// changes in it is seen where a change is looked at.
func TestOpenAPIGolden(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	got := s.do(t, user{}, "GET", "/openapi.json", nil).want(t, http.StatusOK).body
	path := filepath.Join("testdata", "openapi.json")
	if *update {
		must(t, os.WriteFile(path, got, 0o600))
	}
	want, err := os.ReadFile(path)
	must(t, err)
	if !bytes.Equal(got, want) {
		t.Errorf("the document has changed; if that is meant: go test ./internal/api -run OpenAPI -update\n%s",
			shorten([]byte(cmp.Diff(strings.Split(string(want), "\n"), strings.Split(string(got), "\n")))))
	}
}

// Every route stands in the document, with what people want to know of it:
// every route that writes has a body, every list its filters, and every name a
// meaning.
func TestOpenAPIComplete(t *testing.T) {
	t.Parallel()
	s := newServer(t)
	p := readSpec(t, s)
	bodiless := []string{ // POST and PUT that the path says everything of
		"reset-user",
	}
	for i, route := range s.api.Routes() {
		op := p.ops[i]
		if op.tree.text("operationId") != route.Name || op.tree.text("summary") == "" || op.tree["tags"] == nil {
			t.Errorf("%s: %v", route.Name, indent(op.tree))
		}
		writes := slices.Contains([]string{"POST", "PUT", "PATCH"}, route.Method)
		if has := op.tree["requestBody"] != nil; has != writes && !slices.Contains(bodiless, route.Name) {
			t.Errorf("%s: has a described body: %v", route.Name, has)
		}
		good := slices.IndexFunc(op.statuses(), func(status int) bool { return status < 300 })
		if good < 0 {
			t.Errorf("%s: no answer but errors is described", route.Name)
		}
		if op.open != (route.Access == api.Open) {
			t.Errorf("%s: open %v, and %s in the table", route.Name, op.open, route.Access)
		}
		for _, param := range op.tree.list("parameters") {
			if param.text("description") == "" {
				t.Errorf("%s: nobody says what the parameter %s means", route.Name, param.text("name"))
			}
		}
		for _, media := range op.media() {
			schema, _ := op.fields(media)
			unexplained(t, route.Name, schema)
		}
	}
	for _, name := range p.doc.at("components", "schemas").keys() {
		unexplained(t, name, p.doc.at("components", "schemas", name))
	}
}

// unexplained tells which names of a schema have no meaning in words.
func unexplained(t *testing.T, where string, schema tree) {
	t.Helper()
	for _, name := range schema.at("properties").keys() {
		property := schema.at("properties", name)
		if property.text("description") == "" {
			t.Errorf("%s: nobody says what %s means: see openapi_words.go", where, name)
		}
		unexplained(t, where+"."+name, property.at("items"))
	}
}

// Every schema of the document is a JSON Schema, and every reference leads
// somewhere.
func TestOpenAPISchemas(t *testing.T) {
	t.Parallel()
	p := readSpec(t, newServer(t))
	n := 0
	var walk func(at []string, v any)
	walk = func(at []string, v any) {
		switch v := v.(type) {
		case map[string]any:
			if ref, is := v["$ref"].(string); is {
				for _, key := range tree(v).keys() {
					if key != "$ref" && key != "description" && key != "examples" {
						t.Errorf("%v: %s stands beside a reference", at, key)
					}
				}
				if p.doc.at(strings.Split(strings.TrimPrefix(ref, "#/"), "/")...) == nil {
					t.Errorf("%v: %s leads nowhere", at, ref)
				}
			}
			for _, key := range tree(v).keys() {
				below := append(slices.Clone(at), key)
				if _, isObject := v[key].(map[string]any); key == "schema" && isObject {
					n++
					if _, err := p.compile(below...); err != nil {
						t.Errorf("%v: %v", below, err)
					}
				}
				walk(below, v[key])
			}
		case []any:
			for i, item := range v {
				walk(append(slices.Clone(at), strconv.Itoa(i)), item)
			}
		}
	}
	walk([]string{"paths"}, map[string]any(p.doc.at("paths")))
	walk([]string{"components"}, map[string]any(p.doc.at("components")))
	for _, name := range p.doc.at("components", "schemas").keys() {
		if _, err := p.compile("components", "schemas", name); err != nil {
			t.Error(err)
		}
		n++
	}
	if n < 100 {
		t.Errorf("%d schemas", n)
	}
}
