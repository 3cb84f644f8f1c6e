package cli

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// proposed is what a shell is told that asks for a completion.
func proposed(t *testing.T, url string, line ...string) []string {
	t.Helper()
	token := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(token, []byte("some-token"), 0o600); err != nil {
		t.Fatal(err)
	}
	var out, said bytes.Buffer
	args := append([]string{"__complete", "--url", url, "--token-file", token}, line...)
	if code := run(t.Context(), args, Streams{In: strings.NewReader(""), Out: &out, Err: &said}); code != 0 {
		t.Errorf("exit code %d", code)
	}
	if text := said.String(); strings.Contains(text, "some-token") || strings.Contains(text, "level=") {
		t.Errorf("it says %q", text)
	}
	words := strings.Split(strings.TrimSpace(out.String()), "\n")
	return words[:len(words)-1] // the last line is for the shell
}

// requests are those that came, but the check of the token.
type requests struct{ reads, writes atomic.Int64 }

// backend answers lists of runs, and counts what it is asked for.
func backend(t *testing.T, runs http.HandlerFunc) (url string, asked *requests) {
	t.Helper()
	asked = &requests{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.Method {
		case http.MethodOptions:
			return
		case http.MethodGet:
			asked.reads.Add(1)
		default:
			asked.writes.Add(1)
		}
		runs(w, r)
	}))
	t.Cleanup(server.Close)
	return server.URL, asked
}

// pageOf is a page of so many runs, with another one after it.
func pageOf(w http.ResponseWriter, r *http.Request, n int) {
	var runs []map[string]any
	for i := range n {
		runs = append(runs, map[string]any{"id": i + 1, "label": fmt.Sprintf("run-%s-%d", r.URL.Query().Get("offset"), i)})
	}
	_ = json.NewEncoder(w).Encode(map[string]any{"count": 1 << 20, "next": "http://" + r.Host + "/runs/?limit=1", "results": runs})
}

// What came before the server fell silent is proposed.
func TestCompletionOfAPart(t *testing.T) {
	t.Parallel()
	over := make(chan struct{})
	url, _ := backend(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Get("offset") != "0" {
			select {
			case <-r.Context().Done():
			case <-over:
			}
			return
		}
		pageOf(w, r, 25)
	})
	t.Cleanup(func() { close(over) })
	began := time.Now()
	if words := proposed(t, url, "run", "view", ""); len(words) != 25 || words[0] != "run-0-0" {
		t.Errorf("proposed %q", words)
	}
	if took := time.Since(began); took < completeTime || took > 8*time.Second {
		t.Errorf("it took %v", took)
	}
}

// A list without an end is not read to it, and a busy server is asked once.
func TestCompletionAsksLittle(t *testing.T) {
	t.Parallel()
	url, asked := backend(t, func(w http.ResponseWriter, r *http.Request) { pageOf(w, r, 100) })
	if words := proposed(t, url, "run", "view", "run"); len(words) != maxProposed {
		t.Errorf("%d words", len(words))
	}
	if n := asked.reads.Load(); n != maxProposed/100 {
		t.Errorf("%d pages were asked for", n)
	}
	url, asked = backend(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", "1")
		w.WriteHeader(http.StatusServiceUnavailable)
	})
	if words := proposed(t, url, "run", "view", ""); len(words) != 0 {
		t.Errorf("proposed %q", words)
	}
	if reads, writes := asked.reads.Load(), asked.writes.Load(); reads != 1 || writes != 0 {
		t.Errorf("%d reads, %d writes", reads, writes)
	}
}

// Nothing that a server says becomes more than a word on a line.
func TestCompletionOfHostileNames(t *testing.T) {
	t.Parallel()
	labels := []string{"a\nrm -rf", "b\tc", "d\x1b[2J", "", " spaced ", "it's $(date)", "Ünï", "twice", "twice"}
	url, _ := backend(t, func(w http.ResponseWriter, _ *http.Request) {
		var runs []map[string]any
		for _, label := range labels {
			runs = append(runs, map[string]any{"label": label, "name": "red\x1b[31m\nalert"})
		}
		_ = json.NewEncoder(w).Encode(map[string]any{"results": runs})
	})
	want := []string{"it's $(date)", "Ünï", "twice"}
	words := proposed(t, url, "run", "view", "")
	if len(words) != len(want) {
		t.Fatalf("proposed %q", words)
	}
	for i, word := range words {
		if wordOf(word) != want[i] || strings.Contains(word, "\x1b") {
			t.Errorf("proposed %q, want %q", word, want[i])
		}
	}
	if words := proposed(t, url, "run", "view", "ünÏ"); len(words) != 1 || wordOf(words[0]) != "Ünï" {
		t.Errorf("in another case: %q", words)
	}
}
