package store

import (
	"context"
	"fmt"
	"path/filepath"
	"testing"
)

// BenchmarkAuditPages reads pages of a record of a million lines.
func BenchmarkAuditPages(b *testing.B) {
	ctx := b.Context()
	s, err := Open(ctx, filepath.Join(b.TempDir(), "bench.db"))
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	if err := s.Write(ctx, fillAudit(ctx, 1_000_000)); err != nil {
		b.Fatal(err)
	}
	cond := func(field string, values ...any) Cond { return Cond{Field: field, Values: values} }
	for _, test := range []struct {
		name  string
		query Query
	}{
		{"first page", Query{}},
		{"offset 900000", Query{Offset: 900_000}},
		{"oldest first", Query{Order: []Order{{Field: "at"}}}},
		{"by id, offset 900000", Query{Order: []Order{{Field: "id"}}, Offset: 900_000}},
		{"one object", Query{Conds: []Cond{cond("kind", "image"), cond("object", int64(777))}}},
		{"kind image", Query{Conds: []Cond{cond("kind", "image")}}},
		{"kind tissue", Query{Conds: []Cond{cond("kind", "tissue")}}},
		{"account", Query{Conds: []Cond{cond("account", int64(2))}}},
		{"action", Query{Conds: []Cond{cond("action", "delete")}}},
		{"one day", Query{Conds: []Cond{cond("from", "2024-06-01"), cond("to", "2024-06-01")}}},
		{"one year", Query{Conds: []Cond{cond("from", "2024-01-01"), cond("to", "2024-12-31")}}},
		{"kind and action", Query{Conds: []Cond{cond("kind", "image"), cond("action", "delete")}}},
		{"account in a month", Query{Conds: []Cond{cond("account", int64(2)), cond("from", "2024-06-01"), cond("to", "2024-06-30")}}},
		{"an object's own", Query{}},
	} {
		b.Run(test.name, func(b *testing.B) {
			test.query.Limit = 10
			var src interface {
				IDs(context.Context, *Queries, Viewer, Query) ([]int64, error)
				Count(context.Context, *Queries, Viewer, Query) (int64, error)
			} = AuditListing{}
			if test.name == "an object's own" {
				src = ObjectAudit{Kind: KindImage, ID: 777, Owned: Owned{Creator: 2}}
			}
			for b.Loop() {
				ids, err := src.IDs(ctx, s.Queries, Viewer{ID: 2}, test.query)
				if err != nil {
					b.Fatal(err)
				}
				n, err := src.Count(ctx, s.Queries, Viewer{ID: 2}, test.query)
				if err != nil || n == 0 || len(ids) == 0 {
					b.Fatal(n, len(ids), err)
				}
				if _, err := (AuditListing{}).Load(ctx, s.Queries, Viewer{}, ids); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// fillAudit writes n lines: mostly of images, by three people, over three years.
func fillAudit(ctx context.Context, n int) func(*Tx) error {
	return func(t *Tx) error {
		for i := range 3 {
			if _, err := t.AddAccount(ctx, fmt.Sprintf("%d@example.org", i), "", false); err != nil {
				return err
			}
		}
		_, err := t.exec(ctx, `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < $1)
			INSERT INTO audit (at, action, kind, object_id, account_id, actor, before, after)
			SELECT strftime('%Y-%m-%dT%H:%M:%S.000000Z', '2023-01-01', '+' || (i * 94) || ' seconds'),
			CASE WHEN i % 50 = 0 THEN 'delete' WHEN i % 7 = 0 THEN 'create' ELSE 'change' END,
			CASE WHEN i % 1000 = 0 THEN 'tissue' WHEN i % 20 = 0 THEN 'run' ELSE 'image' END,
			i * 7919 % 100003, 1 + i % 3, '1@example.org', '{"description":null}', '{"description":"what was seen, in some words"}' FROM n`, n)
		return err
	}
}
