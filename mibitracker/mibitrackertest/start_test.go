package mibitrackertest_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/openmibi/openmibi/mibitracker"
	"github.com/openmibi/openmibi/mibitracker/mibitrackertest"
)

func TestEmpty(t *testing.T) {
	t.Parallel()
	lab, ctx := mibitrackertest.Start(t, mibitrackertest.Empty()), t.Context()
	runs, err := lab.Client.Runs.List(ctx, mibitracker.RunFilter{})
	if err != nil || runs.Count != 0 || lab.Run != nil || len(lab.FOVs) != 0 || lab.Pending != nil || lab.Project != nil {
		t.Errorf("%+v, %v", runs, err)
	}
	projects, err := lab.Client.Projects.List(ctx, mibitracker.ListOptions{})
	if err != nil || projects.Count != 0 {
		t.Errorf("%+v, %v", projects, err)
	}
	if lab.Instrument == nil || lab.Instrument.ID == 0 {
		t.Errorf("no instrument: %+v", lab.Instrument)
	}
}

func TestAccounts(t *testing.T) {
	t.Parallel()
	lab, ctx := mibitrackertest.Start(t), t.Context()
	other := lab.AddAccount(t)
	if other.Email == lab.Email || other.Password == lab.Password {
		t.Errorf("%s is the lab's own account", other.Email)
	}
	runs, err := other.Client.Runs.List(ctx, mibitracker.RunFilter{})
	if err != nil || runs.Count != 0 {
		t.Errorf("another account sees runs: %+v, %v", runs, err)
	}
	if _, err := other.NewClient(t).Images.Get(ctx, lab.FOVs[0].Image.ID); !errors.Is(err, mibitracker.ErrNotFound) {
		t.Errorf("another account's other client sees an image: %v", err)
	}
	var adding sync.WaitGroup
	for range 4 {
		adding.Go(func() {
			if a, err := lab.NewAccount(ctx); err != nil || a.Client.Token() == "" {
				t.Errorf("%+v, %v", a, err)
			}
		})
	}
	adding.Wait()
	var log bytes.Buffer
	mine := lab.NewClient(t, mibitracker.WithLogger(slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))))
	if run, err := mine.Runs.Get(ctx, lab.Run.ID); err != nil || run.Label != lab.Run.Label {
		t.Errorf("%+v, %v", run, err)
	}
	if !strings.Contains(log.String(), "/runs/") {
		t.Errorf("the client's option is lost; its log is %q", &log)
	}
}

// Labs that run at once know nothing of each other.
func TestLabsAreApart(t *testing.T) {
	t.Parallel()
	var labs [3]*mibitrackertest.Lab
	var starting sync.WaitGroup
	for i := range labs {
		starting.Go(func() { labs[i] = mibitrackertest.Start(t) })
	}
	starting.Wait()
	for i, lab := range labs {
		if lab == nil {
			t.Fatal("a lab did not start")
		}
		if _, err := lab.Client.Projects.Create(t.Context(), mibitracker.NewProject{Name: fmt.Sprint(i)}); err != nil {
			t.Error(err)
		}
		for _, other := range labs[:i] {
			if other.URL == lab.URL {
				t.Errorf("two labs have the address %s", lab.URL)
			}
		}
	}
	for i, lab := range labs {
		projects, err := lab.Client.Projects.List(t.Context(), mibitracker.ListOptions{Ordering: "id"})
		if err != nil || projects.Count != 2 || projects.Results[1].Name != fmt.Sprint(i) {
			t.Errorf("lab %d: %+v, %v", i, projects, err)
		}
	}
}

// The end of a test ends its lab: nothing listens, and nothing is left.
func TestCleanup(t *testing.T) {
	t.Parallel()
	var lab *mibitrackertest.Lab
	var log bytes.Buffer
	t.Run("user", func(t *testing.T) {
		lab = mibitrackertest.Start(t, mibitrackertest.WithLogger(slog.New(slog.NewTextHandler(&log, nil))))
	})
	var dialer net.Dialer
	conn, err := dialer.DialContext(t.Context(), "tcp", strings.TrimPrefix(lab.URL, "http://"))
	if err == nil {
		_ = conn.Close()
		t.Error("the server still listens")
	}
	if text := log.String(); !strings.Contains(text, "msg=serving") || !strings.Contains(text, "msg=stopped") {
		t.Errorf("the log lacks the server's end: %s", text)
	}
	if err := lab.Close(); err != nil {
		t.Errorf("closed again: %v", err)
	}
}

// What a test forgot does not hold up its end: an unread stream, a connection
// that says nothing, a request without an end.
func TestCloseDoesNotWaitForTheForgotten(t *testing.T) {
	t.Parallel()
	lab, err := mibitrackertest.NewLab(t.Context(), t.TempDir(), mibitrackertest.WithSize(256), mibitrackertest.WithFOVs(1))
	if err != nil {
		t.Fatal(err)
	}
	where, err := lab.FOVs[0].Image.TIFFPath()
	if err != nil {
		t.Fatal(err)
	}
	stream, err := lab.Client.Files.Open(t.Context(), where)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = stream.Close() }()
	for _, text := range []string{"", "POST /api-token-auth/ HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{"} {
		var dialer net.Dialer
		conn, err := dialer.DialContext(t.Context(), "tcp", strings.TrimPrefix(lab.URL, "http://"))
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = conn.Close() }()
		if _, err := conn.Write([]byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	began := time.Now()
	if err := lab.Close(); err != nil {
		t.Error(err)
	}
	if took := time.Since(began); took > 10*time.Second {
		t.Errorf("closing took %v", took)
	}
}

func TestNewLabRefuses(t *testing.T) {
	t.Parallel()
	for name, opt := range map[string]mibitrackertest.Option{
		"1 to 500 FOVs, not 0":     mibitrackertest.WithFOVs(0),
		"1 to 500 FOVs, not 501":   mibitrackertest.WithFOVs(501),
		"1 to 4096 pixels, not -1": mibitrackertest.WithSize(-1),
		"not 5000":                 mibitrackertest.WithSize(5000),
		"logger is nil":            mibitrackertest.WithLogger(nil),
	} {
		if _, err := mibitrackertest.NewLab(t.Context(), t.TempDir(), opt); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%v, want %q", err, name)
		}
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := mibitrackertest.NewLab(ended, t.TempDir()); !errors.Is(err, context.Canceled) {
		t.Errorf("a context that has ended: %v", err)
	}
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := mibitrackertest.NewLab(t.Context(), file); err == nil || !strings.Contains(err.Error(), file) {
		t.Errorf("a data folder that is a file: %v", err)
	}
	lab := mibitrackertest.Start(t, mibitrackertest.Empty())
	dir := t.TempDir()
	first, err := mibitrackertest.NewLab(t.Context(), dir, mibitrackertest.Empty())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := mibitrackertest.NewLab(t.Context(), dir); err == nil || !strings.Contains(err.Error(), dir) {
		t.Errorf("a folder in use: %v", err)
	}
	if err := errors.Join(first.Close(), lab.Close()); err != nil {
		t.Error(err)
	}
	// What a lab has left is no lab: its objects are there already.
	if _, err := mibitrackertest.NewLab(t.Context(), dir); err == nil || !strings.Contains(err.Error(), dir) {
		t.Errorf("a folder that was used: %v", err)
	}
}

// failing is a test that fails without failing the test it is in.
type failing struct {
	testing.TB

	said string
}

func (f *failing) Fatalf(format string, args ...any) {
	f.said = fmt.Sprintf(format, args...)
	runtime.Goexit()
}

func TestStartFailsItsTest(t *testing.T) {
	t.Parallel()
	f := &failing{TB: t}
	var ending sync.WaitGroup
	ending.Go(func() {
		mibitrackertest.Start(f, mibitrackertest.WithFOVs(-1))
		t.Error("Start went on")
	})
	ending.Wait()
	if want := "mibitrackertest: a lab has 1 to 500 FOVs, not -1"; f.said != want {
		t.Errorf("%q, want %q", f.said, want)
	}
}

// A lab serves benchmarks and fuzz tests, too.
func BenchmarkStart(b *testing.B) {
	for b.Loop() {
		lab := mibitrackertest.Start(b)
		if err := lab.Close(); err != nil {
			b.Fatal(err)
		}
	}
}

func FuzzChannelURL(f *testing.F) {
	lab := mibitrackertest.Start(f)
	id := lab.FOVs[0].Image.ID
	f.Add("CD45")
	f.Add("Na/K-ATPase")
	f.Add("")
	f.Add("cell boundaries")
	f.Fuzz(func(t *testing.T, name string) {
		_, known := lab.FOVs[0].Plane(name)
		known = known || name == lab.FOVs[0].Image.ExtraChannels[0]
		_, err := lab.Client.Images.ChannelURL(t.Context(), id, name)
		if known && err != nil || !known && !errors.Is(err, mibitracker.ErrNotFound) {
			t.Errorf("channel %q: %v", name, err)
		}
	})
}
