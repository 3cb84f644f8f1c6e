package api_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// objectsOf tells which objects a field or a parameter names.
func objectsOf(name string) string {
	switch name {
	case "project", "tissue", "section", "slide", "panel", "run", "instrument", "image", "user", "imageset", "aperture", "key", "account":
		return name + "s"
	case "slides", "images", "projects", "users":
		return name
	case "slide_ids":
		return "slides"
	}
	if short, found := strings.CutSuffix(name, "_id"); found {
		return objectsOf(short)
	}
	return ""
}

func (f *fuzzer) op(name string) *operation {
	return f.spec.ops[slices.IndexFunc(f.spec.ops, func(op *operation) bool { return op.name == name })]
}

// anyID is the id of an object that some answer has told, or of none.
func (f *fuzzer) anyID(kind string) int64 {
	if ids := f.ids["deleted "+kind]; len(ids) > 0 && chance(f.rand, 3) {
		return pick(f.rand, ids)
	}
	if ids := f.ids[kind]; len(ids) > 0 && !chance(f.rand, 2) {
		if chance(f.rand, 60) { // the newest: less has been done to them
			ids = ids[max(0, len(ids)-8):]
		}
		return pick(f.rand, ids)
	}
	return 1 + f.rand.Int64N(5)
}

// fields makes an object that a schema allows: what is required, and some of
// the rest.
func (f *fuzzer) fields(schema tree, extra int) map[string]any {
	out := map[string]any{}
	required, _ := schema["required"].([]any)
	need := map[string]bool{}
	for _, name := range required {
		need[name.(string)] = true
	}
	for _, name := range schema.at("properties").keys() {
		if need[name] || chance(f.rand, extra) {
			out[name] = f.value(name, schema.at("properties", name))
		}
	}
	return out
}

// value makes a value that a schema allows.
func (f *fuzzer) value(name string, schema tree) any {
	if values, found := schema["enum"].([]any); found {
		return pick(f.rand, values)
	}
	if kind := objectsOf(name); kind != "" && schema["items"] == nil {
		if name == "aperture" && chance(f.rand, 50) {
			return pick(f.rand, []string{"A", "B", "C", "D", "E"})
		}
		return f.anyID(kind)
	}
	if branches := schema.list("anyOf"); len(branches) > 0 {
		return f.value(name, pick(f.rand, branches))
	}
	kind, _ := schema["type"].(string)
	if kinds, found := schema["type"].([]any); found {
		kind, _ = kinds[0].(string)
	}
	switch kind {
	case "integer":
		return bound(schema, "minimum", 0) + f.rand.Int64N(4)
	case "number":
		return pick(f.rand, []float64{0, 1, 0.5, 400, 0.622090638, -3})
	case "boolean":
		return !chance(f.rand, 30)
	case "array":
		out := []any{}
		for range 1 + f.rand.IntN(3) {
			if id := objectsOf(name); id != "" {
				out = append(out, f.anyID(id))
			} else {
				out = append(out, f.value("", schema.at("items")))
			}
		}
		return out
	case "object":
		return f.fields(schema, 50)
	case "null":
		return nil
	case "string":
		return f.text(name, schema)
	}
	return map[string]any{"x": 1}
}

func (f *fuzzer) text(name string, schema tree) string {
	f.count++
	switch schema.text("format") {
	case "date":
		return fmt.Sprintf("20%02d-%02d-%02d", f.rand.IntN(30), 1+f.rand.IntN(12), 1+f.rand.IntN(28))
	case "date-time":
		return "2020-01-02T03:04:05Z"
	}
	if name == "email" {
		return fmt.Sprintf("u%d@example.org", f.count)
	}
	text := pick(f.rand, []string{"Tonsil", "CD3", "β-catenin", "a b", "x"}) + " " + strconv.Itoa(f.count)
	if most := bound(schema, "maxLength", 1<<20); int64(len(text)) > most {
		text = strconv.Itoa(f.count)
	}
	return text
}

func bound(schema tree, key string, otherwise int64) int64 {
	if n, ok := schema[key].(json.Number); ok {
		if v, err := n.Float64(); err == nil {
			return int64(v)
		}
	}
	return otherwise
}

// learn keeps what later requests can use out of an answer.
func (f *fuzzer) learn(kind string, v any) {
	switch v := v.(type) {
	case []any:
		for _, item := range v {
			f.learn(kind, item)
		}
	case map[string]any:
		f.learnObject(kind, v)
	}
}

func (f *fuzzer) learnObject(kind string, o tree) {
	if n, ok := o["id"].(json.Number); ok && kind != "" {
		if id, err := n.Int64(); err == nil {
			if o["active"] == false {
				f.dropID(kind, id)
			} else {
				f.addID(kind, id)
			}
			if kind == "runs" && o["path"] != nil {
				f.runs[id] = run{o.text("label"), o.text("path") + "/" + o.text("xml"), o.text("name")}
			}
		}
	}
	for _, name := range o.keys() {
		if name == "results" {
			f.learn(kind, o[name])
		} else if inner := objectsOf(name); inner != "" {
			f.learn(inner, o[name])
		}
	}
}

const maxIDs = 400 // of a kind: enough to choose from

// dropID tells that an object is deleted.
func (f *fuzzer) dropID(kind string, id int64) {
	if i := slices.Index(f.ids[kind], id); i >= 0 {
		f.ids[kind] = slices.Delete(f.ids[kind], i, i+1)
		f.ids["deleted "+kind] = append(f.ids["deleted "+kind], id)
	}
	delete(f.known, fmt.Sprint(kind, id))
}

func (f *fuzzer) addID(kind string, id int64) {
	key := fmt.Sprint(kind, id)
	if f.known[key] {
		return
	}
	f.known[key] = true
	f.ids[kind] = append(f.ids[kind], id)
	if ids := f.ids[kind]; len(ids) > maxIDs {
		f.ids[kind] = ids[len(ids)-maxIDs:]
	}
}
