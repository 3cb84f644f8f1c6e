package cli

import (
	"fmt"
	"time"
)

// recent is how far back the shown rate looks: a transfer that stalls or speeds
// up shows it soon, and one that comes in bursts does not flicker.
const recent = 10 * time.Second

// meter tells how fast bytes came of late.
type meter struct{ marks []mark }

type mark struct {
	at    time.Time
	bytes int64
}

// mark says how many bytes there have been by now.
func (m *meter) mark(now time.Time, bytes int64) {
	if n := len(m.marks); n > 0 && bytes < m.marks[n-1].bytes {
		m.marks = m.marks[:0] // it starts over
	}
	m.marks = append(m.marks, mark{now, bytes})
	old := 0
	for old+2 < len(m.marks) && now.Sub(m.marks[old+1].at) >= recent {
		old++
	}
	m.marks = append(m.marks[:0], m.marks[old:]...)
}

// rate is in bytes per second; 0 where nothing is known.
func (m *meter) rate() float64 {
	if len(m.marks) < 2 {
		return 0
	}
	first, last := m.marks[0], m.marks[len(m.marks)-1]
	passed := last.at.Sub(first.at).Seconds()
	if passed <= 0 {
		return 0
	}
	return float64(last.bytes-first.bytes) / passed
}

// timeLeft says how long so many bytes take at a rate; empty where that cannot
// be told.
func timeLeft(bytes int64, rate float64) string {
	if bytes < 0 || rate <= 0 || float64(bytes)/rate > (99*time.Hour).Seconds() {
		return ""
	}
	left := time.Duration(float64(bytes) / rate * float64(time.Second))
	return fmt.Sprintf("%v left", max(left.Round(time.Second), time.Second))
}

// size is a number of bytes as people read it.
func size(bytes int64) string {
	units := []string{"kB", "MB", "GB", "TB"}
	if bytes < 1000 {
		return fmt.Sprintf("%d B", bytes)
	}
	n, unit := float64(bytes)/1000, 0
	for n >= 1000 && unit < len(units)-1 {
		n, unit = n/1000, unit+1
	}
	return fmt.Sprintf("%.1f %s", n, units[unit])
}
