package e2e

import (
	"bufio"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/openmibi/openmibi/internal/cli"
	"github.com/openmibi/openmibi/internal/server"
)

// childEnv holds the orders of a server that a test starts as a process of
// its own, so that it can be killed: this test binary, run again.
const childEnv = "MIBI_E2E_SERVER"

// commandEnv makes this test binary the program mibi, run with its arguments.
const commandEnv = "MIBI_E2E_COMMAND"

// orders are what a child server is told.
type orders struct {
	Data   string        `json:"data"`
	Addr   string        `json:"addr"`    // empty: a free port
	KillAt string        `json:"kill_at"` // the moment at which it kills itself
	Lease  time.Duration `json:"lease"`
}

func TestMain(m *testing.M) {
	if text := os.Getenv(childEnv); text != "" {
		os.Exit(child(text))
	}
	if os.Getenv(commandEnv) != "" {
		os.Exit(cli.Main(os.Args[1:], cli.System()))
	}
	// Tests break connections on purpose, and net/http remarks on each.
	slog.SetDefault(slog.New(slog.DiscardHandler))
	os.Exit(m.Run())
}

// child serves until its standard input ends, or until it kills itself.
func child(text string) int {
	var o orders
	if err := json.Unmarshal([]byte(text), &o); err != nil {
		_, _ = fmt.Fprintln(os.Stderr, err)
		return 2
	}
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		stop()
	}()
	err := server.Run(ctx, server.Config{
		DataDir: o.Data, Addr: cmp.Or(o.Addr, "127.0.0.1:0"), Lease: o.Lease,
		Logger: slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn})),
		Hook: func(_ context.Context, moment string) error {
			if moment == o.KillAt {
				killSelf()
			}
			return nil
		},
	}, func(url string) { _, _ = fmt.Println(url) })
	if err != nil {
		_, _ = fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

// killSelf ends the process as kill -9 does: nothing is flushed, closed or
// unlocked. It does not return.
func killSelf() {
	self, err := os.FindProcess(os.Getpid())
	if err == nil {
		err = self.Kill()
	}
	if err != nil {
		panic(err)
	}
	select {} // the signal may need a moment to arrive
}

// process is a child server.
type process struct {
	cmd   *exec.Cmd
	url   string
	stdin io.Closer
	ended chan error
}

// start starts a child server and waits until it serves.
func start(t *testing.T, o orders) *process {
	t.Helper()
	text, err := json.Marshal(o)
	if err != nil {
		t.Fatal(err)
	}
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), exe)
	// The race detector would wait a second at the child's end.
	cmd.Env = append(os.Environ(), childEnv+"="+string(text), "GORACE=atexit_sleep_ms=0")
	cmd.Stderr = os.Stderr
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	p := &process{cmd: cmd, stdin: stdin, ended: make(chan error, 1)}
	line, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		t.Fatalf("the server did not start: %v, %v", err, cmd.Wait())
	}
	p.url = strings.TrimSpace(line)
	go func() { p.ended <- cmd.Wait() }()
	return p
}

// stop stops a child server cleanly.
func (p *process) stop(t *testing.T) {
	t.Helper()
	_ = p.stdin.Close()
	if err := <-p.ended; err != nil {
		t.Errorf("the server did not stop cleanly: %v", err)
	}
}

// kill ends a child server as kill -9 does.
func (p *process) kill(t *testing.T) {
	t.Helper()
	if err := p.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	if err := <-p.ended; err == nil {
		t.Error("the server ended by itself")
	}
}

// killed waits until a child server has killed itself.
func (p *process) killed(t *testing.T) {
	t.Helper()
	select {
	case err := <-p.ended:
		if err == nil {
			t.Fatal("the server ended by itself")
		}
	case <-time.After(time.Minute):
		_ = p.cmd.Process.Kill()
		t.Fatal("the server did not reach the moment at which it was to be killed")
	}
}
