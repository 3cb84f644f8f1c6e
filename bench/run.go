package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"
)

// command is a program and what it is told.
type command struct {
	args  []string
	env   []string // besides this process's own
	tells bool     // it prints how many seconds its task took
	out   string   // the file that it writes, if its size matters
}

// measured is what one run of a program took.
type measured struct {
	whole  time.Duration // from its start to its end
	cpu    time.Duration // what it had of all processors together
	inside time.Duration // what its task took, if it tells
	peak   int64         // the most memory that it had, in bytes, 0 if unknown
	size   int64         // the size of the file that it wrote, in bytes
}

// run runs a program to its end. What it complains about becomes the error's
// text.
func (c command) run(ctx context.Context) (m measured, err error) {
	process := exec.CommandContext(ctx, c.args[0], c.args[1:]...) //nolint:gosec // they are the programs to compare
	process.Env = append(os.Environ(), c.env...)
	var said, complaint bytes.Buffer
	process.Stderr = &complaint
	if c.tells {
		process.Stdout = &said
	}
	begin := time.Now()
	err = process.Run()
	m.whole = time.Since(begin)
	if err != nil {
		return m, fmt.Errorf("%s: %w: %s", strings.Join(c.args, " "), err, bytes.TrimSpace(complaint.Bytes()))
	}
	m.cpu = process.ProcessState.UserTime() + process.ProcessState.SystemTime()
	m.peak = peakMemory(process.ProcessState)
	if c.tells {
		seconds, err := strconv.ParseFloat(strings.TrimSpace(said.String()), 64)
		if err != nil {
			return m, fmt.Errorf("%s: %w", strings.Join(c.args, " "), err)
		}
		m.inside = time.Duration(seconds * float64(time.Second))
	}
	if c.out != "" {
		info, err := os.Stat(c.out)
		if err != nil {
			return m, err
		}
		m.size = info.Size()
	}
	return m, nil
}
