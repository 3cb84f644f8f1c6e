package e2e

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"image"
	"image/png"
	"math/rand/v2"
	"net/http"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/openmibi/openmibi/internal/server"
	"github.com/openmibi/openmibi/mibitracker"
)

var (
	killRounds = flag.Int("kill-rounds", max(10/slowdown, 2), "how many times the server is killed under a load of edits")
	killSeed   = flag.Uint64("kill-seed", 0, "the seed of the load; 0 picks one")
)

// killLoad is several clients that make and change things while the server is
// killed again and again.
type killLoad struct {
	url, data string
	fov       *fov
	png       []byte
	kinds     map[string]killKind
	repeats   int               // acknowledged POSTs of each worker that are repeated after a kill
	hashed    map[string]string // files that were looked at

	flewDone, flewUndone atomic.Int64 // POSTs in flight that had been done, and not

	mu     sync.Mutex
	ids    map[string]map[int64]bool // every id that was ever acknowledged
	newest map[string]int64
	floor  map[string]int64 // the newest before the last kill
	count  int              // acknowledged since the server started
	killAt int
	kill   func()
}

// acknowledged counts an acknowledged write, and kills the server when it is
// time.
func (l *killLoad) acknowledged() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.count++; l.count == l.killAt {
		l.kill()
	}
}

// isNew refuses an id that was given to something else.
func (l *killLoad) isNew(kind string, id int64) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.ids[kind] == nil {
		l.ids[kind] = make(map[int64]bool)
	}
	if id <= l.floor[kind] || l.ids[kind][id] {
		return fmt.Errorf("%s %d was another one's id: up to %d they were given before the last kill", kind, id, l.floor[kind])
	}
	l.ids[kind][id] = true
	l.newest[kind] = max(l.newest[kind], id)
	return nil
}

// TestKilledUnderLoad kills the server, as kill -9 does, at random moments of a
// load of edits. Whatever was acknowledged is there in the server that comes
// after it; what was in flight is there as a whole or not at all, and is done
// once when it is asked again under its key; no id is given twice; and the
// database and all its files are sound.
func TestKilledUnderLoad(t *testing.T) {
	t.Parallel()
	const workers = 6
	rounds, seed := *killRounds, *killSeed
	if testing.Short() {
		rounds = min(rounds, 2)
	}
	if seed == 0 {
		seed = rand.Uint64()
	}
	t.Logf("-kill-seed=%d -kill-rounds=%d", seed, rounds)
	rng := rand.New(rand.NewPCG(seed, 0))
	ctx := t.Context()
	l := &killLoad{
		data: filepath.Join(t.TempDir(), "data"), fov: newFOV(t), kinds: killKinds(), repeats: 10, hashed: map[string]string{},
		ids: map[string]map[int64]bool{}, newest: map[string]int64{}, floor: map[string]int64{},
	}
	l.png = l.pictureOf(t)
	var crew []*killWorker
	for n := range workers {
		crew = append(crew, &killWorker{load: l, n: n, rng: rand.New(rand.NewPCG(seed, uint64(n)+1)),
			tiffs: map[int64]bool{}, seds: map[int64]string{}})
	}
	for who := range 2 {
		if _, err := server.AddUser(ctx, l.data, fmt.Sprintf("w%d@example.org", who), password, false); err != nil {
			t.Fatal(err)
		}
	}
	total := 0
	began := time.Now()
	for round := range rounds + 1 {
		p := start(t, orders{Data: l.data, Lease: time.Second})
		l.url = p.url
		for _, w := range crew {
			w.http = &http.Client{Transport: &http.Transport{}, Timeout: time.Minute}
		}
		if round == 0 {
			l.logIn(ctx, t, crew)
		} else {
			l.check(ctx, t, round, crew, false)
		}
		if round == rounds {
			l.finish(ctx, t, crew)
			p.stop(t)
			break
		}
		before := acks(crew)
		l.arm(rng, p)
		l.run(ctx, t, p, crew)
		n := acks(crew) - before
		total += n
		t.Logf("round %d: killed after %d acknowledged writes, %d in all, %v", round, n, total, time.Since(began).Round(time.Millisecond))
	}
	t.Logf("%d kills, %d acknowledged writes, none lost; of the POSTs in flight %d had been done and %d had not",
		rounds, total, l.flewDone.Load(), l.flewUndone.Load())
}

func acks(crew []*killWorker) (n int) {
	for _, w := range crew {
		n += w.acks
	}
	return n
}

// arm chooses when the server is killed: some time after so many writes.
func (l *killLoad) arm(rng *rand.Rand, p *process) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delay := time.Duration(rng.IntN(8000)) * time.Microsecond
	l.count, l.killAt = 0, 1+rng.IntN(150)
	l.kill = func() { time.AfterFunc(delay, func() { _ = p.cmd.Process.Kill() }) } // it may be gone: then the test has failed
	for kind, id := range l.newest {
		l.floor[kind] = id
	}
}

// run lets the workers work until the server is dead.
func (l *killLoad) run(ctx context.Context, t *testing.T, p *process, crew []*killWorker) {
	t.Helper()
	ctx, cancel := context.WithTimeout(ctx, 5*time.Minute)
	defer cancel()
	errs := make(chan error, len(crew))
	for _, w := range crew {
		go func() {
			err := w.work(ctx)
			if err != nil {
				_ = p.cmd.Process.Kill() // so that the others end
			}
			errs <- err
		}()
	}
	var failed error
	for range crew {
		failed = errors.Join(failed, <-errs)
	}
	if err := <-p.ended; err == nil {
		failed = errors.Join(failed, errors.New("the server ended by itself"))
	}
	if failed != nil {
		t.Fatal(failed)
	}
}

// check looks for everything that was acknowledged before the last kill.
func (l *killLoad) check(ctx context.Context, t *testing.T, round int, crew []*killWorker, all bool) {
	t.Helper()
	db := l.open(t)
	defer func() { _ = db.Close() }()
	if err := l.checkDatabase(ctx, db); err != nil {
		t.Fatalf("after round %d: %v", round, err)
	}
	for _, w := range crew {
		if all {
			w.changed = w.objects
		}
		if err := l.checkWorker(ctx, db, w); err != nil {
			t.Fatalf("after round %d, worker %d: %v", round, w.n, err)
		}
	}
}

// open opens the database beneath the server.
func (l *killLoad) open(t *testing.T) *sql.DB {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+filepath.Join(l.data, "openmibi.db")+"?mode=ro&_pragma=busy_timeout(10000)")
	if err != nil {
		t.Fatal(err)
	}
	return db
}

// finish waits for the queue, and looks at everything that was ever made.
func (l *killLoad) finish(ctx context.Context, t *testing.T, crew []*killWorker) {
	t.Helper()
	var client [2]*mibitracker.Client
	for who := range client {
		var err error
		if client[who], err = mibitracker.New(l.url, mibitracker.WithPassword(fmt.Sprintf("w%d@example.org", who), password)); err != nil {
			t.Fatal(err)
		}
		defer client[who].CloseIdleConnections()
	}
	wait, cancel := context.WithTimeout(ctx, 3*time.Minute)
	defer cancel()
	tiffs := 0
	for _, w := range crew {
		for id := range w.tiffs {
			tiffs++
			got, err := client[w.n%2].Images.WaitAvailable(wait, id, l.fov.sha256)
			if err != nil || len(got.SIMSChannels) != l.fov.channels {
				t.Fatalf("image %d, whose TIFF was acknowledged: %+v, %v", id, got, err)
			}
			if tiffs%10 == 1 { // every value of its channels
				l.fov.check(ctx, t, client[w.n%2], id)
			}
		}
	}
	l.check(ctx, t, -1, crew, true)
	t.Logf("%d TIFFs were acknowledged, all are available", tiffs)
}

// pictureOf is a picture of the size of the load's image.
func (l *killLoad) pictureOf(t *testing.T) []byte {
	t.Helper()
	for _, plane := range l.fov.planes {
		var b bytes.Buffer
		if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, plane.Width(), plane.Height()))); err != nil {
			t.Fatal(err)
		}
		return b.Bytes()
	}
	t.Fatal("no plane")
	return nil
}

func (l *killLoad) logIn(ctx context.Context, t *testing.T, crew []*killWorker) {
	t.Helper()
	var tokens [2]string
	for who := range tokens {
		body := jsonBody(map[string]string{"email": fmt.Sprintf("w%d@example.org", who), "password": password})
		status, text, err := crew[0].send(ctx, http.MethodPost, l.url+"/api-token-auth/", &body, "")
		var got struct{ Token string }
		if err = errors.Join(err, json.Unmarshal([]byte(text), &got)); err != nil || status != http.StatusOK {
			t.Fatalf("log in: %d %s, %v", status, text, err)
		}
		tokens[who] = got.Token
	}
	for _, w := range crew {
		w.token = tokens[w.n%len(tokens)]
	}
}
