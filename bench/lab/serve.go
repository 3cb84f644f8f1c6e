package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"runtime/pprof"
	"syscall"

	"github.com/openmibi/openmibi/internal/server"
)

// serve runs the server until it is told to stop: it is what load measures,
// in a process of its own. It prints its URL.
func serve(ctx context.Context, o options) (err error) {
	ctx, stop := signal.NotifyContext(ctx, syscall.SIGTERM)
	defer stop()
	if o.profile != "" {
		f, err := os.Create(o.profile)
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, f.Close()) }()
		if err := pprof.StartCPUProfile(f); err != nil {
			return err
		}
		defer pprof.StopCPUProfile()
	}
	server.KeepMemoryLow() // as mibi serve does
	cfg := server.Config{DataDir: o.data, Addr: "127.0.0.1:0", Version: "lab", Logger: slog.New(slog.DiscardHandler)}
	return server.Run(ctx, cfg, func(url string) { _, _ = fmt.Fprintln(o.out, url) })
}
