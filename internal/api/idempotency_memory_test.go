package api_test

import (
	"net/http"
	"runtime"
	"testing"
	"time"

	"github.com/openmibi/openmibi/internal/store"
)

// A kept answer is not held in memory while its repetition arrives. It runs
// alone: it measures the process.
func TestKeptAnswerWaitsForTheBody(t *testing.T) { //nolint:paralleltest // see above
	const size = 32 << 20
	s := newServer(t)
	q := jsonPOST(s.alice, "/slides/", `{"name": "x"}`, "k")
	s.ask(t, q).want(t, http.StatusCreated)
	k := store.AnswerKey{AccountID: s.alice.id, Route: q.path, Key: "k"}
	first, err := s.store.Answer(t.Context(), k, time.Now())
	must(t, err)
	must(t, s.store.Write(t.Context(), func(tx *store.Tx) error {
		k.Key = "large"
		id, err := tx.ClaimAnswer(t.Context(), k, first.Asked, time.Now(), time.Now().Add(time.Hour))
		if err != nil {
			return err
		}
		return tx.KeepAnswer(t.Context(), id, first.Status, first.ContentType, make([]byte, size))
	}))
	q.keys = []string{k.Key}
	before := heap()
	w := s.ending(t, q, func() {
		if took := heap() - before; took > size/2 {
			t.Errorf("%d bytes are held while the body arrives", took)
		}
	})
	if w.Code != http.StatusCreated || w.Body.Len() != size {
		t.Errorf("%d, %d bytes", w.Code, w.Body.Len())
	}
}

func heap() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}
