package mibitracker_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// stageAnswer is one canned answer of a stage.
type stageAnswer struct {
	on     string            // "METHOD /path", at storage "METHOD storage/path"
	query  map[string]string // which must be so; others may be there
	times  int               // it is given so often; 0 means always
	status int               // 0 means 200, goldenBroken no answer at all
	body   any               // a text, bytes that can be asked for by ranges, or JSON
	header map[string]string
}

// goldenBroken ends the connection without an answer.
const goldenBroken = -1

// stage is a backend and its storage, on two hosts, that answer what they
// were told and record what they were asked.
type stage struct {
	api, storage *httptest.Server

	mu      sync.Mutex
	answers []stageAnswer
	given   []int
	seen    []wireRequest
}

func newStage(t *testing.T, answers []stageAnswer) *stage {
	t.Helper()
	s := &stage{answers: slices.Concat(answers, sessionAnswers)}
	s.given = make([]int, len(s.answers))
	s.api = httptest.NewServer(s.handler("api", ""))
	s.storage = httptest.NewServer(s.handler("storage", "storage"))
	t.Cleanup(s.api.Close)
	t.Cleanup(s.storage.Close)
	return s
}

func (s *stage) handler(server, prefix string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		seen, err := recordRequest(server, r)
		s.mu.Lock()
		defer s.mu.Unlock()
		s.seen = append(s.seen, seen)
		if err != nil {
			reply(w, 599, map[string]string{"detail": "the recorder cannot read this: " + err.Error()})
			return
		}
		for i, a := range s.answers {
			if a.on != r.Method+" "+prefix+r.URL.Path || a.times > 0 && s.given[i] >= a.times {
				continue
			}
			query := r.URL.Query()
			differs := func(name string) bool { return query.Get(name) != a.query[name] }
			if slices.ContainsFunc(slices.Collect(maps.Keys(a.query)), differs) {
				continue
			}
			s.given[i]++
			s.give(w, r, a)
			return
		}
		reply(w, 404, map[string]string{"detail": "Not found."})
	})
}

func (s *stage) give(w http.ResponseWriter, r *http.Request, a stageAnswer) {
	for name, value := range a.header {
		w.Header().Set(name, s.hosts(value))
	}
	if a.status == goldenBroken {
		panic(http.ErrAbortHandler)
	}
	status := max(a.status, 200)
	switch body := a.body.(type) {
	case nil:
		w.WriteHeader(status)
	case string:
		text(w, status, body)
	case []byte:
		w.Header().Set("ETag", fmt.Sprintf(`"%x"`, sha256.Sum256(body)))
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(body))
	default:
		raw, err := json.Marshal(body)
		if err != nil {
			raw = []byte(err.Error())
		}
		w.Header().Set("Content-Type", "application/json")
		text(w, status, s.hosts(string(raw)))
	}
}

// hosts puts in the addresses, which are known only once the servers run.
func (s *stage) hosts(text string) string {
	return strings.NewReplacer("{api}", s.api.URL, "{storage}", s.storage.URL).Replace(text)
}

func (s *stage) requests() []wireRequest {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]wireRequest{}, s.seen...)
}
