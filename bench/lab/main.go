// Lab measures the server with a lab's worth of images: it seeds a data
// folder, starts the server on it in a process of its own, and asks for lists
// and objects from many clients at once. README.md says how to use it.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := start(ctx, os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "lab:", err)
		os.Exit(1) //nolint:forbidigo // this is a main
	}
}

const usage = `usage: go run ./bench/lab seed  -data DIR [-images N]
       go run ./bench/lab load  -data DIR [-clients N] [-duration D] [-only CLASS]
       go run ./bench/lab growth -data DIR [-clients N] [-duration D]`

func start(ctx context.Context, args []string, out io.Writer) error {
	if len(args) == 0 {
		return errors.New(usage)
	}
	flags := flag.NewFlagSet("lab", flag.ContinueOnError)
	o := options{out: out}
	flags.StringVar(&o.data, "data", "", "the data folder; growth makes one below it for each size")
	flags.IntVar(&o.images, "images", 1_000_000, "how many images to seed")
	flags.IntVar(&o.clients, "clients", 16, "how many clients ask at once")
	flags.DurationVar(&o.duration, "duration", 20*time.Second, "how long each class of requests is measured")
	flags.StringVar(&o.only, "only", "", "measure the classes whose name has this")
	flags.StringVar(&o.profile, "profile", "", "write a CPU profile of the server to this file")
	if err := flags.Parse(args[1:]); err != nil {
		return err
	}
	if o.data == "" || flags.NArg() > 0 || o.images < 1 || o.clients < 1 {
		return errors.New(usage)
	}
	switch args[0] {
	case "seed":
		return seed(ctx, o)
	case "load":
		return load(ctx, o)
	case "growth":
		return growth(ctx, o)
	case "serve":
		return serve(ctx, o)
	}
	return errors.New(usage)
}

// options are what the command line says.
type options struct {
	out             io.Writer
	data            string
	images, clients int
	duration        time.Duration
	only, profile   string
}
