package transfer

import (
	"net/http"
	"strings"
	"testing"
	"time"
)

// A server that is away for a while is waited for, in the middle of an FOV too,
// and no file is told of twice.
func TestPullWaitsForServer(t *testing.T) {
	t.Parallel()
	for _, o := range []PullOptions{{}, {Layout: Channels}, {Channels: []string{"CD3", "mask"}}} {
		b := newBackend(t, point(t, 1), point(t, 2))
		for _, i := range b.images {
			i.extra = map[string][]byte{"mask": grayPNG(t)}
		}
		refused := 0
		b.first(func(w http.ResponseWriter, r *http.Request) bool {
			b.mu.Lock()
			defer b.mu.Unlock()
			// The pictures come last, when other channels are whole.
			if refused < 9 && (strings.HasSuffix(r.URL.Path, "/channel_url/") || r.URL.Path == "/download/" && len(o.Channels) == 0) {
				refused++
				http.Error(w, "<h1>restarting</h1>", http.StatusServiceUnavailable)
				return true
			}
			return false
		})
		waited := 0
		o.Dir, o.Events = t.TempDir(), func(e Event) {
			if e.Kind == Waiting {
				waited++
			}
		}
		plan, err := PlanPull(t.Context(), b.client(), testRun(), o)
		if err != nil {
			t.Fatal(err)
		}
		plan.pull.patience = patience{first: time.Millisecond, longest: time.Millisecond, total: time.Minute}
		result, err := plan.Run(t.Context())
		if err != nil || result.FOVs != 2 || len(result.Failures) > 0 || waited == 0 {
			t.Errorf("%+v, %v after %d waits", result, err, waited)
		}
		paths := map[string]bool{}
		for _, f := range filesOf(t, result) {
			if paths[f.Path] {
				t.Errorf("%s is told of twice", f.Path)
			}
			paths[f.Path] = true
		}
	}
}
