package ingest

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/openmibi/openmibi/internal/store"
)

// Answers that have expired go, however many they are; the others stay.
func TestSweepAnswers(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	ctx, now := t.Context(), time.Now()
	key := func(i int) store.AnswerKey {
		return store.AnswerKey{AccountID: l.Ann.ID, Route: "/runs/", Key: fmt.Sprint(i)}
	}
	const expired = 2*sweepBatch + 1
	err := l.Store.Write(ctx, func(tx *store.Tx) error {
		for i := range expired + 1 {
			expires := now.Add(-time.Minute)
			if i == expired {
				expires = now.Add(time.Minute)
			}
			if _, err := tx.ClaimAnswer(ctx, key(i), store.Asked{}, now.Add(-time.Hour), expires); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := l.ingest(nil).SweepOnce(ctx, now); err != nil {
		t.Fatal(err)
	}
	for i := range expired {
		// Asked as of a time before it has expired, an answer shows if it is there.
		if _, err := l.Store.Answer(ctx, key(i), now.Add(-time.Hour)); !errors.Is(err, store.ErrNotFound) {
			t.Fatalf("answer %d is still there: %v", i, err)
		}
	}
	if _, err := l.Store.Answer(ctx, key(expired), now); err != nil {
		t.Errorf("the living answer: %v", err)
	}
}
