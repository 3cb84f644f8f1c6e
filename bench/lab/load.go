package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/openmibi/openmibi/internal/store"
	"github.com/openmibi/openmibi/internal/store/storeseed"
)

// result is what was measured of a class.
type result struct {
	class

	took      map[string][]time.Duration // by viewer
	bytes     int64
	cpu, wall time.Duration
	slowest   string
}

// all are the times of all viewers, in order.
func (r *result) all() (out []time.Duration) {
	for _, took := range r.took {
		out = append(out, took...)
	}
	slices.Sort(out)
	return out
}

// at is a quantile of times in order.
func at(took []time.Duration, q float64) time.Duration {
	if len(took) == 0 {
		return 0
	}
	return took[min(int(q*float64(len(took))), len(took)-1)]
}

// bench is a server and who asks it.
type bench struct {
	options

	server *child
	client *client
	data   values
	size   int // images
}

// load measures all classes on a data folder.
func load(ctx context.Context, o options) error {
	_, err := measure(ctx, o)
	return err
}

func measure(ctx context.Context, o options) (results []*result, err error) {
	b := &bench{options: o}
	if b.server, err = startChild(ctx, o); err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, b.server.stop()) }()
	if b.client, err = newClient(ctx, b.server.url, o.clients); err != nil {
		return nil, err
	}
	if err := b.survey(ctx); err != nil {
		return nil, err
	}
	b.print("%d images; the server answered after %.1f s and took %d MiB then; %d clients\n\n", b.size, b.server.up.Seconds(), b.server.memory("VmRSS"), o.clients)
	b.print("| class | goal, p99 | p50 | p99 | max | requests/s | server CPU a request | KiB an answer | MiB of memory |\n|---|---|---|---|---|---|---|---|---|\n")
	for _, c := range classesOf(b.size, b.data) {
		if !strings.Contains(c.name, o.only) {
			continue
		}
		r, err := b.run(ctx, c)
		if err != nil {
			return nil, err
		}
		b.report(r)
		results = append(results, r)
	}
	if o.only == "" {
		if err := b.afterWrites(ctx); err != nil {
			return nil, err
		}
		if err := b.stream(ctx); err != nil {
			return nil, err
		}
	}
	b.print("\nThe server's memory was %d MiB at most (VmHWM), %d MiB at the end.\n", b.server.memory("VmHWM"), b.server.memory("VmRSS"))
	return results, nil
}

func (b *bench) print(format string, args ...any) { _, _ = fmt.Fprintf(b.out, format, args...) }

// survey asks how many images there are, and draws values for filters.
func (b *bench) survey(ctx context.Context) error {
	var newest struct {
		Results []struct{ ID int64 }
	}
	if err := b.client.send(ctx, http.MethodGet, storeseed.Admin, "/images/?limit=1", nil, &newest); err != nil {
		return err
	}
	if len(newest.Results) == 0 {
		return errors.New("the data folder holds no images")
	}
	b.size = int(newest.Results[0].ID)
	b.size = (b.size + perRun - 1) / perRun * perRun
	rnd := rand.New(rand.NewPCG(3, 3))
	var images, runs []int64
	for range 200 {
		images = append(images, 1+rnd.Int64N(newest.Results[0].ID))
		runs = append(runs, 1+rnd.Int64N(max(1, newest.Results[0].ID/perRun)))
	}
	b.data = values{}
	imageFilters, _ := fieldsOf(store.ImageListing().Fields())
	runFilters, _ := fieldsOf(store.RunListing().Fields())
	if err := b.client.sample(ctx, "/images/", images, imageFilters, "", b.data); err != nil {
		return err
	}
	return b.client.sample(ctx, "/runs/", runs, runFilters, "run.", b.data)
}

// run measures a class for its time.
func (b *bench) run(ctx context.Context, c class) (*result, error) {
	r := &result{class: c, took: map[string][]time.Duration{}}
	var mu sync.Mutex
	var failed error
	var worst time.Duration
	var wg sync.WaitGroup
	began, cpu := time.Now(), b.server.cpu()
	for i := range b.clients {
		wg.Go(func() {
			rnd, buffer := rand.New(rand.NewPCG(uint64(i), 1)), make([]byte, 256<<10)
			took := map[string][]time.Duration{}
			var bytes int64
			var slow time.Duration
			var slowest string
			var err error
			for time.Since(began) < b.duration && ctx.Err() == nil && err == nil {
				who, path := c.next(rnd)
				start := time.Now()
				var size int64
				size, err = b.client.get(ctx, who, path, buffer)
				if c.alone && strings.HasPrefix(fmt.Sprint(err), "404") {
					err = nil
				}
				d := time.Since(start)
				took[who], bytes = append(took[who], d), bytes+size
				if d > slow {
					slow, slowest = d, path+" as "+who
				}
			}
			mu.Lock()
			defer mu.Unlock()
			for who, list := range took {
				r.took[who] = append(r.took[who], list...)
			}
			r.bytes += bytes
			failed = errors.Join(failed, err)
			if slow > worst {
				worst, r.slowest = slow, slowest
			}
		})
	}
	wg.Wait()
	r.wall, r.cpu = time.Since(began), b.server.cpu()-cpu
	return r, failed
}

func (b *bench) report(r *result) {
	took := r.all()
	n := time.Duration(max(len(took), 1))
	goal := ""
	if r.limit > 0 {
		goal = r.limit.String()
	}
	b.print("| %s | %s | %s | %s | %s | %.0f | %s | %.1f | %d |\n", r.name, goal, ms(at(took, 0.5)), ms(at(took, 0.99)), ms(at(took, 1)),
		float64(len(took))/r.wall.Seconds(), ms(r.cpu/n), float64(r.bytes)/float64(n)/1024, b.server.memory("VmRSS"))
	if len(r.took) > 1 {
		for _, who := range viewers {
			list := slices.Sorted(slices.Values(r.took[who]))
			name, _, _ := strings.Cut(who, "@")
			b.print("| … as %s | | %s | %s | %s | | | | |\n", name, ms(at(list, 0.5)), ms(at(list, 0.99)), ms(at(list, 1)))
		}
	}
	if r.limit > 0 && at(took, 0.99) > r.limit {
		b.print("| … **over its goal**; slowest: `%s` | | | | | | | | |\n", r.slowest)
	}
}

func ms(d time.Duration) string { return fmt.Sprintf("%.2f ms", float64(d)/float64(time.Millisecond)) }

// afterWrites asks first questions after a write: what was kept is void then.
func (b *bench) afterWrites(ctx context.Context) error {
	b.print("\nThe first request after a write (one client; each asked after an edit of an image):\n\n| request | median | max |\n|---|---|---|\n")
	for _, path := range []string{"/images/", "/images/?ordering=x_coord", "/images/?status=A&ordering=-point", "/images/search_advanced/?antibodyTarget=cd3",
		fmt.Sprintf("/images/?offset=%d", b.size/10*9)} {
		for _, who := range viewers[:2] {
			var took []time.Duration
			for i := range 10 {
				body, err := json.Marshal(map[string]string{"description": fmt.Sprintf("edit %d", i)})
				if err != nil {
					return err
				}
				if err := b.client.send(ctx, http.MethodPatch, storeseed.Admin, "/images/1/", body, nil); err != nil {
					return err
				}
				start := time.Now()
				if _, err := b.client.get(ctx, who, path, nil); err != nil {
					return err
				}
				took = append(took, time.Since(start))
			}
			slices.SortFunc(took, cmp.Compare)
			b.print("| %s as %s | %s | %s |\n", path, who, ms(at(took, 0.5)), ms(at(took, 1)))
		}
	}
	return nil
}

// stream reads the beginning of the whole list.
func (b *bench) stream(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	req, err := b.client.request(ctx, http.MethodGet, storeseed.Admin, "/images/?paging=no&ordering=x_coord", http.NoBody)
	if err != nil {
		return err
	}
	start := time.Now()
	res, err := b.client.http.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = res.Body.Close() }()
	var first time.Duration
	buffer, total := make([]byte, 256<<10), 0
	for time.Since(start) < 10*time.Second {
		n, err := res.Body.Read(buffer)
		if total == 0 {
			first = time.Since(start)
		}
		if total += n; err != nil {
			break
		}
	}
	b.print("\n`?paging=no&ordering=x_coord` over all images: the first bytes after %s, %d MiB in the first %.1f s.\n", ms(first), total>>20, time.Since(start).Seconds())
	return nil
}
