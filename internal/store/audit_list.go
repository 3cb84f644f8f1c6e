package store

import (
	"context"
	"encoding/json"
	"time"

	"github.com/huandu/go-sqlbuilder"

	"github.com/openmibi/openmibi/internal/model"
)

// AuditListing is the whole audit record as a list, newest first. It is for
// administrators: it leaves nothing out.
type AuditListing struct{}

// Fields are what the record can be filtered and ordered by. "from" and "to"
// are days in UTC, both included.
func (AuditListing) Fields() Fields {
	return Fields{
		"id": field(KindInt, "a.id"), "at": {Order: true, expr: "a.at"},
		"kind": text("a.kind").noOrder(), "object": field(KindInt, "a.object_id").noOrder(), "action": text("a.action").noOrder(),
		"account": field(KindInt, "a.account_id").noOrder(), "key": field(KindInt, "a.key_id").noOrder(),
		"from": field(KindDateFrom, "a.at").noOrder(), "to": field(KindDateTo, "a.at").noOrder(),
	}
}

// IDs returns the ids of a part of the record.
func (l AuditListing) IDs(ctx context.Context, q *Queries, _ Viewer, query Query) ([]int64, error) {
	sb := flavor.NewSelectBuilder().Select("a.id").From("audit a")
	return auditIDs(ctx, q, sb, l.Fields(), query)
}

// Count counts the records.
func (l AuditListing) Count(ctx context.Context, q *Queries, _ Viewer, query Query) (int64, error) {
	sb := flavor.NewSelectBuilder().Select("COUNT(*)").From("audit a")
	return auditCount(ctx, q, sb, l.Fields(), query)
}

// Load returns records in the order of ids.
func (AuditListing) Load(ctx context.Context, q *Queries, _ Viewer, ids []int64) ([]model.AuditRecord, error) {
	rows, err := q.auditRows(ctx, ids)
	if err != nil {
		return nil, err
	}
	out := make([]model.AuditRecord, len(rows))
	for i, r := range rows {
		out[i] = r.AuditRecord
	}
	return out, nil
}

func auditIDs(ctx context.Context, q *Queries, sb *sqlbuilder.SelectBuilder, fields Fields, query Query) ([]int64, error) {
	if err := auditWhere(sb, fields, query); err != nil {
		return nil, err
	}
	// Both orders are one but for a clock that was set back. Every index of the
	// record has them at its end, so that a page is read without sorting.
	order := []string{"a.at DESC", "a.id DESC"}
	if len(query.Order) > 0 {
		first := query.Order[0]
		switch f, ok := fields[first.Field]; {
		case !ok || !f.Order:
			return nil, &FieldError{Name: first.Field}
		case first.Field == "id" && first.Desc:
			order = []string{"a.id DESC"}
		case first.Field == "id":
			order = []string{"a.id"}
		case !first.Desc:
			order = []string{"a.at", "a.id"}
		}
	}
	sb.OrderBy(order...)
	if query.Limit > 0 {
		sb.Limit(query.Limit).Offset(query.Offset)
	}
	text, args := sb.Build()
	ids, err := all(ctx, q, text, args, scanInt64)
	return ids, wrap(err, "list the audit record")
}

func auditCount(ctx context.Context, q *Queries, sb *sqlbuilder.SelectBuilder, fields Fields, query Query) (int64, error) {
	if err := auditWhere(sb, fields, query); err != nil {
		return 0, err
	}
	text, args := sb.Build()
	n, err := one(ctx, q, text, args, scanInt64)
	return n, wrap(err, "count the audit record")
}

func auditWhere(sb *sqlbuilder.SelectBuilder, fields Fields, query Query) error {
	if query.Inactive {
		sb.Where("FALSE") // nothing is ever deleted from the record
	}
	for _, c := range query.Conds {
		f, ok := fields[c.Field]
		if !ok || !f.Filter {
			return &FieldError{Name: c.Field}
		}
		if len(c.Values) == 0 {
			continue
		}
		if f.Kind != KindDateFrom && f.Kind != KindDateTo {
			sb.Where(sb.In(f.expr, c.Values...))
			continue
		}
		for _, v := range c.Values {
			day, err := time.Parse(time.DateOnly, asText(v))
			if err != nil {
				return &FieldError{Name: c.Field}
			}
			if f.Kind == KindDateFrom {
				sb.Where(sb.GreaterEqualThan(f.expr, formatTime(day)))
			} else {
				sb.Where(sb.LessThan(f.expr, formatTime(day.AddDate(0, 0, 1))))
			}
		}
	}
	return nil
}

func asText(v any) string {
	s, _ := v.(string)
	return s
}

// auditRow is a record with the projects that its object was in.
type auditRow struct {
	model.AuditRecord
	projectBefore, projectAfter *int64
}

// auditRows loads records in the order of ids.
func (q *Queries) auditRows(ctx context.Context, ids []int64) ([]auditRow, error) {
	rows, err := byIDs(ctx, q, `SELECT id, at, action, kind, object_id, account_id, actor, key_id, request_id, project_before,
		project_after, before, after FROM audit WHERE id IN (%s)`, ids, func(r scanner) (a auditRow, err error) {
		var at string
		var before, after *string
		err = r.Scan(&a.ID, &at, &a.Action, &a.Kind, &a.ObjectID, &a.AccountID, &a.Actor, &a.KeyID, &a.RequestID,
			&a.projectBefore, &a.projectAfter, &before, &after)
		if err != nil {
			return a, err
		}
		a.At = parseTime(at)
		if a.Before, err = auditSide(before); err != nil {
			return a, err
		}
		a.After, err = auditSide(after)
		return a, err
	})
	return pick(tableOf(rows, func(a auditRow) int64 { return a.ID }), ids), wrap(err, "load the audit record")
}

func auditSide(text *string) (side map[string]json.RawMessage, err error) {
	if text == nil {
		return nil, nil
	}
	return side, json.Unmarshal([]byte(*text), &side)
}
