package mibitracker

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
)

// object is one call whose answer is one object.
func object[T any](ctx context.Context, c *Client, r Request) (*T, error) {
	var v *T
	if err := c.JSON(ctx, r, &v); err != nil {
		return nil, err
	}
	if v == nil {
		return nil, &UnexpectedAnswerError{Reason: fmt.Sprintf("%s %s answered null, not an object", cmp.Or(r.Method, http.MethodGet), r.Route)}
	}
	return v, nil
}

// create posts fields in JSON and gives what the backend made of them.
func create[T any](ctx context.Context, c *Client, route string, fields any) (*T, error) {
	return object[T](ctx, c, Request{Method: http.MethodPost, Route: route, Body: JSONBody(fields)})
}

// update puts fields in JSON and gives the object as it then is.
func update[T any](ctx context.Context, c *Client, route string, fields map[string]any) (*T, error) {
	if fields == nil {
		fields = map[string]any{}
	}
	return object[T](ctx, c, Request{Method: http.MethodPut, Route: route, Body: JSONBody(fields)})
}

// remove deletes an object, which hides it.
func remove(ctx context.Context, c *Client, route string) error {
	return c.JSON(ctx, Request{Method: http.MethodDelete, Route: route}, nil)
}

// only gives the one object of all. Otherwise it says that it expected one of
// what, and lists what there is.
func only[T any](all []T, expected string, name func(*T) string) (*T, error) {
	if len(all) == 1 {
		return &all[0], nil
	}
	var found []string
	for i := range all {
		found = append(found, name(&all[i]))
	}
	return nil, &UnexpectedAnswerError{
		Reason: fmt.Sprintf("expected one %s, found %d", expected, len(all)), Found: found, NotOne: true,
	}
}

// asGiven is an object beside the JSON that it came in. What is copied from
// one object to another is taken from there: a value as the backend wrote it,
// and null told from missing.
type asGiven[T any] struct {
	object T
	fields map[string]json.RawMessage
}

// UnmarshalJSON reads the object and keeps its fields.
func (a *asGiven[T]) UnmarshalJSON(data []byte) error {
	*a = asGiven[T]{}
	if err := json.Unmarshal(data, &a.object); err != nil {
		return err
	}
	// A bare id has no fields.
	_ = json.Unmarshal(data, &a.fields)
	return nil
}

// has says whether the backend gave the field, be it null.
func (a *asGiven[T]) has(name string) bool {
	_, ok := a.fields[name]
	return ok
}

// field is the field's JSON; null where it is missing.
func (a *asGiven[T]) field(name string) json.RawMessage {
	if raw, ok := a.fields[name]; ok {
		return raw
	}
	return json.RawMessage("null")
}
