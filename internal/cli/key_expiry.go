package cli

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// maxLife bounds what can be counted, in hours: more than any key may last.
const maxLife = 100 * 366 * 24

// parseExpiry reads when a key is to end: "never" (nil), a time from now, or a
// day, to its end in UTC, as the API reads it.
func parseExpiry(text string, now time.Time) (*time.Time, error) {
	if text == "never" {
		return nil, nil
	}
	if day, err := time.Parse(time.DateOnly, text); err == nil {
		end := day.AddDate(0, 0, 1)
		if !end.After(now) {
			return nil, fmt.Errorf("--expires %s: that day is over", text)
		}
		return &end, nil
	}
	for unit, hours := range map[string]int{"h": 1, "d": 24, "w": 7 * 24} {
		digits, ok := strings.CutSuffix(text, unit)
		if !ok {
			continue
		}
		n, err := strconv.ParseUint(digits, 10, 32)
		if err != nil || n == 0 || n > uint64(maxLife/hours) {
			break
		}
		end := now.Add(time.Duration(n) * time.Duration(hours) * time.Hour).UTC().Truncate(time.Second)
		return &end, nil
	}
	return nil, fmt.Errorf("--expires %q is no time: it is one from now, such as 12h, 90d or 8w, a day such as 2027-01-31, or never", text)
}
