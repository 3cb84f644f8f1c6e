package mibitrackertest

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/openmibi/openmibi/internal/server"
)

// drain is how long requests under way may go on at the lab's end. Whoever
// ends it has seen its answers; what still runs was forgotten.
const drain = time.Second

// serve starts the server over a data folder. stop ends it, waits until it is
// gone, and gives the error that it ended with.
func serve(ctx context.Context, dir string, log *slog.Logger) (url string, stop func() error, err error) {
	cfg := server.Config{DataDir: dir, Addr: "127.0.0.1:0", Version: "mibitrackertest", Logger: log, Drain: drain}
	// The caller's context is that of the beginning: Close ends the server.
	running, end := context.WithCancel(context.WithoutCancel(ctx))
	ready, ended := make(chan string, 1), make(chan error, 1)
	go func() { ended <- server.Run(running, cfg, func(url string) { ready <- url }) }()
	stop = func() error {
		end()
		if err := <-ended; err != nil {
			return fmt.Errorf("the server did not stop cleanly: %w", err)
		}
		return nil
	}
	select {
	case url = <-ready:
		return url, stop, nil
	case err := <-ended:
		end()
		return "", nil, fmt.Errorf("start the server: %w", err)
	case <-ctx.Done():
		return "", nil, errors.Join(fmt.Errorf("start the server: %w", context.Cause(ctx)), stop())
	}
}
