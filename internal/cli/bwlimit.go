package cli

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/time/rate"
)

// bandwidth is the flag --bwlimit: how many bytes per second the whole process
// may send and receive. A nil limiter sets no limit; so does the zero bandwidth.
type bandwidth struct {
	text     string
	up, down *rate.Limiter
}

// addBandwidthFlag gives a command --bwlimit, which the client's transfers obey.
func addBandwidthFlag(cmd *cobra.Command, g *globals) {
	cmd.Flags().Var(&g.bandwidth, "bwlimit", "move at most so many bytes per second: a `rate` such as 512k or 1.5M, or one for sending and one for receiving, such as 1M:10M; off is no limit (k is 1024, M 1024²)")
}

// slowest is the smallest limit, in bytes per second. Programs gather bytes
// before they send them on, so that what is slower looks like a silent network.
const slowest = 1000

// errRate says what a limit looks like.
var errRate = errors.New("it is a number with a unit, such as 512k, 1.5M or 2000B, or off; two with a colon between are for sending and receiving")

// Set takes the flag's text.
func (b *bandwidth) Set(text string) error {
	upText, downText, two := strings.Cut(text, ":")
	if !two {
		downText = upText
	}
	up, err := limiterOf(upText)
	if err != nil {
		return err
	}
	down, err := limiterOf(downText)
	if err != nil {
		return err
	}
	*b = bandwidth{text: text, up: up, down: down}
	return nil
}

// String gives the flag's text.
func (b *bandwidth) String() string { return b.text }

// Type is how help calls the value.
func (b *bandwidth) Type() string { return "rate" }

func limiterOf(text string) (*rate.Limiter, error) {
	if text == "off" || text == "0" {
		return nil, nil
	}
	if text == "" {
		return nil, errRate
	}
	unit, known := map[byte]float64{'b': 1, 'k': 1 << 10, 'm': 1 << 20, 'g': 1 << 30}[text[len(text)-1]|0x20]
	number := text[:len(text)-1]
	if !known || strings.Trim(number, "0123456789.") != "" {
		return nil, errRate
	}
	n, err := strconv.ParseFloat(number, 64)
	if err != nil {
		return nil, errRate
	}
	limit := n * unit
	if limit < slowest || limit > math.MaxInt32*1024.0 {
		return nil, fmt.Errorf("%s is not from %dB to 2048G per second", text, slowest)
	}
	return rate.NewLimiter(rate.Limit(limit), burstOf(limit)), nil
}

// The most bytes that a body gives at once.
const largestPiece = 32 << 10

// burstOf is what may move at once: a twentieth of a second's. It makes up for
// timers that fire late, and is so small that many transfers that take turns
// each move a little all the time: nobody waits so long that the network seems
// silent.
func burstOf(limit float64) int { return max(64, int(limit/20)) }
