package storetest

import (
	"context"
	"errors"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/openmibi/openmibi/internal/store"
)

// answer claims a key and keeps an answer in one transaction.
func answer(ctx context.Context, s *store.Store, k store.AnswerKey, body string, now time.Time) error {
	return s.Write(ctx, func(tx *store.Tx) error {
		claim, err := tx.ClaimAnswer(ctx, k, store.Asked{SHA256: "hash of " + body, Size: 3}, now, now.Add(time.Hour))
		if err != nil {
			return err
		}
		return tx.KeepAnswer(ctx, claim, 201, "text/plain", []byte(body))
	})
}

func testAnswers(ctx context.Context, t *testing.T, lab Lab) {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	k := store.AnswerKey{AccountID: lab.Ann.ID, Route: "/runs/", Key: "key"}
	if _, err := lab.Store.Answer(ctx, k, now); !errors.Is(err, store.ErrNotFound) {
		t.Fatalf("before it was asked: %v", err)
	}
	must(t, answer(ctx, lab.Store, k, "first\x00\xff", now))
	others := []store.AnswerKey{
		{AccountID: lab.Bob.ID, Route: k.Route, Key: k.Key},
		{AccountID: k.AccountID, Route: "/images/", Key: k.Key},
		{AccountID: k.AccountID, Route: k.Route, Key: "KEY"},
	}
	for i, other := range others {
		if _, err := lab.Store.Answer(ctx, other, now); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("%+v finds another's answer: %v", other, err)
		}
		must(t, answer(ctx, lab.Store, other, "other "+strconv.Itoa(i), now))
	}
	if err := answer(ctx, lab.Store, k, "second", now.Add(time.Hour-time.Second)); !errors.Is(err, store.ErrConflict) {
		t.Errorf("a second answer: %v", err)
	}
	got, err := lab.Store.Answer(ctx, k, now.Add(time.Hour-time.Second))
	must(t, err)
	if got.Status != 201 || got.ContentType != "text/plain" || string(got.Body) != "first\x00\xff" || got.SHA256 != "hash of first\x00\xff" || got.Size != 3 {
		t.Errorf("kept: %+v", got)
	}
	// What has expired is not there, swept or not, and its key is free.
	if _, err := lab.Store.Answer(ctx, k, now.Add(time.Hour)); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("after it has expired: %v", err)
	}
	must(t, answer(ctx, lab.Store, k, "afresh", now.Add(time.Hour)))
	if got, err = lab.Store.Answer(ctx, k, now.Add(time.Hour)); err != nil || string(got.Body) != "afresh" {
		t.Errorf("afresh: %+v, %v", got, err)
	}
	// Sweeping takes what has expired, a batch at a time, and nothing else.
	for i, want := range []int64{2, 1, 0} {
		must(t, lab.Store.Write(ctx, func(tx *store.Tx) error {
			n, err := tx.ForgetAnswers(ctx, now.Add(time.Hour), 2)
			if n != want {
				t.Errorf("sweep %d took %d, want %d", i, n, want)
			}
			return err
		}))
	}
	if _, err := lab.Store.Answer(ctx, others[0], now); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("an expired answer was not swept: %v", err)
	}
	if _, err := lab.Store.Answer(ctx, k, now.Add(time.Hour)); err != nil {
		t.Errorf("the living one was swept: %v", err)
	}
}

// What a transaction did goes with its claim, and the claim with what it did.
func testAnswerUndone(ctx context.Context, t *testing.T, lab Lab) {
	now := time.Now()
	k := store.AnswerKey{AccountID: lab.Ann.ID, Route: "/runs/", Key: "key"}
	failure := errors.New("undo this")
	err := lab.Store.Write(ctx, func(tx *store.Tx) error {
		claim, err := tx.ClaimAnswer(ctx, k, store.Asked{}, now, now.Add(time.Hour))
		must(t, err)
		must(t, tx.KeepAnswer(ctx, claim, 200, "", nil))
		return failure
	})
	if !errors.Is(err, failure) {
		t.Fatal(err)
	}
	if _, err := lab.Store.Answer(ctx, k, now); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("an answer of what was undone: %v", err)
	}
	must(t, answer(ctx, lab.Store, k, "again", now))
}

// Of many that write under one key at once, one does it.
func testAnswerOnce(ctx context.Context, t *testing.T, lab Lab) {
	now := time.Now()
	k := store.AnswerKey{AccountID: lab.Ann.ID, Route: "/runs/", Key: "key"}
	var done, refused atomic.Int64
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			switch err := answer(ctx, lab.Store, k, strconv.Itoa(i), now); {
			case err == nil:
				done.Add(1)
			case errors.Is(err, store.ErrConflict):
				refused.Add(1)
			default:
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if done.Load() != 1 || refused.Load() != 7 {
		t.Errorf("%d did it, %d were refused", done.Load(), refused.Load())
	}
}
