package cli

import (
	"testing"
	"time"
)

func TestParseExpiry(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 23, 23, 30, 0, 7, time.FixedZone("", 3600))
	for text, want := range map[string]string{
		"1h": "2026-11-23T23:30:00Z", "90d": "2027-02-21T22:30:00Z", "8w": "2027-01-18T22:30:00Z",
		"2027-01-31": "2027-02-01T00:00:00Z", "2026-11-23": "2026-11-24T00:00:00Z", "2027-12-31": "2028-01-01T00:00:00Z",
		"2026-11-22": "", "2027-02-30": "", "": "", "90": "", "d": "", "0d": "", "-1d": "", "+1d": "", "1.5d": "", "90 d": "",
		"4294967296d": "", "4294967295w": "", "Never": "", "90m": "", "2027": "", "01.02.2027": "",
	} {
		got, err := parseExpiry(text, now)
		switch {
		case (err != nil) != (want == ""):
			t.Errorf("%q: %v, %v", text, got, err)
		case err == nil && got.Format(time.RFC3339) != want:
			t.Errorf("%q: %v, want %s", text, got, want)
		}
	}
	if got, err := parseExpiry("never", now); got != nil || err != nil {
		t.Errorf("never: %v, %v", got, err)
	}
}
