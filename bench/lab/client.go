package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/openmibi/openmibi/internal/store/storeseed"
)

// client asks the server as several people.
type client struct {
	base   string
	http   *http.Client
	tokens map[string]string // by address
}

// viewers are who asks.
var viewers = []string{storeseed.Admin, storeseed.Five, storeseed.Small, storeseed.Nobody}

func newClient(ctx context.Context, base string, clients int) (*client, error) {
	c := &client{base: base, tokens: map[string]string{}, http: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: clients, MaxConnsPerHost: clients, DisableCompression: true}}}
	for _, who := range viewers {
		body, err := json.Marshal(map[string]string{"email": who, "password": password})
		if err != nil {
			return nil, err
		}
		var answer struct{ Token string }
		if err := c.send(ctx, http.MethodPost, "", "/api-token-auth/", body, &answer); err != nil {
			return nil, err
		}
		c.tokens[who] = answer.Token
	}
	return c, nil
}

// send asks and decodes the answer.
func (c *client) send(ctx context.Context, method, who, path string, body []byte, into any) error {
	req, err := c.request(ctx, method, who, path, bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	res, err := c.http.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = res.Body.Close() }()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		return err
	}
	if res.StatusCode >= 300 {
		return fmt.Errorf("%s %s: %s: %s", method, path, res.Status, text)
	}
	if into == nil {
		return nil
	}
	return json.Unmarshal(text, into)
}

func (c *client) request(ctx context.Context, method, who, path string, body io.Reader) (*http.Request, error) {
	req, err := http.NewRequestWithContext(ctx, method, c.base+path, body)
	if err == nil && who != "" {
		req.Header.Set("Authorization", "JWT "+c.tokens[who])
	}
	return req, err
}

// get asks and reads the answer to its end. It returns its size.
func (c *client) get(ctx context.Context, who, path string, buffer []byte) (int64, error) {
	req, err := c.request(ctx, http.MethodGet, who, path, http.NoBody)
	if err != nil {
		return 0, err
	}
	res, err := c.http.Do(req)
	if err != nil {
		return 0, err
	}
	defer func() { _ = res.Body.Close() }()
	size, err := io.CopyBuffer(struct{ io.Writer }{io.Discard}, struct{ io.Reader }{res.Body}, buffer)
	if err == nil && res.StatusCode != http.StatusOK {
		err = fmt.Errorf("GET %s as %s: %s", path, who, res.Status)
	}
	return size, err
}

// values are what the data holds for each field of images and of runs.
type values map[string][]string

// sample draws values for filters from objects.
func (c *client) sample(ctx context.Context, path string, ids []int64, fields []string, prefix string, into values) error {
	for _, id := range ids {
		var object map[string]any
		if err := c.send(ctx, http.MethodGet, storeseed.Admin, fmt.Sprintf("%s%d/", path, id), nil, &object); err != nil {
			return err
		}
		for _, field := range fields {
			if v, ok := valueOf(object, field); ok {
				into[prefix+field] = append(into[prefix+field], v)
			}
		}
	}
	for _, field := range fields {
		if len(into[prefix+field]) == 0 {
			into[prefix+field] = []string{"1"} // no object has one
		}
	}
	return nil
}

// valueOf is the text of a field as a filter takes it: a relation by its id.
func valueOf(object map[string]any, field string) (string, bool) {
	var v any = object
	for name := range strings.SplitSeq(field, "__") {
		m, ok := v.(map[string]any)
		if !ok {
			return "", false
		}
		v = m[name]
	}
	if list, ok := v.([]any); ok && len(list) > 0 {
		v = list[0]
	}
	if m, ok := v.(map[string]any); ok {
		v = m["id"]
	}
	if v == nil {
		return "", false
	}
	text, err := json.Marshal(v)
	if err != nil {
		return "", false
	}
	return strings.Trim(string(text), `"`), true
}

func query(pairs ...string) string {
	q := url.Values{}
	for pair := range slices.Chunk(pairs, 2) {
		q.Add(pair[0], pair[1])
	}
	return "?" + q.Encode()
}
