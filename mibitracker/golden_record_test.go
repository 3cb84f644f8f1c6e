package mibitracker_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"
)

// wireCall is what a client did when one of its methods was called: facts of
// the wire, without hosts, boundaries and secrets.
type wireCall struct {
	Requests []wireRequest `json:"requests"`
	Outcome  wireOutcome   `json:"outcome"`
}

// wireOutcome is how the call ended.
type wireOutcome struct {
	Returned any    `json:"returned,omitempty"` // its gist, in the same form for each client
	Raised   string `json:"raised,omitempty"`   // the error's class, and its HTTP status
}

type wireRequest struct {
	Server        string            `json:"server"` // "api", or "storage" behind signed URLs
	Method        string            `json:"method"`
	Path          string            `json:"path"`
	RawQuery      string            `json:"raw_query,omitempty"`
	Query         []wireValue       `json:"query,omitempty"`
	Authorization string            `json:"authorization,omitempty"` // the scheme, and whose token
	Headers       map[string]string `json:"headers,omitempty"`
	ContentType   string            `json:"content_type,omitempty"` // without its boundary
	Framing       string            `json:"framing,omitempty"`      // "length" or "chunked"
	JSON          any               `json:"json,omitempty"`
	Form          []wireValue       `json:"form,omitempty"`
	Parts         []wirePart        `json:"parts,omitempty"`
	Content       *wireContent      `json:"content,omitempty"`
}

type wireValue struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// wirePart is one part of a multipart form: a text, or a file.
type wirePart struct {
	Name        string       `json:"name"`
	Filename    string       `json:"filename,omitempty"`
	ContentType string       `json:"content_type,omitempty"`
	Text        *string      `json:"text,omitempty"`
	File        *wireContent `json:"file,omitempty"`
}

type wireContent struct {
	Length int    `json:"length"`
	SHA256 string `json:"sha256"`
}

// wireSecrets are the secrets of the tests, and what stands for them on record.
var wireSecrets = map[string]string{
	"a-password":      "(the password)",
	"not-a-password":  "(a wrong password)",
	"given-token":     "(the token that was given)",
	"bad-token":       "(a bad token)",
	"login-token":     "(the token of the login)",
	"refreshed-token": "(the token of the refresh)",
}

// recordRequest reads a request to its end and keeps its facts.
func recordRequest(server string, r *http.Request) (wireRequest, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return wireRequest{}, err
	}
	seen := wireRequest{
		Server: server, Method: r.Method, Path: r.URL.EscapedPath(), RawQuery: r.URL.RawQuery,
		Query: wireValues(r.URL.RawQuery), Authorization: wireAuthorization(r.Header.Get("Authorization")), Headers: map[string]string{},
	}
	for name := range r.Header {
		value := r.Header.Get(name)
		switch name {
		case "Authorization", "Content-Type", "Content-Length":
			continue
		case "User-Agent":
			value, _, _ = strings.Cut(value, "/")
		case "Accept-Encoding":
			// Which ones beside gzip depends on what else is installed.
			if strings.Contains(value, "gzip") {
				value = "gzip and others"
			}
		case "Idempotency-Key":
			value = "(random)"
		}
		seen.Headers[name] = value
	}
	switch {
	case len(r.TransferEncoding) > 0:
		seen.Framing = r.TransferEncoding[0]
	case r.ContentLength > 0:
		seen.Framing = "length"
	}
	kind, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil {
		kind = r.Header.Get("Content-Type")
	}
	seen.ContentType = kind
	switch {
	case len(body) == 0:
	case kind == "application/json":
		dec := json.NewDecoder(bytes.NewReader(body))
		dec.UseNumber()
		if err := dec.Decode(&seen.JSON); err != nil {
			return seen, err
		}
		seen.JSON = wireMasked(seen.JSON)
	case kind == "application/x-www-form-urlencoded":
		seen.Form = wireValues(string(body))
	case kind == "multipart/form-data":
		return seen, seen.readParts(multipart.NewReader(bytes.NewReader(body), params["boundary"]))
	default:
		seen.Content = wireContentOf(body)
	}
	return seen, nil
}

func (r *wireRequest) readParts(form *multipart.Reader) error {
	for {
		part, err := form.NextRawPart()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		raw, err := io.ReadAll(part)
		if err != nil {
			return err
		}
		// Part.FileName would cut a name at its last slash.
		_, params, err := mime.ParseMediaType(part.Header.Get("Content-Disposition"))
		if err != nil {
			return err
		}
		p := wirePart{Name: params["name"], Filename: params["filename"], ContentType: part.Header.Get("Content-Type")}
		if _, isFile := params["filename"]; isFile {
			p.File = wireContentOf(raw)
		} else {
			text := string(raw)
			p.Text = &text
		}
		r.Parts = append(r.Parts, p)
	}
}

func wireContentOf(raw []byte) *wireContent {
	return &wireContent{Length: len(raw), SHA256: fmt.Sprintf("%x", sha256.Sum256(raw))}
}

// wireValues decodes pairs and keeps their order.
func wireValues(raw string) []wireValue {
	var values []wireValue
	for _, pair := range strings.FieldsFunc(raw, func(r rune) bool { return r == '&' }) {
		name, value, _ := strings.Cut(pair, "=")
		v := wireValue{name, value}
		if n, err := url.QueryUnescape(name); err == nil {
			v.Name = n
		}
		if d, err := url.QueryUnescape(value); err == nil {
			v.Value = d
		}
		values = append(values, v)
	}
	return values
}

func wireAuthorization(authorization string) string {
	scheme, secret, _ := strings.Cut(authorization, " ")
	if scheme == "" {
		return ""
	}
	name, ok := wireSecrets[secret]
	if !ok {
		name = "(unknown)"
	}
	return scheme + " " + name
}

// wireMasked puts names in the place of secrets.
func wireMasked(v any) any {
	switch v := v.(type) {
	case string:
		if name, ok := wireSecrets[v]; ok {
			return name
		}
	case map[string]any:
		for name := range v {
			v[name] = wireMasked(v[name])
		}
	}
	return v
}
