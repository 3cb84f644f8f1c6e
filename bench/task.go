package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/openmibi/openmibi/mibi"
	"github.com/openmibi/openmibi/mibitiff"
)

// runTask does a task in this process and prints what it took, in seconds.
func runTask(ctx context.Context, name string, args []string, out io.Writer) error {
	if len(args) == 0 {
		return errors.New("a task needs a file")
	}
	var took time.Duration
	var err error
	switch name {
	case "make":
		return writeFOV(args[0], edge, exposures)
	case "decode":
		took, err = timed(func() error { return decode(ctx, args[0]) })
	case "read":
		took, err = timed(func() error {
			_, _, err := readAll(ctx, args[0])
			return err
		})
	case "channel":
		took, err = timed(func() error { return readChannel(ctx, args[0]) })
	case "write":
		if len(args) < 2 {
			return errors.New("write needs a second file")
		}
		took, err = write(ctx, args[0], args[1])
	default:
		err = fmt.Errorf("no task %q", name)
	}
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(out, took.Seconds())
	return err
}

func timed(do func() error) (time.Duration, error) {
	begin := time.Now()
	err := do()
	return time.Since(begin), err
}

// eachPage hands each page to one of as many workers as there are processors,
// with the worker's number.
func eachPage(pages []mibitiff.Page, do func(worker int, page mibitiff.Page) error) error {
	next := make(chan mibitiff.Page, len(pages))
	for _, p := range pages {
		next <- p
	}
	close(next)
	var workers errgroup.Group
	for worker := range runtime.GOMAXPROCS(0) {
		workers.Go(func() error {
			for page := range next {
				if err := do(worker, page); err != nil {
					return err
				}
			}
			return nil
		})
	}
	return workers.Wait()
}

// decode decodes all pages and keeps none.
func decode(ctx context.Context, path string) error {
	file, err := mibitiff.OpenFile(path)
	if err != nil {
		return err
	}
	defer file.Close() //nolint:errcheck // it is read only
	buffers := make([][]byte, runtime.GOMAXPROCS(0))
	return eachPage(file.Pages(), func(worker int, page mibitiff.Page) error {
		if int64(len(buffers[worker])) != page.Bytes() {
			buffers[worker] = make([]byte, page.Bytes())
		}
		return file.ReadBytes(ctx, page.Index, buffers[worker])
	})
}

// readAll reads all pages into planes of their own.
func readAll(ctx context.Context, path string) (*mibitiff.File, []mibitiff.Plane, error) {
	file, err := mibitiff.OpenFile(path)
	if err != nil {
		return nil, nil, err
	}
	defer file.Close() //nolint:errcheck // it is read only
	pages := file.Pages()
	planes := make([]mibitiff.Plane, len(pages))
	return file, planes, eachPage(pages, func(_ int, page mibitiff.Page) (err error) {
		planes[page.Index], err = file.ReadPlane(ctx, page.Index)
		return err
	})
}

func readChannel(ctx context.Context, path string) error {
	file, err := mibitiff.OpenFile(path)
	if err != nil {
		return err
	}
	defer file.Close() //nolint:errcheck // it is read only
	page, err := file.Channel(oneChannel)
	if err != nil {
		return err
	}
	_, err = file.ReadPlane(ctx, page.Index)
	return err
}

// write writes the image at path to another file, and tells what that took
// alone.
func write(ctx context.Context, path, to string) (time.Duration, error) {
	file, planes, err := readAll(ctx, path)
	if err != nil {
		return 0, err
	}
	return timed(func() error { return writeImage(to, file.Metadata(), file.Channels(), planes) })
}

func writeImage(path string, meta mibi.Metadata, channels []mibi.Channel, planes []mibitiff.Plane) error {
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	return errors.Join(mibitiff.Write(file, meta, channels, planes), file.Close())
}
