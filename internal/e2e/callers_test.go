package e2e

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/openmibi/openmibi/internal/faulty"
	"github.com/openmibi/openmibi/internal/synth"
	"github.com/openmibi/openmibi/mibitracker"
)

// Thirty-two goroutines on one client, while the tokens that it gets end again
// and again: one login at a time, one for each token that ended, and every call
// comes right.
func TestManyCallers(t *testing.T) {
	t.Parallel()
	const callers, tokens, rounds = 32, 3, 4
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	lab := newFaultLab(t)
	f := makeFOV(t, 8, synth.Options{Size: 128, Channels: 12, Run: "shared"})
	_, image := f.shared(ctx, t, lab.direct)
	where, err := image.TIFFPath()
	if err != nil {
		t.Fatal(err)
	}
	ends := &tokenEnds{left: tokens}
	p, err := faulty.Start(ctx, faulty.Config{Backend: lab.site.url, Plan: ends})
	if err != nil {
		t.Fatal(err)
	}
	count := &tokenCounter{below: &http.Transport{MaxIdleConnsPerHost: callers}}
	c, err := mibitracker.New(p.URL(), mibitracker.WithPassword(alice, password),
		mibitracker.WithHTTPClient(&http.Client{Transport: count}), mibitracker.WithSessionTimeout(time.Minute), mibitracker.WithTransferTimeout(time.Minute))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		c.CloseIdleConnections()
		if err := p.Close(); err != nil {
			t.Error(err)
		}
	})
	if err := c.Login(ctx); err != nil {
		t.Fatal(err)
	}
	remote, err := c.Images.Open(ctx, image.ID)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = remote.Close() }()

	folder := t.TempDir()
	var workers sync.WaitGroup
	var calls atomic.Int64
	for worker := range callers {
		workers.Go(func() {
			// Until each token has ended, and a few rounds at least.
			for round := 0; round < rounds || ends.some(); round++ {
				var err error
				switch n := worker + round; {
				case worker%8 == 0 && round < rounds:
					err = lab.oneUpload(ctx, c, fmt.Sprintf("caller %d, round %d", worker, round))
				case n%4 == 1:
					err = oneDownload(ctx, c, f, where, filepath.Join(folder, fmt.Sprint(worker)))
				case n%4 == 2:
					err = oneWalk(ctx, c, image)
				default:
					err = oneRound(ctx, c, remote, f, image, where, n)
				}
				if err != nil {
					t.Errorf("goroutine %d, round %d: %v", worker, round, err)
					return
				}
				calls.Add(1)
			}
		})
	}
	workers.Wait()
	t.Logf("%d rounds of %d goroutines: %d logins, %d refreshes", calls.Load(), callers, count.logins.Load(), count.refreshes.Load())
	if count.most.Load() != 1 {
		t.Errorf("%d logins or refreshes were in flight at once", count.most.Load())
	}
	if ends.left != 0 {
		t.Errorf("%d tokens never ended", ends.left)
	}
	if count.logins.Load() != 1+tokens || count.refreshes.Load() != tokens {
		t.Errorf("%d logins and %d refreshes for %d tokens that ended", count.logins.Load(), count.refreshes.Load(), tokens)
	}
}

// tokenEnds is a plan that ends a token a while after it was given out: two
// that are given out within one second are one and the same, and a request that
// waited for a new token should find it good.
type tokenEnds struct {
	mu    sync.Mutex
	given time.Time
	left  int
}

// Decide implements [faulty.Plan].
func (e *tokenEnds) Decide(r faulty.Request) faulty.Fault {
	e.mu.Lock()
	defer e.mu.Unlock()
	switch {
	case !r.Authorized:
		if r.Class == "POST /api-token-auth/" || r.Class == "POST /api-token-refresh/" {
			e.given = time.Now()
		}
	case e.left > 0 && time.Since(e.given) > 2*time.Second:
		e.left--
		e.given = time.Now()
		return faulty.Fault{Kind: faulty.TokenEnds}
	}
	return faulty.Fault{}
}

func (e *tokenEnds) some() bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.left > 0
}

// tokenCounter is a transport that counts logins and refreshes, and the most of
// them at one time.
type tokenCounter struct {
	below                             *http.Transport
	logins, refreshes, inFlight, most atomic.Int64
}

// RoundTrip implements [http.RoundTripper].
func (c *tokenCounter) RoundTrip(r *http.Request) (*http.Response, error) {
	switch r.URL.Path {
	case "/api-token-auth/":
		c.logins.Add(1)
	case "/api-token-refresh/":
		c.refreshes.Add(1)
	default:
		return c.below.RoundTrip(r)
	}
	now := c.inFlight.Add(1)
	defer c.inFlight.Add(-1)
	for most := c.most.Load(); now > most && !c.most.CompareAndSwap(most, now); most = c.most.Load() {
		continue
	}
	return c.below.RoundTrip(r)
}

// CloseIdleConnections is what [http.Client] looks for.
func (c *tokenCounter) CloseIdleConnections() { c.below.CloseIdleConnections() }

// oneUpload copies the lab's run, pushes its FOV, and reads it again.
func (lab *faultLab) oneUpload(ctx context.Context, c *mibitracker.Client, label string) error {
	copied, err := c.Runs.Copy(ctx, lab.run.Label, label, nil)
	if err != nil {
		return err
	}
	f := lab.small
	if _, err := c.Uploads.MIBItiff(ctx, copied.New.ID, f.source()); err != nil {
		return err
	}
	images, err := c.Runs.Images(ctx, label)
	if err != nil {
		return err
	}
	for _, image := range images {
		if image.Folder != f.folder {
			continue
		}
		got, err := c.Images.WaitAvailable(ctx, image.ID, f.sha256)
		if err != nil {
			return err
		}
		if got.Run.Label != label || len(got.SIMSChannels) != f.channels {
			return fmt.Errorf("uploaded %+v", got)
		}
		return nil
	}
	return fmt.Errorf("run %s has no image of %s", label, f.folder)
}

func oneDownload(ctx context.Context, c *mibitracker.Client, f *fov, where, dest string) error {
	got, err := c.Files.Download(ctx, where, dest)
	if err != nil {
		return err
	}
	content, err := os.ReadFile(dest)
	if err != nil {
		return err
	}
	if !bytes.Equal(content, f.tiff) || got.SHA256 != f.sha256 {
		return fmt.Errorf("downloaded %d bytes: %+v", len(content), got)
	}
	return nil
}

func oneWalk(ctx context.Context, c *mibitracker.Client, want *mibitracker.Image) error {
	found := 0
	for image, err := range c.Images.All(ctx, mibitracker.ImageFilter{RunLabel: want.Run.Label, ListOptions: mibitracker.ListOptions{Limit: 1}}) {
		if err != nil {
			return err
		}
		if image.ID == want.ID && image.TIFFSHA256 == want.TIFFSHA256 {
			found++
		}
	}
	if found != 1 {
		return fmt.Errorf("the list has image %d %d times", want.ID, found)
	}
	return nil
}
