// Bench compares this project with the other programs that read and write
// MIBItiffs, on one file and in one run, and prints a Markdown table. README.md
// says how to use it.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
)

func main() {
	if err := start(context.Background(), os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1) //nolint:forbidigo // this is a main
	}
}

func start(ctx context.Context, args []string, out io.Writer) error {
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	runs := flags.Int("runs", 10, "how often each program runs, after a first time that does not count")
	mibi := flags.String("mibi", "", "the mibi to measure; built by default")
	do := flags.String("do", "", "do one task on a file and print what it took, in seconds; the runs are made of it")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if *do != "" {
		return runTask(ctx, *do, flags.Args(), out)
	}
	if *runs < 1 || flags.NArg() > 0 {
		return errors.New("usage: go run ./bench [-runs N] [-mibi PROGRAM]")
	}
	return compare(ctx, *runs, *mibi, out)
}

// compare makes the file, lets every program run, and prints the table.
func compare(ctx context.Context, runs int, mibi string, out io.Writer) (err error) {
	folder, err := os.MkdirTemp("", "mibi-bench-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	self, err := os.Executable()
	if err != nil {
		return err
	}
	if mibi == "" {
		mibi = filepath.Join(folder, "mibi")
		build := command{
			args: []string{"go", "build", "-trimpath", "-ldflags", "-s -w", "-o", mibi, "github.com/openmibi/openmibi/cmd/mibi"},
			env:  []string{"CGO_ENABLED=0"},
		}
		if _, err := build.run(ctx); err != nil {
			return err
		}
	}
	peers, err := findPeers(ctx, folder)
	if err != nil {
		return err
	}
	s := setting{self: self, mibi: mibi, folder: folder, peers: peers}
	writer, err := s.makeFile(ctx)
	if err != nil {
		return err
	}
	programs, rows := contest(ctx, s)
	for round := range runs + 1 {
		for _, p := range programs {
			if p.missing != "" {
				continue
			}
			m, err := p.command.run(ctx)
			if err != nil {
				return err
			}
			if round > 0 {
				p.runs = append(p.runs, m)
			}
		}
	}
	info, err := os.Stat(s.file)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(out, "%d × %d × %d uint16, %d bytes, written by %s; %d processors (%s/%s); medians of %d runs.\n\n",
		edge, edge, channels, info.Size(), writer, runtime.GOMAXPROCS(0), runtime.GOOS, runtime.GOARCH, runs)
	return errors.Join(err, printTable(out, rows))
}
