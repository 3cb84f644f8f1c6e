package transfer

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/openmibi/openmibi/mibitracker"
)

// Two pulls at a time, and pulls of other runs, stay out of a folder.
func TestPullKeepsOut(t *testing.T) {
	t.Parallel()
	b := newBackend(t, point(t, 1))
	dir := t.TempDir()
	folder := filepath.Join(dir, "run-A")
	release, err := claim(folder)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.tryPull(t.Context(), PullOptions{Dir: dir}); !errors.Is(err, ErrFolderInUse) {
		t.Errorf("beside another pull: %v", err)
	}
	release()
	b.pull(PullOptions{Dir: dir})
	other, run := newBackend(t, point(t, 1)), testRun()
	run.Path = "another-path"
	if _, err := PlanPull(t.Context(), other.client(), run, PullOptions{Dir: dir}); !errors.Is(err, ErrOtherRun) {
		t.Errorf("of another server: %v", err)
	}
	run = testRun()
	run.ID = 4
	if _, err := PlanPull(t.Context(), b.client(), run, PullOptions{Dir: dir}); !errors.Is(err, ErrOtherRun) {
		t.Errorf("of another run: %v", err)
	}
	if err := os.WriteFile(filepath.Join(folder, manifestName), []byte(`{"format": 1, "files": [`), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := b.tryPull(t.Context(), PullOptions{Dir: dir}); !errors.Is(err, ErrManifest) {
		t.Errorf("with half a manifest: %v", err)
	}
}

// A server that has another address by now is the same one.
func TestPullFromAMovedServer(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	newBackend(t, point(t, 1)).pull(PullOptions{Dir: dir})
	moved := newBackend(t, point(t, 1), point(t, 2))
	for range 2 {
		plan, err := PlanPull(t.Context(), moved.client(), testRun(), PullOptions{Dir: dir})
		if err != nil {
			t.Fatal(err)
		}
		if got := plan.fov(0).State; got != PullWhole {
			t.Errorf("what was pulled before it moved is %s", got)
		}
		if _, err := plan.Run(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	m, err := loadManifest(filepath.Join(dir, "run-A"), moved.client().BaseURL(), testRun())
	if err != nil || m.Server != moved.client().BaseURL() {
		t.Errorf("the manifest says %q, %v", m.Server, err)
	}
}

// A login that ends, an account that is refused and a server that is gone end a
// pull early, and what was whole stays.
func TestPullStopsEarly(t *testing.T) {
	t.Parallel()
	for status, want := range map[int]error{401: mibitracker.ErrUnauthorized, 403: mibitracker.ErrForbidden, 500: mibitracker.ErrServer, 503: mibitracker.ErrServer} {
		t.Run(fmt.Sprint(status), func(t *testing.T) {
			t.Parallel()
			var images []*fakeImage
			for i := range 40 {
				images = append(images, point(t, int64(i+1)))
			}
			b := newBackend(t, images...)
			links := 0
			b.first(func(w http.ResponseWriter, r *http.Request) bool {
				b.mu.Lock()
				defer b.mu.Unlock()
				if r.URL.Path == "/download/" {
					links++
				}
				refuse := links > 10 && r.URL.Path != "/images/" && r.Method == http.MethodGet && !strings.HasPrefix(r.URL.Path, "/storage/")
				if refuse {
					http.Error(w, `{"detail": "no"}`, status)
				}
				return refuse
			})
			dir := t.TempDir()
			result, err := b.tryPull(t.Context(), PullOptions{Dir: dir, Jobs: 2})
			var stopped *StoppedError
			if !errors.Is(err, want) || !errors.As(err, &stopped) || stopped.Advice == "" || stopped.Untried != result.Untried {
				t.Fatalf("ended with %v", err)
			}
			most := 2
			if status == 500 {
				// The last FOV that comes may come slowly: what failed beside it until
				// then is counted anew.
				most += 2*(mostInRow+2) - 1 + finishers
			}
			// What is under way beside the one that ends all is given up.
			done := result.FOVs
			if done < 8 || done > 10 || len(result.Failures) > most || done+len(result.Failures)+result.Untried != 40 {
				t.Errorf("%d pulled, %d failed, %d untried", result.FOVs, len(result.Failures), result.Untried)
			}
			b.first(nil)
			b.forget()
			result = b.pull(PullOptions{Dir: dir})
			if result.Here != done || result.FOVs != 40-done {
				t.Errorf("then %d were here, %d pulled", result.Here, result.FOVs)
			}
		})
	}
}

// A storage that refuses the server's own links is no matter of the account.
func TestPullLinksRefused(t *testing.T) {
	t.Parallel()
	for _, status := range []int{400, 401, 403, 410} {
		for _, layout := range []Layout{MIBItiff, Channels} {
			b := newBackend(t, point(t, 1), point(t, 2))
			b.first(func(w http.ResponseWriter, r *http.Request) bool {
				refuse := strings.HasPrefix(r.URL.Path, "/storage/") || strings.HasPrefix(r.URL.Path, "/png/")
				if refuse {
					http.Error(w, "<Error><Code>AccessDenied</Code></Error>", status)
				}
				return refuse
			})
			result, err := b.tryPull(t.Context(), PullOptions{Dir: t.TempDir(), Layout: layout, Jobs: 1})
			var stopped *StoppedError
			if !errors.Is(err, mibitracker.ErrLinkRefused) || !errors.As(err, &stopped) || !strings.Contains(stopped.Advice, "clock") || result.Untried != 1 {
				t.Errorf("%d, %s: %+v, %v", status, layout, result, err)
			}
		}
	}
}

func TestAdvice(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		err  error
		want string
	}{
		{nil, ""}, {errors.New("other"), ""}, {context.Canceled, ""}, {mibitracker.ErrNoRanges, ""}, {mibitracker.ErrNotFound, ""},
		{&fs.PathError{Op: "write", Path: "x", Err: syscall.ENOSPC}, "disk is full"},
		{fmt.Errorf("x: %w", &fs.PathError{Op: "open", Path: "x", Err: fs.ErrPermission}), "cannot be written"},
		{&mibitracker.BrokenError{URL: "u", Err: errors.New("x")}, "cannot be reached"},
		{&mibitracker.BrokenError{URL: "u", Err: mibitracker.ErrNoRanges}, ""},
		{mibitracker.ErrUnauthorized, "log in"},
	} {
		if got := adviceFor(tt.err); (tt.want == "") != (got == "") || !strings.Contains(got, tt.want) {
			t.Errorf("%v: %q, want %q", tt.err, got, tt.want)
		}
	}
}

// An interrupted pull keeps what is whole, and goes on where it ended: also with
// a TIFF of which half the channels were written.
func TestPullInterrupted(t *testing.T) {
	t.Parallel()
	for _, noHash := range []bool{false, true} {
		for _, layout := range []Layout{MIBItiff, Channels} {
			t.Run(fmt.Sprint(layout, noHash), func(t *testing.T) {
				t.Parallel()
				b := newBackend(t, point(t, 1), point(t, 2), point(t, 3))
				b.noHash = noHash
				total := int64(0)
				for _, i := range b.images {
					total += int64(len(i.tiff))
				}
				dir := t.TempDir()
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				result, err := b.tryPull(ctx, PullOptions{Dir: dir, Layout: layout, Jobs: 1, Events: func(e Event) {
					if e.Kind == Moved && e.FOV == "Point2" && e.Moved == e.Total {
						cancel()
					}
				}})
				whole := result.FOVs
				if !errors.Is(err, context.Canceled) || whole+result.Untried != 3 || len(result.Failures) > 0 {
					t.Errorf("%+v, %v", result, err)
				}
				_, moved := b.forget()
				result = b.pull(PullOptions{Dir: dir, Layout: layout})
				_, more := b.forget()
				if moved+more > total+total/10 || result.Here != whole || result.FOVs != 3-whole {
					t.Errorf("moved %d and %d of %d bytes: %+v", moved, more, total, result)
				}
				fresh := t.TempDir()
				b.pull(PullOptions{Dir: fresh, Layout: layout})
				if got, want := tree(t, dir), tree(t, fresh); !maps.Equal(got, want) {
					t.Errorf("got %v, want %v", got, want)
				}
			})
		}
	}
}

// A process that is killed between a TIFF's last byte and its last channel moves
// no byte again, whatever the journal's last line lacks.
func TestPullKilledWhileItSplits(t *testing.T) {
	t.Parallel()
	for _, noHash := range []bool{false, true} {
		b := newBackend(t, point(t, 1))
		b.noHash = noHash
		dir := t.TempDir()
		o := PullOptions{Dir: dir, Layout: Channels}
		plan, err := PlanPull(t.Context(), b.client(), testRun(), o)
		if err != nil {
			t.Fatal(err)
		}
		release, err := claim(plan.Dir)
		if err != nil {
			t.Fatal(err)
		}
		if err := plan.pull.begin(t.Context(), plan); err != nil {
			t.Fatal(err)
		}
		plan.pull.result = newPullResult(plan)
		if _, err := plan.pull.hold(t.Context(), plan.fov(0)); err != nil {
			t.Fatal(err)
		}
		if _, err := plan.pull.journal.file.WriteString(`{"file":{"path":"Poi`); err != nil {
			t.Fatal(err)
		}
		if err := plan.pull.journal.file.Close(); err != nil { // as a kill does
			t.Fatal(err)
		}
		release()
		if err := os.WriteFile(filepath.Join(plan.Dir, stateFolder, ".ABC.part"), []byte("half"), 0o600); err != nil {
			t.Fatal(err)
		}
		b.forget()
		result := b.pull(o)
		if asked, moved := b.forget(); moved != 0 || !slices.Equal(asked, []string{"GET /images/"}) || result.FOVs != 1 || result.FileCount != 3 {
			t.Errorf("moved %d bytes by %q: %+v", moved, asked, result)
		}
		noState(t, plan.Dir)
	}
}
