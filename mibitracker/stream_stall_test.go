package mibitracker_test

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/openmibi/openmibi/mibitracker"
)

// An answer that stands still is given up after the timeout and asked for again;
// one that is only slow is waited for.
func TestStreamStalls(t *testing.T) {
	t.Parallel()
	const limit = time.Minute
	content := noise(400_000)
	slow := func(_ *weather, _ http.ResponseWriter, r *http.Request) bool {
		select {
		case <-time.After(limit - time.Second):
		case <-r.Context().Done():
		}
		return false
	}
	for name, test := range map[string]struct {
		faults []fault
		waits  int // times the limit
		want   error
		ranges string
	}{
		"nothing":            {},
		"in the middle":      {faults: []fault{stalled(50_000)}, waits: 1, ranges: " 50000-"},
		"twice":              {faults: []fault{stalled(50_000), stalled(100_000)}, waits: 2, ranges: " 50000- 150000-"},
		"before a byte":      {faults: []fault{stalled(0)}, waits: 1},
		"for ever":           {faults: slices.Repeat([]fault{stalled(0)}, 20), want: mibitracker.ErrTimeout, waits: 4},
		"a slow first byte":  {faults: []fault{slow}},
		"slow after a stall": {faults: []fault{stalled(50_000), slow}, waits: 1, ranges: " 50000-"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s, by := newWiredWeather(t, content, test.faults...)
				began := time.Now()
				f, err := newClient(t, s.URL, by, mibitracker.WithTransferTimeout(limit)).Files.Open(t.Context(), "x")
				var got []byte
				if err == nil {
					got, err = io.ReadAll(f)
					if err := f.Close(); err != nil {
						t.Error(err)
					}
				}
				if !errors.Is(err, test.want) || err == nil && !bytes.Equal(got, content) {
					t.Errorf("%d bytes, %v; want %v", len(got), err, test.want)
				}
				if test.ranges != "" && s.ranges() != test.ranges {
					t.Errorf("asked for %q, want %q", s.ranges(), test.ranges)
				}
				if took := time.Since(began); int(took/limit) != test.waits {
					t.Errorf("it took %v, want %d times %v", took, test.waits, limit)
				}
			})
		})
	}
}
