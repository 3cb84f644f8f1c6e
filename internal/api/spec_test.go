package api_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// tree is a JSON object of a document.
type tree map[string]any

func (t tree) at(keys ...string) tree {
	for _, key := range keys {
		next, ok := t[key].(map[string]any)
		if !ok {
			return nil
		}
		t = next
	}
	return t
}

func (t tree) text(key string) string { s, _ := t[key].(string); return s }

func (t tree) list(key string) (out []tree) {
	items, _ := t[key].([]any)
	for _, item := range items {
		if m, ok := item.(map[string]any); ok {
			out = append(out, m)
		}
	}
	return out
}

func (t tree) keys() []string { return slices.Sorted(maps.Keys(t)) }

// spec is an OpenAPI document as a test reads it.
type spec struct {
	doc      tree
	compiler *jsonschema.Compiler
	schemas  map[string]*jsonschema.Schema
	ops      []*operation
}

// operation is a route of the document.
type operation struct {
	name, method, path string
	tree               tree
	open               bool
}

const specURL = "file:///openapi.json"

// readSpec reads a server's document. Objects in it are closed: what a body has
// besides is a mistake.
func readSpec(t *testing.T, s *server) *spec {
	t.Helper()
	text := s.do(t, user{}, "GET", "/openapi.json", nil).want(t, http.StatusOK).body
	v, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	must(t, err)
	doc, ok := v.(map[string]any)
	if !ok {
		t.Fatalf("the document is no object")
	}
	closeObjects(tree(doc).at("components", "schemas"))
	p := &spec{doc: doc, compiler: jsonschema.NewCompiler(), schemas: map[string]*jsonschema.Schema{}}
	p.compiler.AssertFormat()
	must(t, p.compiler.AddResource(specURL, doc))
	for _, route := range s.api.Routes() {
		op := p.doc.at("paths", route.Path, strings.ToLower(route.Method))
		if op == nil {
			t.Fatalf("%s %s is not in the document", route.Method, route.Path)
		}
		p.resolve(op)
		security, _ := op["security"].([]any)
		p.ops = append(p.ops, &operation{route.Name, route.Method, route.Path, op, len(security) == 0})
	}
	return p
}

// resolve puts what an operation refers to into it.
func (p *spec) resolve(op tree) {
	to := func(v any) any {
		if ref := tree(v.(map[string]any)).text("$ref"); ref != "" {
			return map[string]any(p.doc.at(strings.Split(strings.TrimPrefix(ref, "#/"), "/")...))
		}
		return v
	}
	if body, found := op["requestBody"]; found {
		op["requestBody"] = to(body)
	}
	params, _ := op["parameters"].([]any)
	for i, param := range params {
		params[i] = to(param)
	}
}

func closeObjects(schemas tree) {
	for _, name := range schemas.keys() {
		if s := schemas.at(name); s["properties"] != nil && s["additionalProperties"] == nil {
			s["additionalProperties"] = false
		}
	}
}

// compile compiles the schema at a place in the document.
func (p *spec) compile(keys ...string) (*jsonschema.Schema, error) {
	var b strings.Builder
	for _, key := range keys {
		b.WriteString("/" + strings.NewReplacer("~", "~0", "/", "~1").Replace(key))
	}
	at := b.String()
	if s := p.schemas[at]; s != nil {
		return s, nil
	}
	s, err := p.compiler.Compile(specURL + (&url.URL{Fragment: at}).String())
	if err == nil {
		p.schemas[at] = s
	}
	return s, err
}

// place is where the document describes an answer of an operation; nil where it
// does not.
func (p *spec) place(op *operation, status int) []string {
	key := strconv.Itoa(status)
	at := []string{"paths", op.path, strings.ToLower(op.method), "responses", key}
	response := p.doc.at(at...)
	if response == nil {
		return nil
	}
	if ref := response.text("$ref"); ref != "" {
		at = strings.Split(strings.TrimPrefix(ref, "#/"), "/")
	}
	return at
}

// statuses are the answers that the document describes for an operation.
func (op *operation) statuses() (out []int) {
	for _, key := range op.tree.at("responses").keys() {
		if n, err := strconv.Atoi(key); err == nil {
			out = append(out, n)
		}
	}
	return out
}

// elsewhere are statuses that come from what is around the routes: the document
// describes them once, as default.
var elsewhere = []int{http.StatusMethodNotAllowed, http.StatusRequestURITooLong, http.StatusTooManyRequests, http.StatusRequestHeaderFieldsTooLarge}

// check tells what is wrong with an answer of an operation.
func (p *spec) check(op *operation, method string, got answer) error {
	at := p.place(op, got.status)
	if at == nil && (slices.Contains(elsewhere, got.status) || badQuery(got)) {
		at = []string{"components", "responses", "Error"}
	}
	if at == nil {
		return fmt.Errorf("status %d is not documented", got.status)
	}
	content := p.doc.at(append(at, "content")...)
	if method == http.MethodHead {
		if len(got.body) > 0 {
			return fmt.Errorf("a body of %d bytes to HEAD", len(got.body))
		}
		return nil
	}
	if content == nil {
		if len(got.body) > 0 {
			return fmt.Errorf("a body where none is documented")
		}
		return nil
	}
	media, _, _ := strings.Cut(got.header.Get("Content-Type"), ";")
	key := media
	if content[key] == nil {
		key = "*/*"
	}
	if content[key] == nil {
		return fmt.Errorf("Content-Type %q is not documented", media)
	}
	if content.at(key)["schema"] == nil || media != "application/json" {
		return nil
	}
	schema, err := p.compile(append(at, "content", key, "schema")...)
	if err != nil {
		return err
	}
	v, err := jsonschema.UnmarshalJSON(bytes.NewReader(got.body))
	if err != nil {
		return fmt.Errorf("not JSON: %w", err)
	}
	if err := schema.Validate(v); err != nil {
		return fmt.Errorf("the body has another shape: %w", err)
	}
	return nil
}

// badQuery tells whether an answer refuses a query string, which any route may.
// To HEAD it does so without a word.
func badQuery(got answer) bool {
	return got.status == http.StatusBadRequest &&
		(len(got.body) == 0 || bytes.Contains(got.body, []byte("The query string cannot be read.")))
}

// fields is the schema of an operation's body in a media type, and whether it
// has such a body.
func (op *operation) fields(media string) (tree, bool) {
	content := op.tree.at("requestBody", "content", media)
	return content.at("schema"), content != nil
}

// media are the types that an operation's body may have.
func (op *operation) media() []string { return op.tree.at("requestBody", "content").keys() }

// params are an operation's parameters in a place.
func (op *operation) params(in string) (out []tree) {
	for _, p := range op.tree.list("parameters") {
		if p.text("in") == in {
			out = append(out, p)
		}
	}
	return out
}

// indent shows JSON to people.
func indent(v any) string {
	text, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return err.Error()
	}
	return string(text)
}
