// Command transfer measures how fast `mibi pull` brings a run here, against the
// Python way and against curl: see README.md.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"time"
)

// settings are what the measurement is told.
type settings struct {
	mibi, work, python, mibilib string
	fovs, size, rounds          int
	delay                       time.Duration
	jobs                        int
	out                         io.Writer
}

// say prints a line of the result.
func (s *settings) say(format string, args ...any) { _, _ = fmt.Fprintf(s.out, format, args...) }

func main() {
	s := settings{out: os.Stdout}
	flag.StringVar(&s.mibi, "mibi", "", "the mibi to measure; without it, it is built from this tree")
	flag.StringVar(&s.work, "work", "", "a folder for all files, on the disk that counts; without it, a temporary one")
	flag.StringVar(&s.python, "python", "/usr/bin/python3", "the Python that has what mibilib needs")
	flag.IntVar(&s.fovs, "fovs", 20, "FOVs of the run")
	flag.IntVar(&s.size, "size", 2048, "pixels along an FOV's edge; it has 40 channels")
	flag.IntVar(&s.rounds, "rounds", 7, "how often both ways are measured without a delay, by turns")
	flag.DurationVar(&s.delay, "delay", 50*time.Millisecond, "how long the line takes each way")
	flag.IntVar(&s.jobs, "jobs", 0, "what to pass on as --jobs; 0 for none")
	flag.Parse()
	s.mibilib = os.Getenv("MIBILIB_DIR")
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, s)
	stop()
	if err != nil {
		_, _ = fmt.Fprintln(os.Stderr, "transfer:", err)
		os.Exit(1) //nolint:forbidigo // this is a main
	}
}

func run(ctx context.Context, s settings) (err error) {
	if s.work == "" {
		if s.work, err = os.MkdirTemp("", "mibi-transfer-"); err != nil {
			return err
		}
		defer func() { _ = os.RemoveAll(s.work) }()
	}
	if s.mibi == "" {
		s.mibi = filepath.Join(s.work, "mibi")
		build := exec.CommandContext(ctx, "go", "build", "-trimpath", "-ldflags", "-s -w", "-o", s.mibi, "github.com/openmibi/openmibi/cmd/mibi") //nolint:gosec // a folder of whoever measures
		build.Env = append(os.Environ(), "CGO_ENABLED=0")
		build.Stderr = os.Stderr
		if err := build.Run(); err != nil {
			return fmt.Errorf("build mibi: %w", err)
		}
	}
	lab, err := newLab(ctx, s)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, lab.close()) }()
	s.say("%d FOVs of 40 channels, %d × %d uint16: %d files, %.1f MB in all\n\n", s.fovs, s.size, s.size, len(lab.files), float64(lab.bytes)/1e6)
	if err := far(ctx, s, lab); err != nil {
		return err
	}
	return near(ctx, s, lab)
}
