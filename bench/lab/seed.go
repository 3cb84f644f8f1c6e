package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/openmibi/openmibi/internal/auth"
	"github.com/openmibi/openmibi/internal/store/storeseed"
)

// The password of every account, and how many images a run has.
const (
	password = "correct horse battery staple"
	perRun   = 200
)

// seed fills a data folder.
func seed(ctx context.Context, o options) error {
	start := time.Now()
	if err := os.MkdirAll(o.data, 0o700); err != nil {
		return err
	}
	hash, err := auth.NewHasher(1).HashPassword(ctx, password)
	if err != nil {
		return err
	}
	path := filepath.Join(o.data, "openmibi.db")
	err = storeseed.Fill(ctx, path, storeseed.Plan{Images: o.images, PerRun: perRun, Hash: hash, Seed: 1, Progress: func(what string) {
		_, _ = fmt.Fprintf(o.out, "%6.1f s  %s\n", time.Since(start).Seconds(), what)
	}})
	if err != nil {
		return err
	}
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(o.out, "%d images in %.1f s; the database has %d MiB\n", o.images, time.Since(start).Seconds(), info.Size()>>20)
	return errors.Join(err, os.Chmod(path, 0o600))
}
