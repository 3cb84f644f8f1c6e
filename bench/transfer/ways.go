package main

import (
	"bytes"
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/openmibi/openmibi/internal/faulty"
)

//go:embed channels.py
var channelsScript string

// timed runs a program, and says how long it took.
func timed(cmd *exec.Cmd) (time.Duration, error) {
	var complaint bytes.Buffer
	cmd.Stderr = &complaint
	began := time.Now()
	if err := cmd.Run(); err != nil {
		return 0, fmt.Errorf("%s: %w\n%s", filepath.Base(cmd.Path), err, complaint.String())
	}
	return time.Since(began), nil
}

// pull is one `mibi pull` into a new folder, from its start to its end.
func pull(ctx context.Context, s settings, l *lab, url, layout, dir string) (time.Duration, error) {
	args := []string{"pull", label, "--layout", layout, "--out", dir, "--quiet"}
	if s.jobs > 0 {
		args = append(args, "--jobs", strconv.Itoa(s.jobs))
	}
	cmd := exec.CommandContext(ctx, s.mibi, args...) //nolint:gosec // the program that is measured
	cmd.Env = append(os.Environ(), "MIBITRACKER_URL="+url, "MIBITRACKER_TOKEN="+l.token)
	return timed(cmd)
}

// far measures over a line that is far away: all channels, each a file.
func far(ctx context.Context, s settings, l *lab) (err error) {
	line, err := faulty.NewLine(ctx, l.url, 2*s.delay, 0)
	if err != nil {
		return err
	}
	defer func() { _ = line.Close() }()
	dir := filepath.Join(s.work, "far")
	var pulls []time.Duration
	for range 3 {
		took, err := pull(ctx, s, l, line.URL, "channels", dir)
		if err != nil {
			return err
		}
		if err := counted(dir, len(l.files)*len(l.channels), ".tiff"); err != nil {
			return err
		}
		pulls = append(pulls, took)
		if err := os.RemoveAll(dir); err != nil {
			return err
		}
	}
	s.say("%v each way, %d channels:\n", s.delay, len(l.files)*len(l.channels))
	s.say("  mibi pull --layout channels   %s\n", spread(pulls))
	if s.mibilib == "" {
		s.say("  the Python way                not measured: MIBILIB_DIR names no checkout of ionpath/mibilib\n\n")
		return nil
	}
	order := struct {
		URL      string   `json:"url"`
		Email    string   `json:"email"`
		Password string   `json:"password"`
		Dir      string   `json:"dir"`
		Images   []int64  `json:"images"`
		Channels []string `json:"channels"`
	}{line.URL, email, password, dir, l.images, l.channels}
	text, err := json.Marshal(order) //nolint:gosec // a password for nobody
	if err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return err
	}
	python := exec.CommandContext(ctx, s.python, "-c", channelsScript) //nolint:gosec // the Python of whoever measures
	python.Stdin = bytes.NewReader(text)
	python.Env = append(os.Environ(), "PYTHONPATH="+s.mibilib, "PYTHONDONTWRITEBYTECODE=1")
	took, err := timed(python)
	if err != nil {
		return err
	}
	if err := counted(dir, len(l.files)*len(l.channels), ".tiff"); err != nil {
		return err
	}
	s.say("  get_channel_data, one by one  %v\n", took.Round(time.Millisecond))
	s.say("  mibi pull is %.1f times as fast\n\n", took.Seconds()/median(pulls).Seconds())
	return os.RemoveAll(dir)
}

// near measures without a delay, by turns: whole files.
func near(ctx context.Context, s settings, l *lab) error {
	var pulls, curls []time.Duration
	for round := range s.rounds + 1 {
		dir := filepath.Join(s.work, "near")
		if err := settle(ctx); err != nil {
			return err
		}
		pulled, err := pull(ctx, s, l, l.url, "mibitiff", dir)
		if err == nil {
			err = counted(dir, len(l.files), ".tiff")
		}
		if err != nil {
			return err
		}
		if err := os.RemoveAll(dir); err != nil {
			return err
		}
		if err := settle(ctx); err != nil {
			return err
		}
		curled, err := curl(ctx, l, dir)
		if err == nil {
			err = counted(dir, len(l.files), ".tiff")
		}
		if err != nil {
			return err
		}
		if err := os.RemoveAll(dir); err != nil {
			return err
		}
		if round > 0 { // the first is for the caches
			pulls, curls = append(pulls, pulled), append(curls, curled)
		}
	}
	rate := func(took time.Duration) float64 { return float64(l.bytes) / 1e6 / took.Seconds() }
	s.say("no delay, %d files, %d rounds:\n", len(l.files), s.rounds)
	s.say("  mibi pull --layout mibitiff   %s, %.0f MB/s\n", spread(pulls), rate(median(pulls)))
	s.say("  curl --parallel               %s, %.0f MB/s\n", spread(curls), rate(median(curls)))
	s.say("  mibi pull reaches %.0f %% of curl's speed\n", 100*median(curls).Seconds()/median(pulls).Seconds())
	return nil
}

// curl brings the same files by signed URLs, which it is given. Signing is not
// counted: curl knows nothing of it.
func curl(ctx context.Context, l *lab, dir string) (time.Duration, error) {
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return 0, err
	}
	var config strings.Builder
	for i, file := range l.files {
		url, err := l.client.Files.Sign(ctx, file)
		if err != nil {
			return 0, err
		}
		fmt.Fprintf(&config, "url = %q\noutput = %q\n", url, filepath.Join(dir, fmt.Sprintf("fov%d.tiff", i)))
	}
	cmd := exec.CommandContext(ctx, "curl", "--parallel", "--fail", "--silent", "--show-error", "--config", "-")
	cmd.Stdin = strings.NewReader(config.String())
	return timed(cmd)
}

// settle waits until the disk has what was written before. curl leaves that to the
// system, which would write it, and what was removed since, while mibi waits for
// files of its own.
func settle(ctx context.Context) error { return exec.CommandContext(ctx, "sync").Run() }

// counted makes sure that a way has brought what it should.
func counted(dir string, want int, extension string) error {
	found := 0
	err := filepath.WalkDir(dir, func(path string, e os.DirEntry, err error) error {
		if err == nil && !e.IsDir() && filepath.Ext(path) == extension && !strings.HasPrefix(e.Name(), ".") {
			found++
		}
		return err
	})
	if err == nil && found != want {
		err = fmt.Errorf("%d files were brought, not %d", found, want)
	}
	return err
}

func median(all []time.Duration) time.Duration {
	sorted := slices.Sorted(slices.Values(all))
	return sorted[len(sorted)/2]
}

func spread(all []time.Duration) string {
	return fmt.Sprintf("%v (%v to %v)", median(all).Round(time.Millisecond), slices.Min(all).Round(time.Millisecond), slices.Max(all).Round(time.Millisecond))
}
