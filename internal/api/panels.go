package api

import (
	"context"
	"errors"

	"github.com/openmibi/openmibi/internal/model"
	"github.com/openmibi/openmibi/internal/store"
)

// panels are the routes of /panels/, but for those that take or give a CSV.
var panels = &resource[model.Panel, wirePanel]{
	listing: store.PanelListing,
	find:    (*store.Queries).Panel,
	wire:    panelWire,
	mayEdit: func(c *Call, p *model.Panel) error { return c.mayEdit(p.Project, p.CreatorID) },
	write: func(ctx context.Context, e *editing, before *model.Panel) (int64, error) {
		return savePanel(ctx, e, before, nil)
	},
	update: (*store.Tx).UpdatePanel,
}

// createPanel is POST /panels/: JSON with the conjugates, a form with the file
// of a panel, or such a file alone. With previous_id the new panel is the next
// version of that one: what is not given, it has from there.
func (a *API) createPanel(ctx context.Context, c *Call, _ *none) (*written[wirePanel], error) {
	g, file, err := c.givenPanel()
	if err != nil {
		return nil, err
	}
	return write(ctx, c, func(tx *store.Tx) (made wirePanel, err error) {
		id, err := savePanel(ctx, &editing{given: g, c: c, db: tx.Queries, tx: tx}, nil, file)
		if err != nil {
			return made, err
		}
		return show(panelWire(c.Viewer()))(tx.Panel(ctx, c.Viewer(), id))
	})
}

// savePanel reads the fields of a panel and writes them. file is what a new
// panel's file says: the fields win over it, and it over the version before.
func savePanel(ctx context.Context, e *editing, before *model.Panel, file *panelFile) (int64, error) {
	p := or(before, model.Panel{CreatorID: e.c.Account.ID})
	if before == nil {
		e.panelVersion(ctx, &p)
	} else {
		e.sameVersion(before)
	}
	file.fill(&p)
	var ch changes
	name := e.filled("name", maxName, p.Name == "")
	if name.has() && *name.Value != p.Name {
		e.harmless("name", *name.Value)
	}
	columnTo(&ch, &p.Name, "name", name)
	nullableTo(&ch, &p.Description, "description", e.text("description", maxText))
	nullableTo(&ch, &p.Dilution, "dilution", e.number("dilution"))
	nullableTo(&ch, &p.ManufactureDate, "manufacture_date", e.day("manufacture_date"))
	columnTo(&ch, &p.Draft, "is_draft", e.boolean("is_draft"))
	project := e.panelProject(ctx, p, before)
	change(&ch, "project_id", project)
	partsGiven := e.panelParts(ctx, &p, before, file)
	if before != nil {
		change(&ch, "active", e.boolean("active"))
	}
	if err := e.err(); err != nil {
		return 0, err
	}
	if partsGiven {
		if err := e.readsBack(p); err != nil {
			return 0, err
		}
	}
	if before == nil {
		return e.tx.AddPanel(ctx, p, project.Value)
	}
	if err := e.tx.UpdatePanel(ctx, before.ID, ch); err != nil {
		return 0, err
	}
	if err := e.tx.SetBatches(ctx, before.ID, before.Batches, p.Batches); err != nil {
		return 0, err
	}
	return before.ID, e.tx.SetConjugates(ctx, before.ID, before.Conjugates, p.Conjugates)
}

// columnTo changes a field that is never null.
func columnTo[T any](ch *changes, to *T, column string, o opt[T]) {
	if o.has() {
		*to = *o.Value
		change(ch, column, o)
	}
}

// nullableTo changes a field that may be null.
func nullableTo[T any](ch *changes, to **T, column string, o opt[T]) {
	if o.Given {
		*to = o.Value
		change(ch, column, o)
	}
}

// panelVersion makes p the next version of the panel that previous_id names:
// who may change that one may follow it.
func (e *editing) panelVersion(ctx context.Context, p *model.Panel) {
	id := e.id("previous_id")
	if !id.has() {
		return
	}
	earlier, err := e.db.Panel(ctx, e.c.Viewer(), *id.Value)
	switch {
	case errors.Is(err, store.ErrNotFound):
		e.bad("previous_id", unknownRelation)
		return
	case err != nil:
		e.failed(err)
		return
	case e.c.mayEdit(earlier.Project, earlier.CreatorID) != nil:
		e.failed(forbidden("You may see panel %s but not make its next version.", quote(earlier.Name)))
		return
	case !earlier.Active:
		e.bad("previous_id", deletedRelation)
		return
	}
	*p = *earlier
	p.ID, p.CreatorID, p.PreviousID, p.NextID, p.Active = 0, e.c.Account.ID, &earlier.ID, nil, true
}

// sameVersion refuses to make a panel the version of another one: what was
// read may be written back, and no more.
func (e *editing) sameVersion(before *model.Panel) {
	id := e.id("previous_id")
	if id.Given && (id.Value == nil) != (before.PreviousID == nil) || id.has() && before.PreviousID != nil && *id.Value != *before.PreviousID {
		e.bad("previous_id", "A panel is made as the next version of another one, and stays it.")
	}
}

// panelProject reads the project of a panel. A next version is in that of the
// version before, unless told otherwise.
func (e *editing) panelProject(ctx context.Context, p model.Panel, before *model.Panel) opt[int64] {
	if before != nil {
		return e.project(ctx, "project", before.Project, before.CreatorID)
	}
	id := e.project(ctx, "project", nil, e.c.Account.ID)
	if !id.Given && p.Project != nil {
		if !p.Project.Active {
			e.bad("project", deletedRelation)
		}
		return opt[int64]{Value: &p.Project.ID}
	}
	return id
}
