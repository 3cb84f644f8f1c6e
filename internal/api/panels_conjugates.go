package api

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/openmibi/openmibi/internal/model"
	"github.com/openmibi/openmibi/internal/store"
	"github.com/openmibi/openmibi/mibi"
)

// conjugates is GET /images/{id}/conjugates/: those of the panel of the
// image's section, as far as the caller may see both.
func (a *API) conjugates(c *Call, _ http.ResponseWriter, r *http.Request) error {
	id, err := c.ID("id")
	if err != nil {
		return err
	}
	image, err := a.Store.Image(r.Context(), c.Viewer(), id)
	if err != nil {
		return err
	}
	var rows []model.Conjugate
	if image.Section != nil && image.Section.Panel != nil {
		if rows, err = a.Store.Conjugates(r.Context(), image.Section.Panel.ID); err != nil {
			return err
		}
	}
	return list(c, conjugateList(rows), nil, conjugateWire)
}

// conjugateList lists conjugates in their panel's order.
func conjugateList(rows []model.Conjugate) memoryList[model.Conjugate] {
	text := func(of func(model.Conjugate) *string) func(model.Conjugate) any {
		return func(c model.Conjugate) any {
			if v := of(c); v != nil {
				return *v
			}
			return ""
		}
	}
	return memoryList[model.Conjugate]{
		rows: rows,
		values: map[string]func(model.Conjugate) any{
			"id":           func(v model.Conjugate) any { return v.ID },
			"conjugate_id": func(v model.Conjugate) any { return v.ConjugateID },
			"mass":         func(v model.Conjugate) any { return int64(v.Mass) },
			"target":       func(v model.Conjugate) any { return v.Target },
			"clone":        text(func(c model.Conjugate) *string { return c.Clone }),
			"element":      text(func(c model.Conjugate) *string { return c.Element }),
			"lot":          text(func(c model.Conjugate) *string { return c.Lot }),
			"external_id":  text(func(c model.Conjugate) *string { return c.ExternalID }),
		},
		kinds: map[string]store.Kind{"id": store.KindInt, "conjugate_id": store.KindInt, "mass": store.KindInt},
	}
}

// conjugates reads a panel's conjugates. One whose id is of one before stays
// that one, with what is not given; strict: another id is a mistake.
func (g *given) conjugates(name string, before []model.Conjugate, strict bool) (out []model.Conjugate, found bool) {
	seen := map[int64]bool{}
	found = g.items(name, "conjugate", maxConjugates, func(one *given) {
		var c model.Conjugate
		if id := one.id("id"); id.has() {
			at := slices.IndexFunc(before, func(c model.Conjugate) bool { return c.ID == *id.Value })
			switch {
			case at >= 0 && seen[*id.Value]:
				one.bad("id", "It is in the list twice.")
			case at >= 0:
				c, seen[*id.Value] = before[at], true
			case strict:
				one.bad("id", "It is no conjugate of this panel.")
			}
		}
		out = append(out, one.conjugate(c))
	})
	return out, found
}

// conjugate reads a conjugate's fields into what it was before.
func (g *given) conjugate(c model.Conjugate) model.Conjugate {
	if target := g.cell("target", &c.Target, c.Target == ""); target.has() {
		c.Target = *target.Value
	}
	mass := g.integer("mass", 1)
	switch {
	case mass.Given && mass.Value == nil:
		g.bad("mass", "This field may not be null.")
	case mass.has() && *mass.Value > mibi.MaxPanelMass:
		g.bad("mass", "Ensure this value is less than or equal to "+strconv.Itoa(mibi.MaxPanelMass)+".")
	case mass.has():
		c.Mass = int(*mass.Value)
	case c.Mass == 0 && g.wrong["mass"] == nil:
		g.bad("mass", "This field is required.")
	}
	for name, to := range map[string]**string{
		"external_id": &c.ExternalID, "clone": &c.Clone, "element": &c.Element, "lot": &c.Lot, "titer_units": &c.TiterUnits,
	} {
		setTo(to, g.cell(name, *to, false))
	}
	if c.Lot != nil && !balanced(*c.Lot) {
		g.bad("lot", unbalanced)
	}
	setTo(&c.Concentration, g.number("concentration"))
	setTo(&c.RecommendedTiter, g.number("recommended_titer"))
	setTo(&c.Titer, g.number("titer"))
	setTo(&c.Volume, g.number("volume"))
	setTo(&c.ManufactureDate, g.day("manufacture_date"))
	setTo(&c.ExpirationDate, g.day("expiration_date"))
	setTo(&c.BatchID, g.integer("batch_id", 0))
	if used := g.id("conjugate_id"); used.has() {
		c.ConjugateID = *used.Value
	}
	if draft := g.boolean("is_draft"); draft.has() {
		c.Draft = *draft.Value
	}
	return c
}

// day reads a date. Clients whose texts are never null write none as "".
func (g *given) day(name string) opt[string] {
	if string(g.json[name]) == `""` {
		g.ask(aDate(name))
		return opt[string]{Given: true}
	}
	return g.date(name)
}

// cell reads a text that is to stand in a table: one line, without the space
// around it. What was there before is taken as it is.
func (g *given) cell(name string, before *string, required bool) opt[string] {
	var o opt[string]
	if name == "target" {
		o = g.filled(name, maxName, required)
	} else {
		o = g.text(name, maxName)
	}
	if !o.has() || before != nil && *before == *o.Value {
		return o
	}
	text := strings.TrimSpace(*o.Value)
	g.harmless(name, text)
	return opt[string]{true, &text}
}

// harmless notes what is wrong with a text for a cell of a table.
func (g *given) harmless(name, text string) {
	if reason := unfitCell(text); reason != "" {
		g.bad(name, reason)
	}
}

// knownConjugates notes conjugates that say of themselves to be one that no
// panel uses which the caller may see. Those before had their check.
func (e *editing) knownConjugates(ctx context.Context, list, before []model.Conjugate) {
	had := map[int64]bool{0: true}
	for _, c := range before {
		had[c.ConjugateID] = true
	}
	var ask []int64
	for _, c := range list {
		if !had[c.ConjugateID] && c.ConjugateID != c.ID {
			ask = append(ask, c.ConjugateID)
		}
	}
	known, err := e.db.KnownConjugates(ctx, e.c.Viewer(), ask)
	if err != nil {
		e.failed(err)
		return
	}
	for i, c := range list {
		if !had[c.ConjugateID] && c.ConjugateID != c.ID && !known[c.ConjugateID] {
			e.badItem("conjugates", i, "conjugate", "conjugate_id", unknownRelation)
		}
	}
}
