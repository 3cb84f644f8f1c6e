package api

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/openmibi/openmibi/internal/store"
)

// source is a list that can be read ids first: [store.Listing], or a list
// that is short enough to be held in memory.
type source[M any] interface {
	Fields() store.Fields
	IDs(ctx context.Context, q *store.Queries, v store.Viewer, query store.Query) ([]int64, error)
	Count(ctx context.Context, q *store.Queries, v store.Viewer, query store.Query) (int64, error)
	Load(ctx context.Context, q *store.Queries, v store.Viewer, ids []int64) ([]M, error)
}

// pager is a source that finds a page and the count in one go.
type pager interface {
	Page(ctx context.Context, q *store.Queries, v store.Viewer, query store.Query) (ids []int64, count int64, err error)
}

// pageOf returns the ids that a list asks for, and how many there are in all if
// it is paged.
func pageOf[M any](ctx context.Context, src source[M], db *store.Queries, v store.Viewer, q *listQuery) (ids []int64, count int64, err error) {
	if p, ok := src.(pager); ok {
		return p.Page(ctx, db, v, q.Query)
	}
	if ids, err = src.IDs(ctx, db, v, q.Query); err == nil && q.paged {
		count, err = src.Count(ctx, db, v, q.Query)
	}
	return ids, count, err
}

// page is the default form of a list.
type page[T any] struct {
	Count    int64   `json:"count"`
	Next     *string `json:"next"`
	Previous *string `json:"previous"`
	Results  []T     `json:"results"`
}

// list answers a list in the form that the query string asks for. filters nil
// means every field of the source.
func list[M, T any](c *Call, src source[M], filters map[string]filter, wire func(M) T) error {
	return listAs(c, src, filters, encoded(wire))
}

// listAs is list with encoders of its own.
func listAs[M any](c *Call, src source[M], filters map[string]filter, encoders func() encoder[M]) error {
	if filters == nil {
		filters = filtersOf(src.Fields())
	}
	if c.about.listedAs != nil {
		c.about.listedAs(src.Fields(), filters)
	}
	q, err := readListQuery(c.Request, filters, src.Fields())
	if err != nil {
		return err
	}
	if !q.paged {
		if err := turn(c.Request, &c.api.whole, c.Account.ID, c.api.MaxWhole, "whole lists"); err != nil {
			return err
		}
		if err := c.api.reach(c.Request.Context(), "list.whole"); err != nil {
			return err
		}
	}
	ctx, db, viewer := c.Request.Context(), c.api.Store.Queries, c.Viewer()
	ids, count, err := pageOf(ctx, src, db, viewer, q)
	if err != nil {
		return err
	}
	rows := rowsOf(func(ids []int64) ([]M, error) { return src.Load(ctx, db, viewer, ids) }, encoders)
	if !q.paged {
		return (&rowWriter{w: c.Writer, rows: rowsFirst[M](), begin: "[", between: ",\n", end: "]\n", flushes: true}).write(ids, rows)
	}
	// The page but for its results, which come as they are read.
	p := page[none]{Count: count, Results: []none{}}
	p.Next, p.Previous = c.neighbours(q, p.Count)
	text, err := marshal(p)
	if err != nil {
		return fmt.Errorf("encode the answer: %w", err)
	}
	begin, _ := strings.CutSuffix(string(text), "]}")
	return (&rowWriter{w: c.Writer, rows: rowsFirst[M](), begin: begin, between: ",", end: "]}\n"}).write(ids, rows)
}

// neighbours are the URLs of the pages after and before. They keep the other
// parameters.
func (c *Call) neighbours(q *listQuery, count int64) (next, previous *string) {
	at := func(offset int) *string {
		params := cloneValues(q.given)
		params.Set("limit", strconv.Itoa(q.Limit))
		params.Set("offset", strconv.Itoa(offset))
		if offset == 0 {
			params.Del("offset")
		}
		u := c.api.absolute(c.Request, c.Request.URL.EscapedPath(), params)
		return &u
	}
	if end := q.Offset + q.Limit; int64(end) < count {
		next = at(end)
	}
	if q.Offset > 0 {
		previous = at(max(0, q.Offset-q.Limit))
	}
	return next, previous
}

func cloneValues(in url.Values) url.Values {
	out := make(url.Values, len(in)+2)
	for k, v := range in {
		out[k] = slices.Clone(v)
	}
	return out
}

// marshal encodes without the escapes that only HTML needs.
func marshal(v any) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}
