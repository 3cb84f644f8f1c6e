package transfer

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/openmibi/openmibi/mibitracker"
)

func planPush(t *testing.T, b *pushBackend, o PushOptions, paths ...string) *PushPlan {
	t.Helper()
	p, err := PlanPush(t.Context(), b.client(t), b.run(), paths, o)
	if err != nil {
		t.Fatal(err)
	}
	p.patience = patience{first: time.Millisecond, longest: time.Millisecond, total: 50 * time.Millisecond}
	return p
}

// Where a backend tells neither hashes nor sizes, what is available is skipped,
// and that is said.
func TestPushWithoutHashes(t *testing.T) {
	t.Parallel()
	b := newPushBackend(t, 3)
	dir := pushFolder(t, 3)
	var done atomic.Int64
	o := PushOptions{Wait: true, Events: func(e Event) {
		if e.Kind == Done && e.Moved == e.Total {
			done.Add(1)
		}
	}}
	p := planPush(t, b, o, dir)
	if files, bytes, replaces, skipped := p.Totals(); files != 3 || bytes < 1000 || replaces != 0 || skipped != 0 {
		t.Errorf("%d files of %d bytes, %d, %d", files, bytes, replaces, skipped)
	}
	if n := b.count("GET images"); n != 1 {
		t.Errorf("%d listings", n)
	}
	r, err := p.Run(t.Context())
	if err != nil || states(r.Files) != "available available available" || len(r.Failures) != 0 || done.Load() != 3 || r.Run != "label" {
		t.Fatalf("%+v, %v", r, err)
	}
	p = planPush(t, b, o, dir)
	if states(p.Files) != "skipped skipped skipped" || p.Files[0].Unverified == "" || p.Files[0].SHA256 != "" {
		t.Errorf("%+v", p.Files)
	}
	if r, err = p.Run(t.Context()); err != nil || b.count("PUT put") != 3 {
		t.Errorf("%+v, %v", r, err)
	}
	o.Force = true
	if p = planPush(t, b, o, dir); states(p.Files) != "planned planned planned" || !p.Files[2].Replaces || p.Files[2].Unverified == "" {
		t.Errorf("%+v", p.Files)
	}
	// A size alone tells some of the files that are others.
	b.sizes = true
	if _, err := p.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	writePush(t, pushTIFF(t, "label", "P2/D", 9, "one", "three", "two"), dir, "P2.tiff")
	o.Force = false
	if p = planPush(t, b, o, dir); states(p.Files) != "skipped planned skipped" || !p.Files[1].Replaces || p.Files[1].Channels != 3 {
		t.Errorf("%+v", p.Files)
	}
}

// With hashes only other content is sent, whatever the files are called.
func TestPushByHash(t *testing.T) {
	t.Parallel()
	b := newPushBackend(t, 2)
	b.hash = true
	dir := pushFolder(t, 2)
	if _, err := planPush(t, b, PushOptions{}, dir).Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	writePush(t, pushTIFF(t, "name", "P1/D", 900), dir, "P1.tiff")
	looked := map[EventKind]int{}
	p := planPush(t, b, PushOptions{Jobs: 1, Planning: func(e Event) { looked[e.Kind]++ }}, dir)
	if looked[Started] != 2 || looked[Moved] != 2 || looked[Done] != 2 {
		t.Error(looked)
	}
	if states(p.Files) != "planned skipped" || !p.Files[0].Replaces || p.Files[1].Unverified != "" || len(p.Files[0].SHA256) != 64 {
		t.Errorf("%+v", p.Files)
	}
	r, err := p.Run(t.Context())
	if err != nil || states(r.Files) != "pushed skipped" || r.Bytes != r.Files[0].Size {
		t.Errorf("%+v, %v", r, err)
	}
	// An image with an error needs its file again, though the bytes are there.
	b.images[0]["status"] = []string{"E"}
	if p := planPush(t, b, PushOptions{}, dir); states(p.Files) != "planned skipped" {
		t.Errorf("%+v", p.Files)
	}
}

// One refusal that is every file's ends the push; one file's is its own.
func TestPushEndsEarly(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		call   string
		status int
		kind   error  // nil where the push goes on
		text   string // of the error
		tries  int    // requests of that call
		states string // of the 6 files
	}{
		{"GET upload_mibitiff", 401, mibitracker.ErrUnauthorized, "Log in", 1, "planned"},
		{"GET upload_mibitiff", 403, mibitracker.ErrForbidden, "may not push to run label", 1, "planned"},
		{"GET upload_mibitiff", 404, mibitracker.ErrNotFound, "not there any more", 1, "planned"},
		{"POST upload_mibitiff", 507, mibitracker.ErrServer, "no room", 1, "failed planned"},
		{"PUT put", 507, mibitracker.ErrServer, "no room", 1, "failed planned"},
		{"PUT put", 500, mibitracker.ErrServer, "3 files in a row", 3, "failed failed failed planned"},
		{"PUT put", 401, mibitracker.ErrLinkRefused, "clock", 2, "planned"},
		{"PUT put", 403, mibitracker.ErrLinkRefused, "clock", 2, "planned"},
		{"PUT put", 410, mibitracker.ErrLinkRefused, "clock", 2, "planned"},
		{"PUT put", 400, nil, "", 12, "failed failed failed failed failed failed"},
		{"PUT put", 413, nil, "", 6, "failed failed failed failed failed failed"},
		{"POST upload_mibitiff", 400, nil, "", 6, "failed failed failed failed failed failed"},
	} {
		b := newPushBackend(t, 6)
		b.first(func(w http.ResponseWriter, r *http.Request) bool {
			if strings.HasPrefix(c.call, r.Method+" ") && strings.HasPrefix(r.URL.Path, "/"+strings.Fields(c.call)[1]) {
				w.WriteHeader(c.status)
				return true
			}
			return false
		})
		p := planPush(t, b, PushOptions{Jobs: 1, Wait: true}, pushFolder(t, 6))
		r, err := p.Run(t.Context())
		what := fmt.Sprintf("%s: %d", c.call, c.status)
		var stopped *StoppedError
		if (c.kind == nil) != (err == nil) || c.kind != nil && (!errors.Is(err, c.kind) || !strings.Contains(err.Error(), c.text) ||
			!errors.As(err, &stopped) || stopped.Untried != strings.Count(states(r.Files), "planned")) {
			t.Errorf("%s: %v", what, err)
		}
		if !strings.HasPrefix(states(r.Files), c.states) || len(r.Failures) != strings.Count(states(r.Files), "failed") || r.Bytes != 0 {
			t.Errorf("%s: %s, %v", what, states(r.Files), r.Failures)
		}
		if n := b.count(c.call); n != c.tries {
			t.Errorf("%s: tried %d times", what, n)
		}
		// What ended it being over, the plan goes on.
		b.first(nil)
		if r, err = p.Run(t.Context()); err != nil || states(r.Files) != strings.TrimSpace(strings.Repeat("available ", 6)) {
			t.Errorf("%s, again: %+v, %v", what, r, err)
		}
	}
}

// A server that is away for a moment is waited for, one that stays away not.
func TestPushServerAway(t *testing.T) {
	t.Parallel()
	b := newPushBackend(t, 3)
	b.hash = true
	var left, told atomic.Int64
	left.Store(5)
	b.first(func(_ http.ResponseWriter, r *http.Request) bool {
		if (r.Method == http.MethodPut || strings.HasPrefix(r.URL.Path, "/images/1")) && left.Add(-1) >= 0 {
			panic(http.ErrAbortHandler)
		}
		return false
	})
	o := PushOptions{Wait: true, Events: func(e Event) {
		switch {
		case e.Path != "":
		case e.Kind == Waiting && told.Add(1) != 1:
			t.Error("told twice that the server is away")
		case e.Kind == Resumed && told.Add(-1) != 0:
			t.Error("told twice that the server is back")
		}
	}}
	p := planPush(t, b, o, pushFolder(t, 3))
	p.patience.total = time.Minute
	r, err := p.Run(t.Context())
	if err != nil || states(r.Files) != "available available available" || told.Load() != 0 || left.Load() >= 0 {
		t.Fatalf("%+v, %v, told %d times", r, err, told.Load())
	}

	o.Force = true
	p = planPush(t, b, o, pushFolder(t, 3))
	left.Store(1 << 40)
	r, err = p.Run(t.Context())
	var broken *mibitracker.TransportError
	if !errors.As(err, &broken) || !strings.Contains(err.Error(), "is away") || states(r.Files) != "planned planned planned" {
		t.Errorf("%+v, %v", r, err)
	}
}

// A file that changes on the way fails, and nothing of it is queued.
func TestPushChangedFile(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(path string, was []byte) error{
		"longer":  func(path string, was []byte) error { return os.WriteFile(path, append(was, 0), 0o600) },
		"shorter": func(path string, was []byte) error { return os.Truncate(path, int64(len(was)-1)) },
		"written": func(path string, was []byte) error {
			return errors.Join(os.WriteFile(path, was, 0o600), os.Chtimes(path, time.Time{}, time.Now().Add(time.Hour)))
		},
		"gone": func(path string, _ []byte) error { return os.Remove(path) },
		"another": func(path string, was []byte) error {
			return errors.Join(os.WriteFile(path+".new", was, 0o600), os.Chtimes(path+".new", time.Time{}, time.Unix(1e9, 0)), os.Rename(path+".new", path))
		},
	} {
		b := newPushBackend(t, 2)
		dir := pushFolder(t, 2)
		p := planPush(t, b, PushOptions{Jobs: 1}, dir)
		path := p.Files[0].Path
		was, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		var failed atomic.Int64
		p.options.Events = func(e Event) {
			switch {
			case e.Kind == Started && e.ImageID == 1:
				if err := change(path, was); err != nil {
					t.Error(err)
				}
			case e.Kind == Failed:
				failed.Add(1)
			}
		}
		r, err := p.Run(t.Context())
		if err != nil || states(r.Files) != "failed pushed" || !errors.Is(r.Files[0].Err, ErrFileChanged) || failed.Load() != 1 ||
			b.count("POST upload_mibitiff") != 1 {
			t.Errorf("%s: %s, %v, %v", name, states(r.Files), r.Failures, err)
		}
	}
}

// An interrupted push says so, and goes on.
func TestPushInterrupted(t *testing.T) {
	t.Parallel()
	b := newPushBackend(t, 4)
	ctx, cancel := context.WithCancel(t.Context())
	p := planPush(t, b, PushOptions{Jobs: 2, Wait: true}, pushFolder(t, 4))
	var puts atomic.Int64
	b.first(func(_ http.ResponseWriter, r *http.Request) bool {
		if r.Method == http.MethodPut && puts.Add(1) > 1 {
			_, _ = io.Copy(io.Discard, r.Body) // or else the server does not see the end
			cancel()
			<-r.Context().Done()
			return true
		}
		return false
	})
	r, err := p.Run(ctx)
	if !errors.Is(err, context.Canceled) || len(r.Failures) != 0 || strings.Count(states(r.Files), "planned") < 3 {
		t.Errorf("%s, %v", states(r.Files), err)
	}
	b.first(nil)
	if r, err = p.Run(t.Context()); err != nil || states(r.Files) != "available available available available" {
		t.Errorf("%s, %v", states(r.Files), err)
	}
}
