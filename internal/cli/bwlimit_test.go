package cli

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

func TestBandwidthFlag(t *testing.T) {
	t.Parallel()
	for text, want := range map[string][2]float64{ // 0 is no limit
		"512k": {512 << 10, 512 << 10}, "1.5M": {1.5 * (1 << 20), 1.5 * (1 << 20)}, "2000B": {2000, 2000}, "1G": {1 << 30, 1 << 30},
		"10M:1m": {10 << 20, 1 << 20}, "off:1M": {0, 1 << 20}, "1M:off": {1 << 20, 0}, "off": {}, "0": {}, "1000b": {1000, 1000},
	} {
		b := &bandwidth{}
		if err := b.Set(text); err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		var got [2]float64
		if b.up != nil {
			got[0] = float64(b.up.Limit())
		}
		if b.down != nil {
			got[1] = float64(b.down.Limit())
		}
		if got != want || b.String() != text {
			t.Errorf("%s: %v of %q, want %v", text, got, b, want)
		}
		if limits := len(b.options()) > 0; limits != (want != [2]float64{}) {
			t.Errorf("%s: has options: %t", text, limits)
		}
	}
	for _, text := range []string{"", "10", "M", "-1M", "+1M", "1e9k", "NaNk", "Infk", "0x1k", "1..5M", "10M:", ":10M", "1M:1M:1M", "999B", "0.5k", "9999999G", "10 M", "1Mé", "0M"} {
		b := &bandwidth{text: "before"}
		if err := b.Set(text); err == nil || b.text != "before" {
			t.Errorf("%q is taken: %v, %q", text, err, b.text)
		}
	}
}

// wire is a transport that reads what is sent and answers at once.
type wire struct {
	answer int64 // bytes
	sent   func(at time.Time, n int)
}

func (w wire) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.Body != nil {
		for p := make([]byte, 64<<10); ; {
			n, err := req.Body.Read(p)
			w.sent(time.Now(), n)
			if err == io.EOF {
				break
			}
			if err != nil {
				return nil, err
			}
		}
	}
	return &http.Response{StatusCode: http.StatusOK, Body: io.NopCloser(io.LimitReader(zeros{}, w.answer))}, nil
}

// zeros never ends.
type zeros struct{}

func (zeros) Read(p []byte) (int, error) { return len(p), nil }

// Many transfers together keep the limit, and each of them moves all the time.
func TestBandwidthIsShared(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		limit string
		each  int64 // bytes of each of 8 transfers, both ways
		want  time.Duration
	}{
		{"1k", 2048, 16 * time.Second},
		{"1M", 2 << 20, 16 * time.Second},
		{"20M", 40 << 20, 16 * time.Second},
		{"1M:off", 2 << 20, 16 * time.Second},
	} {
		t.Run(test.limit, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var b bandwidth
				if err := b.Set(test.limit); err != nil {
					t.Fatal(err)
				}
				var mu sync.Mutex
				var longest time.Duration
				start := time.Now()
				var all sync.WaitGroup
				for range 8 {
					all.Go(func() {
						last := time.Now()
						moved := func(at time.Time, _ int) {
							mu.Lock()
							defer mu.Unlock()
							longest, last = max(longest, at.Sub(last)), at
						}
						transport := &limited{below: wire{answer: test.each, sent: moved}, up: b.up, down: b.down}
						req, err := http.NewRequestWithContext(t.Context(), http.MethodPut, "http://lab/", io.LimitReader(zeros{}, test.each))
						if err != nil {
							t.Error(err)
							return
						}
						before := req.Body
						resp, err := transport.RoundTrip(req)
						if err != nil || req.Body != before {
							t.Errorf("%v; the caller's request changed: %t", err, req.Body != before)
							return
						}
						got := int64(0)
						for p := make([]byte, 64<<10); ; {
							n, err := resp.Body.Read(p)
							moved(time.Now(), n)
							got += int64(n)
							if err != nil {
								break
							}
						}
						if got != test.each {
							t.Errorf("%d bytes came, want %d", got, test.each)
						}
					})
				}
				all.Wait()
				want := 2 * test.want // both ways
				if b.down == nil {
					want = test.want
				}
				took := time.Since(start)
				if took < want*9/10 || took > want*11/10 {
					t.Errorf("took %v, want %v", took, want)
				}
				if longest > time.Second {
					t.Errorf("one waited for %v", longest)
				}
			})
		})
	}
}

func TestBandwidthEnds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var b bandwidth
		if err := b.Set("1k"); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancelCause(t.Context())
		why := errors.New("enough")
		time.AfterFunc(3*time.Second, func() { cancel(why) })
		start, sent := time.Now(), 0
		transport := &limited{below: wire{sent: func(_ time.Time, n int) { sent += n }}, up: b.up, down: b.down}
		req, err := http.NewRequestWithContext(ctx, http.MethodPut, "http://lab/", strings.NewReader(strings.Repeat("x", 1<<20)))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := transport.RoundTrip(req); !errors.Is(err, why) {
			t.Errorf("got %v", err)
		}
		if took := time.Since(start); took != 3*time.Second || sent < 2900 || sent > 3300 {
			t.Errorf("%d bytes in %v", sent, took)
		}
		// What is sent once more is as slow, and no body stays none.
		body, err := req.GetBody()
		if _, slow := body.(*slowBody); err != nil || slow {
			t.Errorf("the caller's request changed: %T, %v", body, err)
		}
		empty, err := http.NewRequestWithContext(t.Context(), http.MethodPut, "http://lab/", http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		if _, err = (&limited{below: roundTrip(func(r *http.Request) { req = r }), up: b.up}).RoundTrip(empty); err == nil || req.Body != http.NoBody {
			t.Errorf("no body became %T; %v", req.Body, err)
		}
		full := empty.Clone(t.Context())
		full.Body, full.GetBody = io.NopCloser(strings.NewReader("x")), func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader("x")), nil }
		_, _ = (&limited{below: roundTrip(func(r *http.Request) { req = r }), up: b.up}).RoundTrip(full)
		again, err := req.GetBody()
		if _, slow := again.(*slowBody); err != nil || !slow {
			t.Errorf("sent once more: %T, %v", again, err)
		}
	})
}

// roundTrip shows a request and fails.
type roundTrip func(*http.Request)

func (f roundTrip) RoundTrip(req *http.Request) (*http.Response, error) {
	f(req)
	return nil, errors.New("no network")
}
