package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/openmibi/openmibi/internal/synth"
	"github.com/openmibi/openmibi/mibi"
	"github.com/openmibi/openmibi/mibitracker"
)

const (
	email    = "bench@example.org"
	password = "a long password for nobody"
	label    = "bench"
)

// lab is a server with one run.
type lab struct {
	url, token string
	files      []string // in storage
	images     []int64
	channels   []string
	bytes      int64
	client     *mibitracker.Client
	server     *exec.Cmd
}

// newLab starts `mibi serve` in a process of its own, and pushes a run to it.
func newLab(ctx context.Context, s settings) (_ *lab, err error) {
	data := filepath.Join(s.work, "data")
	user := exec.CommandContext(ctx, s.mibi, "user", "add", email, "--admin", "--password-stdin", "--data", data) //nolint:gosec // the program that is measured
	user.Stdin = strings.NewReader(password + "\n")
	if out, err := user.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("mibi user add: %w\n%s", err, out)
	}
	addr, err := freeAddr(ctx)
	if err != nil {
		return nil, err
	}
	l := &lab{url: "http://" + addr}
	l.server = exec.CommandContext(context.WithoutCancel(ctx), s.mibi, "serve", "--data", data, "--addr", addr) //nolint:gosec // see above
	log, err := os.Create(filepath.Join(s.work, "server.log"))
	if err != nil {
		return nil, err
	}
	defer func() { _ = log.Close() }() // the server has its own
	l.server.Stdout, l.server.Stderr = log, log
	if err := l.server.Start(); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, l.close())
		}
	}()
	if err := l.awake(ctx); err != nil {
		return nil, err
	}
	if l.client, err = mibitracker.New(l.url, mibitracker.WithPassword(email, password)); err != nil {
		return nil, err
	}
	if err := l.client.Login(ctx); err != nil {
		return nil, err
	}
	l.token = l.client.Token()
	return l, l.fill(ctx, s)
}

func freeAddr(ctx context.Context) (string, error) {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return listener.Addr().String(), listener.Close()
}

// awake waits until the server answers.
func (l *lab) awake(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	for {
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, l.url+"/", nil)
		if err != nil {
			return err
		}
		resp, err := http.DefaultClient.Do(r)
		if err == nil {
			return resp.Body.Close()
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("the server does not answer: %w", err)
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// fill makes the run, one FOV at a time, and pushes it.
func (l *lab) fill(ctx context.Context, s settings) error {
	var images []*synth.Image
	var paths []string
	for point := 1; point <= s.fovs; point++ {
		image, err := synth.FOV(uint64(point), synth.Options{Size: s.size, Run: label, Point: point})
		if err != nil {
			return err
		}
		if point == 1 {
			for _, c := range image.Channels {
				l.channels = append(l.channels, c.Label())
			}
		}
		path := filepath.Join(s.work, fmt.Sprintf("fov%d.tiff", point))
		var out bytes.Buffer
		if err := image.WriteTIFF(&out); err != nil {
			return err
		}
		if err := os.WriteFile(path, out.Bytes(), 0o600); err != nil {
			return err
		}
		l.bytes += int64(out.Len())
		paths = append(paths, path)
		// The run's XML wants to know how large the FOVs are; the samples are not
		// kept.
		one := &synth.Image{Metadata: image.Metadata, Planes: image.Planes[:1]}
		if point > 1 {
			one.Planes = images[0].Planes
		}
		images = append(images, one)
	}
	xml, err := synth.RunXML(images)
	if err != nil {
		return err
	}
	instruments, err := l.client.Instruments.List(ctx, mibitracker.ListOptions{})
	if err != nil {
		return err
	}
	if len(instruments.Results) == 0 {
		return errors.New("the server has no instrument")
	}
	run, err := l.client.Runs.Create(ctx, mibitracker.NewRun{
		XML: mibitracker.FromBytes(label+".xml", xml), Label: label, Instrument: instruments.Results[0].ID,
	})
	if err != nil {
		return err
	}
	ids := map[string]int64{}
	for _, image := range run.ImageSet.Images {
		ids[image.Folder] = image.ID
	}
	for i, path := range paths {
		if err := l.push(ctx, run, ids[folderOf(images[i].Metadata)], path); err != nil {
			return err
		}
		if err := os.Remove(path); err != nil {
			return err
		}
	}
	return nil
}

func folderOf(m mibi.Metadata) string { return m.Folder.String() }

// push pushes one FOV, and waits until it is available.
func (l *lab) push(ctx context.Context, run *mibitracker.Run, id int64, path string) error {
	source, err := mibitracker.FromFile(path)
	if err != nil {
		return err
	}
	if _, err := l.client.Uploads.MIBItiff(ctx, run.ID, source); err != nil {
		return err
	}
	image, err := l.client.Images.WaitAvailable(ctx, id, "")
	if err != nil {
		return err
	}
	where, err := image.TIFFPath()
	l.files, l.images = append(l.files, where), append(l.images, id)
	return err
}

// close stops the server.
func (l *lab) close() error {
	if err := l.server.Process.Signal(syscall.SIGTERM); err != nil {
		return err
	}
	return l.server.Wait()
}
