package storetest

import (
	"context"
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/openmibi/openmibi/internal/model"
	"github.com/openmibi/openmibi/internal/store"
)

// do runs one change.
func do(ctx context.Context, t *testing.T, lab Lab, f func(*store.Tx) error) {
	t.Helper()
	must(t, lab.Store.Write(ctx, f))
}

func account(ctx context.Context, t *testing.T, lab Lab, id int64) model.Account {
	t.Helper()
	a, err := lab.Store.Account(ctx, id)
	must(t, err)
	return a
}

func testAccounts(ctx context.Context, t *testing.T, lab Lab) {
	now := time.Date(2026, 3, 1, 12, 0, 0, 500_000_000, time.UTC)
	name := "Ann Other"
	do(ctx, t, lab, func(tx *store.Tx) error {
		return errors.Join(tx.SetName(ctx, lab.Ann.ID, &name), tx.SetEmail(ctx, lab.Ann.ID, "Ann.Other@example.org"),
			tx.NoteLogins(ctx, map[int64]time.Time{lab.Ann.ID: now}))
	})
	a := account(ctx, t, lab, lab.Ann.ID)
	if a.Name == nil || *a.Name != name || a.Email != "ann.other@example.org" || a.LastLoginAt == nil || !a.LastLoginAt.Equal(now) ||
		!a.TokensFrom.IsZero() || !a.Active || a.Admin || a.CreatedAt.IsZero() {
		t.Errorf("changed: %+v", a)
	}
	var conflict *store.ConflictError
	err := lab.Store.Write(ctx, func(tx *store.Tx) error { return tx.SetEmail(ctx, lab.Ann.ID, "BOB@example.org") })
	if !errors.As(err, &conflict) || conflict.Field != "email" {
		t.Errorf("a taken address: %v", err)
	}
	do(ctx, t, lab, func(tx *store.Tx) error {
		return errors.Join(tx.SetName(ctx, lab.Ann.ID, nil), tx.SetActive(ctx, lab.Bob.ID, false, now))
	})
	if a := account(ctx, t, lab, lab.Ann.ID); a.Name != nil {
		t.Errorf("the name stays: %q", *a.Name)
	}
	for _, tt := range []struct {
		viewer store.Viewer
		query  store.Query
		want   []int64
	}{
		{lab.Admin, store.Query{}, []int64{lab.Admin.ID, lab.Ann.ID}},
		{lab.Admin, store.Query{Inactive: true}, []int64{lab.Bob.ID}},
		{lab.Admin, store.Query{Conds: []store.Cond{{Field: "email", Values: []any{"ANN.other@EXAMPLE.org"}}}}, []int64{lab.Ann.ID}},
		{lab.Admin, store.Query{Conds: []store.Cond{{Field: "is_admin", Values: []any{true}}}}, []int64{lab.Admin.ID}},
		{lab.Admin, store.Query{Order: []store.Order{{Field: "email"}}}, []int64{lab.Ann.ID, lab.Admin.ID}},
		{lab.Ann, store.Query{}, []int64{lab.Ann.ID}},
		{lab.Ann, store.Query{Inactive: true}, []int64{}},
	} {
		ids, err := store.AccountListing().IDs(ctx, lab.Store.Queries, tt.viewer, tt.query)
		must(t, err)
		n, err := store.AccountListing().Count(ctx, lab.Store.Queries, tt.viewer, tt.query)
		must(t, err)
		if !slices.Equal(ids, tt.want) || int(n) != len(tt.want) {
			t.Errorf("%+v: %v, %d; want %v", tt.query, ids, n, tt.want)
		}
	}
}

// testTokensFrom: what ends tokens moves their beginning to a later whole
// second, every time.
func testTokensFrom(ctx context.Context, t *testing.T, lab Lab) {
	at := time.Date(2026, 3, 1, 12, 0, 0, 999_000_000, time.UTC)
	second := at.Truncate(time.Second)
	steps := []struct {
		what string
		do   func(*store.Tx) error
		want time.Time
	}{
		{"password", func(tx *store.Tx) error { return tx.SetPassword(ctx, lab.Ann.ID, "hash 1", at) }, second.Add(1 * time.Second)},
		{"again at once", func(tx *store.Tx) error { return tx.SetPassword(ctx, lab.Ann.ID, "hash 2", at) }, second.Add(2 * time.Second)},
		{"log out", func(tx *store.Tx) error { return tx.EndTokens(ctx, lab.Ann.ID, at) }, second.Add(3 * time.Second)},
		{"disable", func(tx *store.Tx) error { return tx.SetActive(ctx, lab.Ann.ID, false, at) }, second.Add(4 * time.Second)},
		{"enable", func(tx *store.Tx) error { return tx.SetActive(ctx, lab.Ann.ID, true, at) }, second.Add(4 * time.Second)},
		{"name", func(tx *store.Tx) error { return tx.SetName(ctx, lab.Ann.ID, nil) }, second.Add(4 * time.Second)},
		{"an hour later", func(tx *store.Tx) error { return tx.EndTokens(ctx, lab.Ann.ID, at.Add(time.Hour)) }, second.Add(time.Hour + time.Second)},
		{"by a clock gone back", func(tx *store.Tx) error { return tx.EndTokens(ctx, lab.Ann.ID, at) }, second.Add(time.Hour + 2*time.Second)},
	}
	for _, step := range steps {
		do(ctx, t, lab, step.do)
		if a := account(ctx, t, lab, lab.Ann.ID); !a.TokensFrom.Equal(step.want) {
			t.Errorf("%s: tokens from %v, want %v", step.what, a.TokensFrom, step.want)
		}
	}
	if a := account(ctx, t, lab, lab.Ann.ID); a.PasswordHash != "hash 2" || !a.Active {
		t.Errorf("after all: %+v", a)
	}
	for what, f := range map[string]func(*store.Tx) error{
		"password": func(tx *store.Tx) error { return tx.SetPassword(ctx, 999, "x", at) },
		"tokens":   func(tx *store.Tx) error { return tx.EndTokens(ctx, 999, at) },
		"active":   func(tx *store.Tx) error { return tx.SetActive(ctx, 999, false, at) },
		"admin":    func(tx *store.Tx) error { return tx.SetAdmin(ctx, 999, false) },
		"key":      func(tx *store.Tx) error { return tx.RevokeKey(ctx, 999, at) },
	} {
		if err := lab.Store.Write(ctx, f); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("%s of nobody: %v", what, err)
		}
	}
}

func testLastAdmin(ctx context.Context, t *testing.T, lab Lab) {
	now := time.Now()
	demote := func(id int64) func(*store.Tx) error {
		return func(tx *store.Tx) error { return tx.SetAdmin(ctx, id, false) }
	}
	disable := func(id int64) func(*store.Tx) error {
		return func(tx *store.Tx) error { return tx.SetActive(ctx, id, false, now) }
	}
	for _, f := range []func(*store.Tx) error{demote(lab.Admin.ID), disable(lab.Admin.ID)} {
		if err := lab.Store.Write(ctx, f); !errors.Is(err, store.ErrLastAdmin) {
			t.Errorf("the last administrator: %v", err)
		}
	}
	// A disabled administrator is no other one.
	do(ctx, t, lab, func(tx *store.Tx) error { return tx.SetAdmin(ctx, lab.Ann.ID, true) })
	do(ctx, t, lab, disable(lab.Ann.ID))
	if err := lab.Store.Write(ctx, disable(lab.Admin.ID)); !errors.Is(err, store.ErrLastAdmin) {
		t.Errorf("beside a disabled one: %v", err)
	}
	do(ctx, t, lab, demote(lab.Ann.ID)) // it does not count any more
	// Neither is one who was invited and has no password yet, once there is one
	// who has.
	var invited int64
	do(ctx, t, lab, func(tx *store.Tx) (err error) {
		invited, err = tx.AddAccount(ctx, "invited@example.org", "", true)
		return errors.Join(err, tx.SetPassword(ctx, lab.Admin.ID, "a hash", now))
	})
	for _, f := range []func(*store.Tx) error{demote(lab.Admin.ID), disable(lab.Admin.ID)} {
		if err := lab.Store.Write(ctx, f); !errors.Is(err, store.ErrLastAdmin) {
			t.Errorf("beside an invited one: %v", err)
		}
	}
	do(ctx, t, lab, disable(invited)) // nobody misses it
	do(ctx, t, lab, disable(lab.Bob.ID))
	do(ctx, t, lab, func(tx *store.Tx) error {
		return errors.Join(tx.SetActive(ctx, lab.Bob.ID, true, now), tx.SetAdmin(ctx, lab.Bob.ID, true))
	})
	do(ctx, t, lab, disable(lab.Admin.ID))
	if err := lab.Store.Write(ctx, demote(lab.Bob.ID)); !errors.Is(err, store.ErrLastAdmin) {
		t.Errorf("the one that is left: %v", err)
	}
}

func testKeys(ctx context.Context, t *testing.T, lab Lab) {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	later := now.Add(time.Hour)
	ids := map[string]int64{}
	for _, k := range []model.APIKey{
		{AccountID: lab.Ann.ID, Name: "one", Scope: model.ScopeRead, SecretSHA256: "s1", CreatedAt: now},
		{AccountID: lab.Ann.ID, Name: "two", Scope: model.ScopeWrite, SecretSHA256: "s2", CreatedAt: now, ExpiresAt: &later},
		{AccountID: lab.Bob.ID, Name: "bob's", Scope: model.ScopeUpload, SecretSHA256: "s3", CreatedAt: now},
	} {
		do(ctx, t, lab, func(tx *store.Tx) (err error) {
			ids[k.Name], err = tx.AddKey(ctx, k)
			return err
		})
	}
	two, err := lab.Store.Key(ctx, ids["two"])
	must(t, err)
	if two.AccountID != lab.Ann.ID || two.AccountEmail != "ann@example.org" || two.Scope != model.ScopeWrite || two.SecretSHA256 != "s2" ||
		!two.CreatedAt.Equal(now) || two.ExpiresAt == nil || !two.ExpiresAt.Equal(later) || two.LastUsedAt != nil || two.RevokedAt != nil {
		t.Errorf("kept: %+v", two)
	}
	if !two.Alive(later.Add(-time.Second)) || two.Alive(later) {
		t.Error("it does not end when it should")
	}
	do(ctx, t, lab, func(tx *store.Tx) error {
		return errors.Join(tx.NoteKeyUses(ctx, map[int64]time.Time{ids["one"]: later, 999: later}), tx.RevokeKey(ctx, ids["one"], later))
	})
	do(ctx, t, lab, func(tx *store.Tx) error { return tx.RevokeKey(ctx, ids["one"], later.Add(time.Hour)) })
	one, err := lab.Store.Key(ctx, ids["one"])
	must(t, err)
	if one.Active || one.Alive(now) || one.RevokedAt == nil || !one.RevokedAt.Equal(later) || one.LastUsedAt == nil || !one.LastUsedAt.Equal(later) {
		t.Errorf("revoked: %+v", one)
	}
	list := func(v store.Viewer, q store.Query) []int64 {
		got, err := store.KeyListing().IDs(ctx, lab.Store.Queries, v, q)
		must(t, err)
		rows, err := store.KeyListing().Load(ctx, lab.Store.Queries, v, got)
		must(t, err)
		if len(rows) != len(got) {
			t.Errorf("%d rows of %d", len(rows), len(got))
		}
		return got
	}
	for _, tt := range []struct {
		viewer store.Viewer
		query  store.Query
		want   []int64
	}{
		{lab.Ann, store.Query{}, []int64{ids["two"]}},
		{lab.Ann, store.Query{Inactive: true}, []int64{ids["one"]}},
		{lab.Bob, store.Query{}, []int64{ids["bob's"]}},
		{lab.Ann, store.Query{Conds: []store.Cond{{Field: "user", Values: []any{lab.Bob.ID}}}}, []int64{}},
		{lab.Admin, store.Query{}, []int64{ids["bob's"], ids["two"]}},
		{lab.Admin, store.Query{Conds: []store.Cond{{Field: "user", Values: []any{lab.Bob.ID}}}}, []int64{ids["bob's"]}},
		{lab.Admin, store.Query{Conds: []store.Cond{{Field: "scope", Values: []any{"write"}}}}, []int64{ids["two"]}},
	} {
		if got := list(tt.viewer, tt.query); !slices.Equal(got, tt.want) {
			t.Errorf("%+v %+v: %v, want %v", tt.viewer, tt.query, got, tt.want)
		}
	}
	// Disabling ends the keys, and enabling does not bring them back.
	do(ctx, t, lab, func(tx *store.Tx) error { return tx.SetActive(ctx, lab.Ann.ID, false, now) })
	do(ctx, t, lab, func(tx *store.Tx) error { return tx.SetActive(ctx, lab.Ann.ID, true, now) })
	if got := list(lab.Ann, store.Query{}); len(got) != 0 {
		t.Errorf("keys after disabling: %v", got)
	}
	if got := list(lab.Bob, store.Query{}); len(got) != 1 {
		t.Errorf("another's keys after disabling: %v", got)
	}
}

func testLinks(ctx context.Context, t *testing.T, lab Lab) {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	add := func(id int64, kind model.LinkKind, token string) (expires time.Time) {
		do(ctx, t, lab, func(tx *store.Tx) (err error) {
			expires, err = tx.AddLink(ctx, id, kind, token, now)
			return err
		})
		return expires
	}
	use := func(token string, at time.Time) error {
		return lab.Store.Write(ctx, func(tx *store.Tx) error {
			_, err := tx.UseLink(ctx, token, "hash by "+token, at)
			return err
		})
	}
	for kind, lasts := range map[model.LinkKind]time.Duration{model.LinkInvite: 7 * 24 * time.Hour, model.LinkReset: 24 * time.Hour} {
		if expires := add(lab.Ann.ID, kind, "t-"+string(kind)); !expires.Equal(now.Add(lasts)) {
			t.Errorf("%s: until %v", kind, expires)
		}
		if _, err := lab.Store.Link(ctx, "t-"+string(kind), now.Add(lasts)); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("%s: after its time: %v", kind, err)
		}
		if err := use("t-"+string(kind), now.Add(lasts)); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("%s: used after its time: %v", kind, err)
		}
		if l, err := lab.Store.Link(ctx, "t-"+string(kind), now.Add(lasts-time.Second)); err != nil || l.AccountID != lab.Ann.ID || l.Kind != kind {
			t.Errorf("%s: %+v, %v", kind, l, err)
		}
	}
	add(lab.Ann.ID, model.LinkReset, "old")
	add(lab.Bob.ID, model.LinkReset, "bob")
	add(lab.Ann.ID, model.LinkReset, "new")
	if err := use("old", now); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("a link that was replaced: %v", err)
	}
	must(t, use("new", now))
	if a := account(ctx, t, lab, lab.Ann.ID); a.PasswordHash != "hash by new" || !a.TokensFrom.Equal(now.Add(time.Second)) {
		t.Errorf("after its use: %+v", a)
	}
	if err := use("new", now); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("a second use: %v", err)
	}
	// A new password, and disabling, end what is under way; another's stays.
	add(lab.Ann.ID, model.LinkReset, "p")
	do(ctx, t, lab, func(tx *store.Tx) error { return tx.SetPassword(ctx, lab.Ann.ID, "x", now) })
	add(lab.Admin.ID, model.LinkReset, "a")
	if err := use("p", now); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("after another password: %v", err)
	}
	must(t, use("bob", now))
	add(lab.Bob.ID, model.LinkReset, "d")
	do(ctx, t, lab, func(tx *store.Tx) error { return tx.SetActive(ctx, lab.Bob.ID, false, now) })
	if err := use("d", now); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("of a disabled account: %v", err)
	}
}

// Of many that use a link at once, one does.
func testLinkOnce(ctx context.Context, t *testing.T, lab Lab) {
	now := time.Now()
	do(ctx, t, lab, func(tx *store.Tx) error {
		_, err := tx.AddLink(ctx, lab.Ann.ID, model.LinkReset, "token", now)
		return err
	})
	var done, refused atomic.Int64
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			err := lab.Store.Write(ctx, func(tx *store.Tx) error {
				_, err := tx.UseLink(ctx, "token", "hash "+string(rune('0'+i)), now)
				return err
			})
			switch {
			case err == nil:
				done.Add(1)
			case errors.Is(err, store.ErrNotFound):
				refused.Add(1)
			default:
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if done.Load() != 1 || refused.Load() != 7 {
		t.Errorf("%d used it, %d were refused", done.Load(), refused.Load())
	}
}
