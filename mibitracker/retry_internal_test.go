package mibitracker

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"time"
)

// Full jitter: a wait is anything up to a ceiling, which doubles up to the
// longest. That none of 400 waits lies in a half has a chance of 2^-400.
func TestBackoff(t *testing.T) {
	t.Parallel()
	p := &retryPolicy{first: 100 * time.Millisecond, longest: time.Second}
	for attempt, ceiling := range map[int]time.Duration{
		0: 100 * time.Millisecond, 1: 200 * time.Millisecond, 3: 800 * time.Millisecond, 4: time.Second, 99: time.Second,
	} {
		low, high := 0, 0
		for range 400 {
			switch wait := p.backoff(attempt); {
			case wait <= 0 || wait > ceiling:
				t.Fatalf("attempt %d waits %v, more than %v", attempt, wait, ceiling)
			case wait <= ceiling/2:
				low++
			default:
				high++
			}
		}
		if low == 0 || high == 0 {
			t.Errorf("attempt %d: %d short waits and %d long ones", attempt, low, high)
		}
	}
	if wait := (&retryPolicy{}).backoff(3); wait != 0 {
		t.Errorf("without a wait: %v", wait)
	}
}

// Retry-After is honoured in both forms, and is no longer than the longest
// wait, else the answer is the caller's.
func TestRetryAfterIsHonouredAndBounded(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	for header, want := range map[string]time.Duration{
		"":                              -1,
		"soon":                          -1,
		"0":                             0,
		"-5":                            0,
		"7":                             7 * time.Second,
		"Fri, 02 Jan 2026 03:04:45 GMT": 40 * time.Second,
		"Fri, 02 Jan 2026 03:04:00 GMT": 0,
		"Fri, 02 Jan 2099 03:04:00 GMT": time.Date(2099, 1, 2, 3, 4, 0, 0, time.UTC).Sub(now),
		"999999999":                     999999999 * time.Second,
	} {
		if wait, told := retryAfter(header, now); told != (want >= 0) || told && wait != want {
			t.Errorf("%q: %v, %t, want %v", header, wait, told, want)
		}
	}
	p := &retryPolicy{retries: 3, longest: time.Minute, methods: []string{"GET"}, codes: []int{503}}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://x/", nil)
	if err != nil {
		t.Fatal(err)
	}
	for header, want := range map[string]bool{"60": true, "61": false, "999999999": false} {
		resp := &http.Response{StatusCode: 503, Header: http.Header{"Retry-After": {header}}}
		if wait, again := p.again(req, resp, nil, 0); again != want || again && wait != time.Minute {
			t.Errorf("Retry-After %s: %v, %t", header, wait, again)
		}
	}
}

// A wait ends with its context, with the context's cause.
func TestPauseEndsWithItsContext(t *testing.T) {
	t.Parallel()
	enough := errors.New("enough")
	ctx, cancel := context.WithCancelCause(t.Context())
	ended := make(chan error)
	go func() { ended <- pause(ctx, time.Hour) }()
	cancel(enough)
	if err := <-ended; !errors.Is(err, enough) {
		t.Error(err)
	}
}
