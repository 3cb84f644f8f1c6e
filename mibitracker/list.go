package mibitracker

import (
	"bytes"
	"context"
	"encoding/json"
	"iter"
	"net/url"
	"strconv"
)

// Page is one page of a list ("Lists" in the contract).
type Page[T any] struct {
	// Count is the number of objects in all pages.
	Count int `json:"count"`
	// Next and Previous are URLs; empty at the ends.
	Next     string `json:"next"`
	Previous string `json:"previous"`
	// Results are this page's objects.
	Results []T `json:"results"`
}

// errNotAList is an answer that is something else.
var errNotAList = &UnexpectedAnswerError{Reason: "the answer is not a list: it has no results"}

// UnmarshalJSON takes a page, or a bare array as the only page: older
// backends answer some lists so.
func (p *Page[T]) UnmarshalJSON(data []byte) error {
	if data = bytes.TrimSpace(data); len(data) > 0 && data[0] == '[' {
		var all []T
		err := json.Unmarshal(data, &all)
		*p = Page[T]{Count: len(all), Results: all}
		return err
	}
	type plain Page[T]
	var form struct {
		plain
		Results *[]T `json:"results"`
	}
	if err := json.Unmarshal(data, &form); err != nil {
		return err
	}
	if form.Results == nil {
		return errNotAList
	}
	*p = Page[T](form.plain)
	p.Results = *form.Results
	return nil
}

// decode reads a page an object after the other, so that it is never whole in
// memory as text.
func (p *Page[T]) decode(dec *json.Decoder) error {
	open, err := dec.Token()
	if err != nil {
		return err
	}
	*p = Page[T]{}
	switch open {
	case json.Delim('['):
		err := p.results(dec)
		p.Count = len(p.Results)
		return err
	case json.Delim('{'):
	default:
		return errNotAList
	}
	for dec.More() {
		key, err := dec.Token()
		if err != nil {
			return err
		}
		switch key {
		case "count":
			err = dec.Decode(&p.Count)
		case "next":
			err = dec.Decode(&p.Next)
		case "previous":
			err = dec.Decode(&p.Previous)
		case "results":
			var begin json.Token
			if begin, err = dec.Token(); err == nil && begin == json.Delim('[') {
				err = p.results(dec)
			} else if err == nil {
				return errNotAList
			}
		default:
			var other json.RawMessage
			err = dec.Decode(&other)
		}
		if err != nil {
			return err
		}
	}
	if _, err := dec.Token(); err != nil {
		return err
	}
	if p.Results == nil {
		return errNotAList
	}
	return nil
}

// results reads the rest of an array.
func (p *Page[T]) results(dec *json.Decoder) error {
	p.Results = []T{}
	for dec.More() {
		var v T
		if err := dec.Decode(&v); err != nil {
			return err
		}
		p.Results = append(p.Results, v)
	}
	_, err := dec.Token()
	return err
}

// ListOptions are what every list takes.
type ListOptions struct {
	// Limit is the page's size; 0 means the server's (10), or 100 in All.
	Limit int
	// Offset is the number of objects to skip.
	Offset int
	// Ordering is a field's name, with "-" before it for descending order.
	Ordering string
	// Filters are further filters by name, such as "run__name".
	Filters url.Values
}

func (o ListOptions) query() url.Values {
	q := url.Values{}
	for name, values := range o.Filters {
		q[name] = append([]string(nil), values...)
	}
	setInt(q, "limit", int64(o.Limit))
	setInt(q, "offset", int64(o.Offset))
	setText(q, "ordering", o.Ordering)
	return q
}

func setText(q url.Values, name, value string) {
	if value != "" {
		q.Set(name, value)
	}
}

func setInt(q url.Values, name string, value int64) {
	if value != 0 {
		q.Set(name, strconv.FormatInt(value, 10))
	}
}

func list[T any](ctx context.Context, c *Client, route string, q url.Values) (*Page[T], error) {
	return listBy[T](ctx, c, Request{Route: route, Query: q})
}

func listBy[T any](ctx context.Context, c *Client, r Request) (*Page[T], error) {
	var page Page[T]
	if err := c.JSON(ctx, r, &page); err != nil {
		return nil, err
	}
	return &page, nil
}

// whole asks for everything at once. A backend that pages even then is read
// page by page.
func whole[T any](ctx context.Context, c *Client, route string, q url.Values) ([]T, error) {
	return wholeBy[T](ctx, c, Request{Route: route, Query: q})
}

func wholeBy[T any](ctx context.Context, c *Client, r Request) ([]T, error) {
	r.Query.Set("paging", "no")
	var all []T
	for v, err := range everyBy[T](ctx, c, r) {
		if err != nil {
			return nil, err
		}
		all = append(all, v)
	}
	return all, nil
}

// every walks the pages. Of "next" only the query is used: its host may be
// one that a proxy hides, and credentials do not go there.
func every[T any](ctx context.Context, c *Client, route string, q url.Values) iter.Seq2[T, error] {
	return everyBy[T](ctx, c, Request{Route: route, Query: q})
}

func everyBy[T any](ctx context.Context, c *Client, r Request) iter.Seq2[T, error] {
	// Not within: several may walk at the same time.
	if r.Query.Get("limit") == "" && r.Query.Get("paging") == "" {
		r.Query.Set("limit", "100")
	}
	return func(yield func(T, error) bool) {
		var zero T
		seen := map[string]bool{}
		for at := r; ; {
			page, err := listBy[T](ctx, c, at)
			if err != nil {
				yield(zero, err)
				return
			}
			for _, v := range page.Results {
				if !yield(v, nil) {
					return
				}
			}
			if page.Next == "" {
				return
			}
			next, err := url.Parse(page.Next)
			if err != nil || next.RawQuery == "" || seen[next.RawQuery] || len(page.Results) == 0 {
				yield(zero, &UnexpectedAnswerError{Reason: "the list " + r.Route + " does not come to an end: its next page is empty or repeats"})
				return
			}
			seen[next.RawQuery] = true
			at.Query = next.Query()
		}
	}
}

func query(name, value string) url.Values { return url.Values{name: {value}} }
