package store

import (
	"context"
	"encoding/json"
	"slices"
	"strconv"

	"github.com/huandu/go-sqlbuilder"

	"github.com/openmibi/openmibi/internal/model"
)

// Owned is whose an object is.
type Owned struct {
	Project *int64 // the project that it is in; of an image its own, or else its run's
	Creator int64  // of an image its run's; 0: administrators
}

// ObjectAudit is what one object's audit record shows to who sees the object.
// It never shows more than the viewer may see: values of a time when the object
// was in a project that the viewer does not see are left out, and a record of
// which nothing is left does not exist; nor do ids of other objects show that
// the viewer does not see.
type ObjectAudit struct {
	Kind string
	ID   int64
	Owned
	// Actors tells whether the viewer may know who did it.
	Actors bool
	// Members tells whether the viewer may know who is in a project.
	Members bool
}

// auditList is the rule of who sees a kind of object, for those kinds whose
// audit record can be asked for by object.
func auditList(kind string) (list, bool) {
	switch kind {
	case KindRun:
		return runList, true
	case KindImage:
		return imageList, true
	case KindImageSet:
		return imageSetList, true
	case KindProject:
		return projectList, true
	case KindSlide:
		return slideList, true
	case KindSection:
		return sectionList, true
	case KindPanel:
		return panelList, true
	case KindTissue:
		return tissueList, true
	case KindInstrument:
		return instrumentList, true
	case KindAperture:
		return apertureList, true
	}
	return list{}, false
}

// ForEverybody tells whether every account sees all objects of a kind.
func ForEverybody(kind string) bool {
	return kind == KindTissue || kind == KindInstrument || kind == KindAperture
}

// OwnerOf tells whose an object is that the viewer may see; else [ErrNotFound].
func (q *Queries) OwnerOf(ctx context.Context, v Viewer, kind string, id int64) (Owned, error) {
	l, ok := auditList(kind)
	if !ok {
		return Owned{}, ErrNotFound
	}
	if err := l.sees(ctx, q, v, id); err != nil {
		return Owned{}, err
	}
	return q.owned(ctx, kind, id)
}

func (q *Queries) owned(ctx context.Context, kind string, id int64) (Owned, error) {
	query, ok := auditOwners[kind]
	if !ok {
		return Owned{}, nil
	}
	o, err := one(ctx, q, query, []any{id}, func(r scanner) (o Owned, err error) { return o, r.Scan(&o.Project, &o.Creator) })
	return o, wrap(err, "owner of %s %d", kind, id)
}

// Fields are what an object's record can be filtered and ordered by.
func (ObjectAudit) Fields() Fields {
	all, some := AuditListing{}.Fields(), Fields{}
	for _, name := range []string{"id", "at", "action", "from", "to"} {
		some[name] = all[name]
	}
	return some
}

// IDs returns the ids of a part of the object's record.
func (o ObjectAudit) IDs(ctx context.Context, q *Queries, v Viewer, query Query) ([]int64, error) {
	sb := flavor.NewSelectBuilder().Select("a.id").From("audit a")
	o.where(sb, v)
	return auditIDs(ctx, q, sb, o.Fields(), query)
}

// Count counts the object's records.
func (o ObjectAudit) Count(ctx context.Context, q *Queries, v Viewer, query Query) (int64, error) {
	sb := flavor.NewSelectBuilder().Select("COUNT(*)").From("audit a")
	o.where(sb, v)
	return auditCount(ctx, q, sb, o.Fields(), query)
}

// where restricts a query to those records of the object of which something is
// for the viewer.
func (o ObjectAudit) where(sb *sqlbuilder.SelectBuilder, v Viewer) {
	sb.Where(sb.Equal("a.object_id", o.ID), sb.Equal("a.kind", o.Kind))
	if v.Admin || ForEverybody(o.Kind) {
		return
	}
	creator := strconv.FormatInt(o.Creator, 10)
	before, after := projectVisible("a.project_before", creator), projectVisible("a.project_after", creator)
	sb.Where(sb.Or(before(sb, v), after(sb, v)))
}

// Load returns records in the order of ids, without what is not for the viewer.
func (o ObjectAudit) Load(ctx context.Context, q *Queries, v Viewer, ids []int64) ([]model.AuditRecord, error) {
	rows, err := q.auditRows(ctx, ids)
	if err != nil {
		return nil, err
	}
	if !v.Admin {
		if err := o.hideTimes(ctx, q, v, rows); err != nil {
			return nil, err
		}
		if err := hideRelations(ctx, q, v, rows); err != nil {
			return nil, err
		}
	}
	out := make([]model.AuditRecord, len(rows))
	for i, r := range rows {
		if !o.Actors {
			r.AccountID, r.Actor, r.KeyID, r.RequestID = nil, "", nil, ""
		}
		if !o.Members {
			hideField(&r, "members")
		}
		out[i] = r.AuditRecord
	}
	return out, nil
}

// hideTimes leaves out the values that an object had while it was where the
// viewer does not see it.
func (o ObjectAudit) hideTimes(ctx context.Context, q *Queries, v Viewer, rows []auditRow) error {
	if ForEverybody(o.Kind) {
		return nil
	}
	projects := append(distinct(rows, func(r auditRow) *int64 { return r.projectBefore }),
		distinct(rows, func(r auditRow) *int64 { return r.projectAfter })...)
	allowed, err := projectList.allowed(ctx, q, v, projects)
	if err != nil {
		return err
	}
	sees := func(project *int64) bool {
		if project == nil {
			return o.Creator == v.ID
		}
		return allowed[*project]
	}
	for i := range rows {
		if !sees(rows[i].projectBefore) {
			rows[i].Before = nil
		}
		if !sees(rows[i].projectAfter) {
			rows[i].After = nil
		}
	}
	return nil
}

// auditRelations are the fields that hold ids of objects that not everybody
// sees.
func auditRelations() map[string]list {
	return map[string]list{
		"project": projectList, "run": runList, "slide": slideList, "slides": slideList, "section": sectionList,
		"panel": panelList, "previous": panelList, "images": imageList,
	}
}

// hideRelations makes null of ids that the viewer may not know of, and leaves
// them out of lists.
func hideRelations(ctx context.Context, q *Queries, v Viewer, rows []auditRow) error {
	for field, l := range auditRelations() {
		var ids []int64
		for _, r := range rows {
			for _, side := range []map[string]json.RawMessage{r.Before, r.After} {
				one, many := relationIDs(side[field])
				if one != nil {
					many = append(many, *one)
				}
				ids = append(ids, many...)
			}
		}
		if len(ids) == 0 {
			continue
		}
		slices.Sort(ids)
		allowed, err := l.allowed(ctx, q, v, slices.Compact(ids))
		if err != nil {
			return err
		}
		for _, r := range rows {
			for _, side := range []map[string]json.RawMessage{r.Before, r.After} {
				if err := hideIn(side, field, allowed); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

func hideIn(side map[string]json.RawMessage, field string, allowed map[int64]bool) error {
	one, many := relationIDs(side[field])
	switch {
	case one != nil && field == "images":
		// How many a new run had.
	case one != nil && !allowed[*one]:
		side[field] = json.RawMessage("null")
	case many != nil:
		shown := slices.DeleteFunc(many, func(id int64) bool { return !allowed[id] })
		text, err := json.Marshal(shown)
		if err != nil {
			return err
		}
		side[field] = text
		delete(side, field+"_count") // it counts the hidden ones, too
	}
	return nil
}

// relationIDs reads an id, or a list of ids.
func relationIDs(value json.RawMessage) (one *int64, many []int64) {
	if json.Unmarshal(value, &one) == nil {
		return one, nil
	}
	if json.Unmarshal(value, &many) != nil {
		return nil, nil
	}
	return nil, many
}

// hideField makes null of a field wherever it is.
func hideField(r *auditRow, field string) {
	for _, side := range []map[string]json.RawMessage{r.Before, r.After} {
		if _, ok := side[field]; ok {
			side[field] = json.RawMessage("null")
		}
	}
}
