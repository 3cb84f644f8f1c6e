package api_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// request is a request that is being made up.
type request struct {
	op     *operation
	who    *person
	method string
	path   map[string]string
	query  [][2]string
	header http.Header
	fields map[string]any // nil: body is what it is
	form   bool
	body   []byte
	raw    string // instead of the query
	slash  string // how the path is written
	// elsewhere: the path may be another route's by now.
	elsewhere bool
	put       *upload // what a PUT is of
}

// valid makes a request that the document allows. extra is how likely, in a
// hundred, what is optional is there.
func (f *fuzzer) valid(op *operation, who *person, extra int) *request {
	q := &request{op: op, who: who, method: op.method, path: map[string]string{}, header: http.Header{}}
	for _, p := range op.params("path") {
		name := p.text("name")
		kind := objectsOf(name)
		if name == "id" {
			kind, _, _ = strings.Cut(strings.Trim(op.path, "/"), "/")
		}
		switch {
		case kind != "":
			q.path[name] = itoa(f.anyID(kind))
		default:
			q.path[name] = "x.tiff"
		}
	}
	for _, p := range op.params("query") {
		if need, _ := p["required"].(bool); !need && !chance(f.rand, extra/8) {
			continue
		}
		name := p.text("name")
		v := f.value(strings.TrimSuffix(name, "__id"), p.at("schema"))
		if list, ok := v.([]any); ok && p.text("style") != "form" {
			for _, item := range list {
				q.query = append(q.query, [2]string{name, asText(item)})
			}
			continue
		}
		q.query = append(q.query, [2]string{name, asText(v)})
	}
	for _, p := range op.params("header") {
		if chance(f.rand, extra/4) {
			f.addHeader(q, p.text("name"))
		}
	}
	f.fill(q, extra)
	if prepare := f.prepare[op.name]; prepare != nil {
		prepare(q)
	}
	return q
}

// addHeader adds a header that the document knows.
func (f *fuzzer) addHeader(q *request, name string) {
	switch name {
	case "Idempotency-Key":
		f.count++
		q.header.Set(name, "key-"+strconv.Itoa(f.count))
	case "Range":
		q.header.Set(name, pick(f.rand, []string{"bytes=0-9", "bytes=-5", "bytes=3-", "bytes=0-1,4-5", "bytes=999999-"}))
	case "Prefer":
		q.header.Set(name, "tiff-index")
	case "If-Match", "If-None-Match", "If-Range":
		q.header.Set(name, pick(f.rand, []string{`"x"`, "*"}))
	}
}

// fill gives the request a body, if its operation has one.
func (f *fuzzer) fill(q *request, extra int) {
	media := q.op.media()
	if len(media) == 0 {
		return
	}
	chosen := pick(f.rand, media)
	schema, _ := q.op.fields(chosen)
	switch chosen {
	case "application/json", "multipart/form-data":
		q.form = chosen != "application/json"
		q.fields = f.fields(schema, extra)
		for name := range q.fields {
			if encoding := q.op.tree.at("requestBody", "content", chosen, "encoding", name); encoding != nil {
				first, _, _ := strings.Cut(encoding.text("contentType"), ",")
				q.fields[name] = f.fileOf(first)
			}
		}
	default:
		q.header.Set("Content-Type", chosen)
		q.body = []byte(f.fileOf(chosen).content)
	}
}

// fileOf is a small file of a media type.
func (f *fuzzer) fileOf(media string) file {
	f.count++
	name := "f" + strconv.Itoa(f.count)
	switch media {
	case "application/xml":
		return file{name + ".xml", media, f.xml}
	case "text/csv":
		return file{name + ".csv", media, panelCSV}
	case "image/tiff":
		return file{name + ".tiff", media, f.tiff}
	}
	return file{name + ".png", "image/png", f.png}
}

// encode makes the body out of the fields.
func (q *request) encode() {
	if q.fields == nil {
		return
	}
	names := slices.Sorted(keysOf(q.fields))
	if !q.form {
		var b bytes.Buffer
		b.WriteByte('{')
		for i, name := range names {
			if i > 0 {
				b.WriteByte(',')
			}
			key, _ := json.Marshal(name) // a string
			b.Write(key)
			b.WriteByte(':')
			b.Write(asJSON(q.fields[name]))
		}
		b.WriteByte('}')
		q.body = b.Bytes()
		setDefault(q.header, "Content-Type", "application/json")
		return
	}
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	_ = w.SetBoundary("fuzzed-boundary-0123456789") // the same each time: a seed makes the same requests
	for _, name := range names {
		v, isFile := q.fields[name].(file)
		if !isFile {
			_ = w.WriteField(name, asText(q.fields[name])) // into memory
			continue
		}
		h := textproto.MIMEHeader{}
		h.Set("Content-Disposition", fmt.Sprintf(`form-data; name=%q; filename=%q`, name, v.name))
		h.Set("Content-Type", v.contentType)
		p, _ := w.CreatePart(h) // into memory
		_, _ = p.Write([]byte(v.content))
	}
	_ = w.Close() // into memory
	q.body = b.Bytes()
	setDefault(q.header, "Content-Type", w.FormDataContentType())
}

func setDefault(h http.Header, key, value string) {
	if _, found := h[key]; !found {
		h.Set(key, value)
	}
}

// asJSON is a value as JSON, or what stands in for it.
func asJSON(v any) []byte {
	switch v := v.(type) {
	case json.RawMessage:
		return v
	case file:
		return []byte(`"` + v.name + `"`)
	case []any:
		var b bytes.Buffer
		for i, item := range v {
			if i > 0 {
				b.WriteByte(',')
			} else {
				b.WriteByte('[')
			}
			b.Write(asJSON(item))
		}
		if len(v) == 0 {
			b.WriteByte('[')
		}
		b.WriteByte(']')
		return b.Bytes()
	case map[string]any:
		var b bytes.Buffer
		b.WriteByte('{')
		for i, name := range slices.Sorted(keysOf(v)) {
			if i > 0 {
				b.WriteByte(',')
			}
			key, _ := json.Marshal(name) // a string
			b.Write(key)
			b.WriteByte(':')
			b.Write(asJSON(v[name]))
		}
		b.WriteByte('}')
		return b.Bytes()
	}
	text, err := json.Marshal(v)
	if err != nil {
		return []byte("null")
	}
	return text
}

// target is the request's path and query.
func (q *request) target() string {
	path := q.op.path
	for name, value := range q.path {
		path = strings.ReplaceAll(path, "{"+name+"}", value)
	}
	switch q.slash {
	case "none":
		path = strings.TrimSuffix(path, "/")
	case "double":
		path = strings.ReplaceAll(path, "/", "//")
	}
	if q.raw != "" {
		return path + "?" + q.raw
	}
	var parts []string
	for _, p := range q.query {
		parts = append(parts, url.QueryEscape(p[0])+"="+url.QueryEscape(p[1]))
	}
	if len(parts) > 0 {
		path += "?" + strings.Join(parts, "&")
	}
	return path
}

// String is the request in a form that can be sent again.
func (q *request) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s as %s\n", q.method, q.target(), q.who.name)
	_ = q.header.Write(&b) // into memory
	body := q.body
	if len(body) > 2000 {
		body = append(slices.Clone(body[:2000]), fmt.Sprintf("... (%d bytes)", len(q.body))...)
	}
	fmt.Fprintf(&b, "\n%q\n", body)
	return b.String()
}
