package api

import (
	"context"
	"net/http"

	"github.com/openmibi/openmibi/internal/model"
	"github.com/openmibi/openmibi/internal/store"
)

// tissues are the routes of /tissues/. Tissues are the lab's common
// vocabulary: every account reads and adds to it, and who made one and
// administrators change it.
var tissues = &resource[model.Tissue, wireTissue]{
	listing: store.TissueListing,
	find:    forAll((*store.Queries).Tissue),
	wire:    toAll(tissueWire),
	mayEdit: func(c *Call, t *model.Tissue) error { return c.mayEditWord(t.CreatorID) },
	write: columns(tissueFields, func(t *model.Tissue) int64 { return t.ID },
		(*store.Tx).AddTissue, (*store.Tx).UpdateTissue),
	update: (*store.Tx).UpdateTissue,
}

// tissueFields reads the fields of a tissue. Its name is made of the others.
func tissueFields(_ context.Context, e *editing, before *model.Tissue) (ch changes) {
	change(&ch, "organ", e.filled("organ", maxName, before == nil))
	change(&ch, "subsite", e.orEmpty("subsite", maxName))
	change(&ch, "diagnosis", e.orEmpty("diagnosis", maxName))
	change(&ch, "description", e.text("description", maxText))
	return ch
}

// orEmpty reads a text that is never null: null empties it.
func (g *given) orEmpty(name string, max int) opt[string] {
	o := g.text(name, max)
	if o.Given && o.Value == nil {
		o.Value = new(string)
	}
	return o
}

// tissueSearch are the parameters of the search for tissues.
var tissueSearch = map[string]filter{"q": {"search.q", store.KindContains, true}}

// searchTissues is GET /tissues/search/: q is a part of the tissue's name or
// description, in any case.
func (a *API) searchTissues(c *Call, _ http.ResponseWriter, _ *http.Request) error {
	return list(c, store.TissueListing(), tissueSearch, tissueWire)
}

// tissueImages is GET /tissues/{id}/images/: those that the caller may see.
func (a *API) tissueImages(c *Call, _ http.ResponseWriter, r *http.Request) error {
	id, err := c.ID("id")
	if err != nil {
		return err
	}
	if _, err := a.Store.Tissue(r.Context(), id); err != nil {
		return err
	}
	return listAs(c, narrowed[model.Image]{store.ImageListing(), store.Cond{Field: "tissue", Values: []any{id}}}, nil, newImageTexts)
}

// narrowed is the part of a list for which a condition holds.
type narrowed[M any] struct {
	source[M]
	cond store.Cond
}

// IDs implements source.
func (n narrowed[M]) IDs(ctx context.Context, q *store.Queries, v store.Viewer, query store.Query) ([]int64, error) {
	query.Conds = append(query.Conds, n.cond)
	return n.source.IDs(ctx, q, v, query)
}

// Count implements source.
func (n narrowed[M]) Count(ctx context.Context, q *store.Queries, v store.Viewer, query store.Query) (int64, error) {
	query.Conds = append(query.Conds, n.cond)
	return n.source.Count(ctx, q, v, query)
}
