package store

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sort"

	"github.com/huandu/go-sqlbuilder"
)

// Kind is the type of a field's values in a filter.
type Kind int

// The kinds of field.
const (
	KindText     Kind = iota // equal, to the letter
	KindTextFold             // equal in any case
	KindContains             // contains, in any case
	KindInt
	KindFloat
	KindBool
	KindDate     // YYYY-MM-DD, equal
	KindDateFrom // that day or later
	KindDateTo   // that day or earlier
	KindStatus   // one of the status letters
	kindMass     // a channel's mass
	kindTarget   // part of a channel's target, in any case
)

// Field is a name that a list can be filtered or ordered by.
type Field struct {
	Kind   Kind
	Order  bool   // it may order, too
	Filter bool   // it may filter
	expr   string // the SQL expression
	join   string // the join that expr needs, by name
}

// Fields is an allow-list: nothing else reaches the SQL text.
type Fields map[string]Field

// Names lists the names in order, for messages and documentation.
func (f Fields) Names(use func(Field) bool) []string {
	var out []string
	for name, field := range f {
		if use(field) {
			out = append(out, name)
		}
	}
	sort.Strings(out)
	return out
}

// FieldError is an [ErrField]: a filter or an ordering that the list does not know.
type FieldError struct{ Name string }

func (e *FieldError) Error() string { return fmt.Sprintf("unknown field %q", e.Name) }

// Is makes errors.Is(err, ErrField) true.
func (e *FieldError) Is(target error) bool { return target == ErrField }

// Cond is one filter: the field has one of the values. A value is a string,
// int64, float64 or bool, as the field's kind asks.
type Cond struct {
	Field  string
	Values []any
}

// Order is one step of an ordering.
type Order struct {
	Field string
	Desc  bool
}

// Query asks for a part of a list.
type Query struct {
	Conds  []Cond
	Order  []Order // then newest first
	Limit  int     // 0: no limit
	Offset int
	// Inactive asks for deleted objects instead of the living ones.
	Inactive bool
}

// list says how one kind of object is listed.
type list struct {
	table   string // the table and its alias: "images i"
	alias   string
	fields  Fields
	joins   map[string]join
	visible func(sb *sqlbuilder.SelectBuilder, v Viewer) string // "" when all is visible
	base    []string                                            // joins that visible and active need
	active  string                                              // what a list shows; "": the row's own active
	indexed bool                                                // it is held in memory, too
}

// join is a table beside the listed one.
type join struct {
	on    string // "sections sec ON sec.id = i.section_id"
	after string // the join that on needs, by name
	// visible keeps out the rows that the viewer may not see: what it cannot
	// read it cannot find things by, either. nil: who sees the listed object
	// sees these.
	visible func(sb *sqlbuilder.SelectBuilder, v Viewer) string
}

// join adds a join to a query.
func (l list) join(sb *sqlbuilder.SelectBuilder, v Viewer, name string) {
	j := l.joins[name]
	on := j.on
	if j.visible != nil {
		if visible := j.visible(sb, v); visible != "" {
			on += " AND " + visible
		}
	}
	sb.JoinWithOption(sqlbuilder.LeftJoin, on)
}

// where adds joins and conditions, but not the order.
func (l list) where(sb *sqlbuilder.SelectBuilder, v Viewer, q Query) error {
	sb.From(l.table)
	joins := slices.Clone(l.base)
	var need func(name string)
	need = func(name string) {
		if name != "" && !slices.Contains(joins, name) {
			need(l.joins[name].after)
			joins = append(joins, name)
		}
	}
	var conds []string
	for _, c := range q.Conds {
		f, ok := l.fields[c.Field]
		if !ok || !f.Filter {
			return &FieldError{Name: c.Field}
		}
		need(f.join)
		any := make([]string, len(c.Values))
		for i, value := range c.Values {
			any[i] = f.cond(sb, value)
		}
		if len(any) > 0 {
			conds = append(conds, sb.Or(any...))
		}
	}
	for _, o := range q.Order {
		f, ok := l.fields[o.Field]
		if !ok || !f.Order {
			return &FieldError{Name: o.Field}
		}
		need(f.join)
	}
	for _, name := range joins {
		l.join(sb, v, name)
	}
	active := cmp.Or(l.active, l.alias+".active")
	if q.Inactive {
		active = "NOT " + active
	}
	conds = append(conds, active)
	if visible := l.visible(sb, v); visible != "" {
		conds = append(conds, visible)
	}
	sb.Where(conds...)
	return nil
}

// ids returns the ids of a part of a list: keys before rows.
func (l list) ids(ctx context.Context, qs *Queries, v Viewer, q Query) ([]int64, error) {
	sb := flavor.NewSelectBuilder().Select(l.alias + ".id")
	if err := l.where(sb, v, q); err != nil {
		return nil, err
	}
	var order []string
	byID := false
	for _, o := range q.Order {
		dir := " ASC NULLS FIRST"
		if o.Desc {
			dir = " DESC NULLS LAST"
		}
		order = append(order, l.fields[o.Field].expr+dir)
		byID = byID || o.Field == "id"
	}
	if !byID { // a total order, so that pages neither repeat nor skip
		order = append(order, l.alias+".id DESC")
	}
	sb.OrderBy(order...)
	if q.Limit > 0 {
		sb.Limit(q.Limit).Offset(q.Offset)
	}
	query, args := sb.Build()
	return all(ctx, qs, query, args, scanInt64)
}

// count says how many objects a list has.
func (l list) count(ctx context.Context, qs *Queries, v Viewer, q Query) (int64, error) {
	sb := flavor.NewSelectBuilder().Select("COUNT(*)")
	q.Order = nil
	if err := l.where(sb, v, q); err != nil {
		return 0, err
	}
	query, args := sb.Build()
	return one(ctx, qs, query, args, scanInt64)
}

// cond is the SQL of one filter value.
func (f Field) cond(sb *sqlbuilder.SelectBuilder, value any) string {
	switch f.Kind {
	case KindTextFold:
		return fmt.Sprintf("%s(%s) = %s", fold, f.expr, sb.Var(foldText(value)))
	case KindContains:
		return fmt.Sprintf("instr(%s(%s), %s) > 0", fold, f.expr, sb.Var(foldText(value)))
	case KindDateFrom:
		return sb.GreaterEqualThan(f.expr, value)
	case KindDateTo:
		return sb.LessEqualThan(f.expr, value)
	case KindStatus:
		return fmt.Sprintf("instr(%s, %s) > 0", f.expr, sb.Var(value))
	case kindMass:
		return fmt.Sprintf("(EXISTS (SELECT 1 FROM channel_members c WHERE c.set_id = i.channel_set_id AND c.mass = %s)"+
			" OR EXISTS (SELECT 1 FROM conjugates c WHERE c.panel_id = pl.id AND c.mass = %s))", sb.Var(value), sb.Var(value))
	case kindTarget:
		text := sb.Var(foldText(value))
		return fmt.Sprintf("(EXISTS (SELECT 1 FROM channel_members c WHERE c.set_id = i.channel_set_id AND instr(%[1]s(c.name), %[2]s) > 0)"+
			" OR EXISTS (SELECT 1 FROM conjugates c WHERE c.panel_id = pl.id AND instr(%[1]s(c.target), %[2]s) > 0))", fold, text)
	}
	return sb.Equal(f.expr, value)
}

// text and field shorten the tables of fields.
func text(expr string) Field { return Field{Kind: KindText, Order: true, Filter: true, expr: expr} }

func field(kind Kind, expr string) Field {
	return Field{Kind: kind, Order: true, Filter: true, expr: expr}
}

func (f Field) via(join string) Field { f.join = join; return f }

func (f Field) noOrder() Field { f.Order = false; return f }

// wrap adds the subject to an error, but leaves those that callers tell apart.
func wrap(err error, format string, args ...any) error {
	if err == nil || errors.Is(err, ErrNotFound) || errors.Is(err, ErrField) || errors.Is(err, ErrConflict) {
		return err
	}
	return fmt.Errorf("%s: %w", fmt.Sprintf(format, args...), err)
}
