package cli

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"github.com/openmibi/openmibi/internal/server"
)

// demo runs the whole way of an FOV, from a file through a real server and
// back, and shows each step.
type demo struct {
	g         *globals
	once      bool
	xml, tiff string
	data      string
	addr      string
}

func newDemo(g *globals) *cobra.Command {
	o := demo{g: g}
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "Start a server, push an FOV, read every channel back, and compare",
		Long: "Start a server on this machine in a temporary folder, make an account and a\n" +
			"run, push one FOV, wait until it is viewable, read every channel back through\n" +
			"the client, and compare each value with what was pushed. Then the server stays\n" +
			"up until it is interrupted.\n\n" +
			"Without --xml and --tiff the FOV is a made one: 1024 x 1024 pixels, 40 channels.",
		Example: "  mibi demo\n  mibi demo --once --json\n  mibi demo --xml run.xml --tiff fov.tiff",
		Args:    noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if (o.xml == "") != (o.tiff == "") {
				return usage(errors.New("--xml and --tiff go together: the TIFF's run is the one that the XML describes"))
			}
			for _, path := range []string{o.xml, o.tiff} {
				if _, err := os.Stat(path); path != "" && err != nil {
					return given(err)
				}
			}
			return o.run(cmd.Context())
		},
	}
	f := cmd.Flags()
	f.BoolVar(&o.once, "once", false, "stop when the comparison is done")
	f.StringVar(&o.xml, "xml", "", "the run XML `file` of an FOV of your own")
	f.StringVar(&o.tiff, "tiff", "", "the MIBItiff `file` of an FOV of your own")
	f.StringVar(&o.data, "data", "", "the data `folder`; without it a temporary one, removed at the end")
	f.StringVar(&o.addr, "addr", "127.0.0.1:0", "the `address` to listen on; port 0 takes a free one")
	return cmd
}

func (o *demo) run(ctx context.Context) (err error) {
	work, err := os.MkdirTemp("", "mibi-demo-")
	if err != nil {
		return fmt.Errorf("make a folder for the demo: %w", err)
	}
	defer func() {
		if e := os.RemoveAll(work); e != nil {
			err = errors.Join(err, fmt.Errorf("remove the demo's folder: %w", e))
		}
	}()
	data := o.data
	if data == "" {
		data = filepath.Join(work, "data")
	}

	// The server is stopped by its own context: it must outlive the interrupt
	// that ends the waiting, to drain, and be waited for before its folder goes.
	serverCtx, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	ready, ended := make(chan string, 1), make(chan error, 1)
	logger := o.g.logger()
	if !o.g.debug {
		logger = quietLogger(o.g)
	}
	go func() {
		ended <- server.Run(serverCtx, server.Config{DataDir: data, Addr: o.addr, Version: programVersion(), Logger: logger},
			func(url string) { ready <- url })
	}()
	var url string
	select {
	case url = <-ready:
	case err := <-ended:
		return err
	}
	defer func() {
		stop()
		err = errors.Join(err, <-ended)
	}()

	// The account's name is new each time, so that a folder that earlier demos
	// have filled can be used again. It is nobody special, so that it sees its
	// own demo only, in whatever folder. A server that does not come up gets none.
	email, password := "demo-"+shortID()+"@example.org", rand.Text()
	if _, err := server.AddUser(ctx, data, email, password, false); err != nil {
		return err
	}
	steps := &steps{out: o.progress(), start: time.Now()}
	steps.done("A server is up at %s over %s", url, data)
	report, err := o.walk(ctx, steps, url, email, password, work)
	if err != nil {
		return err
	}
	if err := o.print(report, steps); err != nil {
		return err
	}
	if o.once {
		return nil
	}
	if !o.g.quiet {
		_, _ = fmt.Fprintf(o.progress(), "\nThe server stays up at %s\n  sign in as  %s\n  password    %s\nInterrupt (Ctrl-C) to stop it.\n", url, email, password)
	}
	select {
	case <-ctx.Done(): // asked to stop, with all work done
		return nil
	case err := <-ended:
		ended <- nil // for the wait above
		return errors.Join(errors.New("the server stopped by itself"), err)
	}
}

// print ends the work with its result.
func (o *demo) print(r demoReport, s *steps) error {
	if o.g.json {
		return o.g.printJSON(r)
	}
	var sum float64
	for _, c := range r.Channels {
		sum += c.Sum
	}
	_, err := fmt.Fprintf(o.g.streams.Out, "\nAll %d channels of image %d (run %s) came back bit for bit: %.0f ion counts, %s in all.\n",
		len(r.Channels), r.ImageID, r.Run, sum, time.Since(s.start).Round(time.Millisecond))
	return err
}

func shortID() string { return rand.Text()[:8] }
