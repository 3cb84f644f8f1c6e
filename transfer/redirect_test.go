package transfer

import (
	"errors"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/openmibi/openmibi/mibitracker"
)

// A server that redirects in circles is not waited for: it answers, and would
// answer the same.
func TestPullOfCircles(t *testing.T) {
	t.Parallel()
	for _, o := range []PullOptions{{Jobs: 1}, {Jobs: 1, Layout: Channels}, {Jobs: 1, Channels: []string{"CD3"}}} {
		b := newBackend(t, point(t, 1), point(t, 2))
		var asked atomic.Int64
		b.first(func(w http.ResponseWriter, r *http.Request) bool {
			if r.URL.Path != "/download/" && !strings.HasPrefix(r.URL.Path, "/storage/") {
				return false
			}
			asked.Add(1)
			http.Redirect(w, r, r.URL.RequestURI(), http.StatusFound)
			return true
		})
		o.Dir, o.Events = t.TempDir(), func(e Event) {
			if e.Kind == Waiting {
				t.Errorf("waits: %v", e.Err)
			}
		}
		plan, err := PlanPull(t.Context(), b.client(), testRun(), o)
		if err == nil {
			_, err = plan.Run(t.Context())
		}
		var stopped *StoppedError
		if !errors.As(err, &stopped) || !errors.Is(err, mibitracker.ErrRedirect) || !strings.Contains(err.Error(), "in circles") {
			t.Errorf("%+v: %v", o, err)
		}
		if n := asked.Load(); n != 10 {
			t.Errorf("%+v: asked %d times", o, n)
		}
	}
}

// So it is where files are pushed to.
func TestPushOfCircles(t *testing.T) {
	t.Parallel()
	b := newPushBackend(t, 2)
	var asked atomic.Int64
	b.first(func(w http.ResponseWriter, r *http.Request) bool {
		if r.Method != http.MethodPut {
			return false
		}
		asked.Add(1)
		http.Redirect(w, r, r.URL.RequestURI(), http.StatusTemporaryRedirect)
		return true
	})
	_, err := planPush(t, b, PushOptions{Jobs: 1, Events: func(e Event) {
		if e.Kind == Waiting {
			t.Errorf("waits: %v", e.Err)
		}
	}}, pushFolder(t, 2)).Run(t.Context())
	var stopped *StoppedError
	if !errors.As(err, &stopped) || !errors.Is(err, mibitracker.ErrRedirect) || !strings.Contains(err.Error(), "in circles") {
		t.Error(err)
	}
	if n := asked.Load(); n != 10 {
		t.Errorf("asked %d times", n)
	}
}
