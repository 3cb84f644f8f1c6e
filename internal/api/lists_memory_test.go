package api_test

import (
	"fmt"
	"io"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"
)

// peak calls do, and returns how much larger the heap was meanwhile.
func peak(do func()) int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	before, most := int64(m.HeapAlloc), int64(0)
	done := make(chan struct{})
	var group sync.WaitGroup
	group.Go(func() {
		tick := time.NewTicker(10 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-done:
				return
			case <-tick.C:
				runtime.ReadMemStats(&m)
				most = max(most, int64(m.HeapAlloc)-before)
			}
		}
	})
	do()
	close(done)
	group.Wait()
	return most
}

// A page of large objects is not put together in memory.
func TestPageOfLargeObjects(t *testing.T) {
	if raceless(false, true) {
		t.Skip("the race detector's own memory would be measured, too")
	}
	s := newServer(t)
	var rows strings.Builder
	for i := range 1000 {
		fmt.Fprintf(&rows, `%s{"mass": %d, "target": "t%d", "clone": %q, "element": %q, "lot": %q}`, map[bool]string{true: ",", false: ""}[i > 0],
			i%200+1, i, strings.Repeat("c", 250), strings.Repeat("e", 250), strings.Repeat("l", 250))
	}
	for i := range 40 {
		s.do(t, s.alice, "POST", "/panels/", fmt.Sprintf(`{"name": "p%d", "conjugates": [%s]}`, i, rows.String())).want(t, 201)
	}
	var size int64
	most := peak(func() {
		req, err := http.NewRequestWithContext(t.Context(), "GET", s.URL+"/panels/?limit=1000", http.NoBody)
		must(t, err)
		req.Header.Set("Authorization", "JWT "+s.alice.token)
		res, err := s.Client().Do(req)
		must(t, err)
		size, err = io.Copy(io.Discard, res.Body)
		must(t, err)
		must(t, res.Body.Close())
	})
	t.Logf("%d MiB for an answer of %d MiB", most>>20, size>>20)
	if most > 40<<20 {
		t.Errorf("%d MiB for an answer of %d MiB", most>>20, size>>20)
	}
}
