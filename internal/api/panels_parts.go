package api

import (
	"context"
	"encoding/json"
	"io"
	"maps"
	"slices"
	"strconv"

	"github.com/openmibi/openmibi/internal/model"
)

// Limits of a panel.
const (
	maxConjugates = 1000
	maxBatches    = 100
)

// panelParts reads the conjugates and the batches of a panel, of which each
// list that is given replaces the one before, and says whether any was given.
// A batch that only conjugates name is made.
func (e *editing) panelParts(ctx context.Context, p, before *model.Panel, file *panelFile) bool {
	wasConjugates, wasBatches := p.Conjugates, p.Batches
	conjugates, conjugatesGiven := e.conjugates("conjugates", wasConjugates, before != nil)
	if conjugatesGiven {
		p.Conjugates = conjugates
	}
	batches, batchesGiven := e.batches("batches", wasBatches, before != nil)
	if batchesGiven {
		p.Batches = batches
	}
	if before == nil {
		// They become rows of the new panel.
		p.Conjugates, p.Batches = slices.Clone(p.Conjugates), slices.Clone(p.Batches)
		for i := range p.Conjugates {
			p.Conjugates[i].ID = 0
		}
		for i := range p.Batches {
			p.Batches[i].ID = 0
		}
	}
	e.placeInBatches(p, conjugatesGiven, batchesGiven)
	if conjugatesGiven {
		e.knownConjugates(ctx, p.Conjugates, wasConjugates)
	}
	return conjugatesGiven || batchesGiven || file != nil
}

// items reads a list of objects. What is wrong with one is noted with its
// place in the list.
func (g *given) items(name, what string, most int, read func(one *given)) (given bool) {
	g.ask(someObjects(name, nil))
	raw, found := g.json[name]
	if !found {
		return false
	}
	var items []json.RawMessage
	if string(raw) == "null" || json.Unmarshal(raw, &items) != nil {
		g.bad(name, "Expected a list of objects.")
		return true
	}
	if len(items) > most {
		g.bad(name, "More than "+strconv.Itoa(most)+" of them.")
		return true
	}
	for i, item := range items {
		var fields map[string]json.RawMessage
		if json.Unmarshal(item, &fields) != nil {
			g.bad(name, "Expected a list of objects: number "+strconv.Itoa(i+1)+" is none.")
			continue
		}
		one := g.nested(name, fields)
		read(one)
		for _, field := range slices.Sorted(maps.Keys(one.wrong)) {
			for _, text := range one.wrong[field] {
				g.badItem(name, i, what, field, text)
			}
		}
	}
	return true
}

func (g *given) badItem(name string, i int, what, field, text string) {
	g.bad(name, strconv.Itoa(i+1)+". "+what+", "+field+": "+text)
}

// placeInBatches sees to it that every conjugate's batch is there: made, or
// noted where the batches are given without it.
func (e *editing) placeInBatches(p *model.Panel, conjugatesGiven, batchesGiven bool) {
	known := map[int64]bool{}
	for _, b := range p.Batches {
		known[b.Number] = true
	}
	for i, c := range p.Conjugates {
		if c.BatchID == nil || known[*c.BatchID] {
			continue
		}
		number := formatID(*c.BatchID)
		switch {
		case batchesGiven && conjugatesGiven:
			e.badItem("conjugates", i, "conjugate", "batch_id", "There is no batch "+number+" in batches.")
		case batchesGiven:
			e.bad("batches", "Batch "+number+" has conjugates.")
		default:
			p.Batches = append(p.Batches, model.Batch{Number: *c.BatchID})
		}
		known[*c.BatchID] = true
	}
	if !batchesGiven && len(p.Batches) > maxBatches {
		e.bad("conjugates", "They are in more than "+strconv.Itoa(maxBatches)+" batches.")
	}
}

// batches reads a panel's batches: those of the numbers that were before stay,
// with what is not given. strict: an id that none of them has is a mistake.
func (g *given) batches(name string, before []model.Batch, strict bool) (out []model.Batch, found bool) {
	seen := map[int64]bool{}
	found = g.items(name, "batch", maxBatches, func(one *given) {
		id, number := one.id("id"), one.integer("batch_id", 0)
		known := -1
		if id.has() {
			known = slices.IndexFunc(before, func(b model.Batch) bool { return b.ID == *id.Value })
		}
		at := known
		if number.has() {
			at = slices.IndexFunc(before, func(b model.Batch) bool { return b.Number == *number.Value })
		}
		var b model.Batch
		switch {
		case at >= 0:
			b = before[at]
		case number.has():
			b.Number = *number.Value
		case number.Given:
			one.bad("batch_id", "This field may not be null.")
		case one.wrong["batch_id"] == nil:
			one.bad("batch_id", "This field is required.")
		}
		switch {
		case known >= 0 && at != known:
			one.bad("batch_id", "A batch keeps its number.")
		case strict && id.has() && known < 0:
			one.bad("id", "It is no batch of this panel.")
		}
		if seen[b.Number] && len(one.wrong) == 0 {
			one.bad("batch_id", "There are two batches "+formatID(b.Number)+".")
		}
		seen[b.Number] = true
		setTo(&b.Volume, one.number("volume"))
		setTo(&b.AntibodyVolume, one.number("antibody_volume"))
		setTo(&b.BufferVolume, one.number("buffer_volume"))
		if draft := one.boolean("is_draft"); draft.has() {
			b.Draft = *draft.Value
		}
		out = append(out, b)
	})
	return out, found
}

func setTo[T any](to **T, o opt[T]) {
	if o.Given {
		*to = o.Value
	}
}

// readsBack refuses conjugates that the panel's CSV could not hold: a target
// that data tools read as none, for example.
func (e *editing) readsBack(p model.Panel) error {
	if err := panelExport(p).WriteCSV(io.Discard); err != nil {
		return fieldProblem("conjugates", "They cannot be written as CSV: %s.", err)
	}
	return nil
}
