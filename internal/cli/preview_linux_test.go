package cli_test

import (
	"bytes"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"syscall"
	"testing"
	"time"
	"unsafe"

	"golang.org/x/term"

	"github.com/openmibi/openmibi/internal/preview"
	"github.com/openmibi/openmibi/internal/synth"
)

// On a terminal that says that it shows pixels they are drawn. However it
// answers, and if it does not, the picture comes, the terminal is as it was
// before, and no answer is left for the shell to read.
func TestPreviewAsksTheTerminal(t *testing.T) {
	t.Parallel()
	image, err := synth.FOV(1, synth.Small())
	if err != nil {
		t.Fatal(err)
	}
	content, err := image.TIFF()
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "fov.tiff")
	if err := os.WriteFile(file, content, 0o600); err != nil {
		t.Fatal(err)
	}
	const shows, other = "\x1b_Gi=31;OK\x1b\\\x1b[?62;4c", "\x1b[?62;4c"
	for _, test := range []struct {
		name, answer, env string
		asked, pixels     bool
	}{
		{name: "shows pixels", answer: shows, env: "TERM=xterm-kitty", asked: true, pixels: true},
		{name: "does not", answer: other, env: "TERM=xterm-kitty", asked: true},
		{name: "says nothing", env: "TERM=xterm-kitty", asked: true},
		{name: "is another one", answer: shows, env: "TERM=xterm-direct"},
		{name: "in tmux", answer: shows, env: "TERM=screen-256color COLORTERM=truecolor KITTY_WINDOW_ID=1"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			shown, asked := onTerminal(t, test.answer, strings.Fields(test.env), "tiff", "info", file, "--preview")
			if asked != test.asked {
				t.Errorf("asked: %t, want %t", asked, test.asked)
			}
			pixels := strings.Contains(shown, "\x1b_Ga=T,f=100,c=")
			blocks := strings.Contains(shown, "\x1b[48;")
			if pixels != test.pixels || blocks == test.pixels {
				t.Errorf("pixels %t, half blocks %t:\n%q", pixels, blocks, shown)
			}
			if !strings.Contains(shown, "pixels of uint16") {
				t.Errorf("the note is not there:\n%q", shown)
			}
		})
	}
}

// onTerminal runs mibi with a terminal of its own, which answers when it is asked
// for pixels, and gives what was shown there.
func onTerminal(t *testing.T, answer string, env []string, args ...string) (shown string, asked bool) {
	t.Helper()
	screen, name, err := newTerminal()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = screen.Close() }()
	line, err := os.OpenFile(name, os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	before, err := term.GetState(int(line.Fd()))
	if err != nil {
		t.Fatal(err)
	}
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	mibi := &exec.Cmd{
		Path: program, Args: append([]string{"mibi"}, args...), Env: append(env, "HOME="+t.TempDir()),
		Stdin: line, Stdout: line, Stderr: line,
		SysProcAttr: &syscall.SysProcAttr{Setsid: true, Setctty: true},
	}
	began := time.Now()
	if err := mibi.Start(); err != nil {
		t.Fatal(err)
	}
	read := make(chan error, 1)
	var all bytes.Buffer
	go func() {
		for piece := make([]byte, 4096); ; {
			n, err := screen.Read(piece)
			all.Write(piece[:n])
			if !asked && bytes.Contains(all.Bytes(), []byte(preview.KittyQuery)) {
				asked = true
				_, _ = io.WriteString(screen, answer)
			}
			if err != nil {
				read <- err
				return
			}
		}
	}()
	if err := mibi.Wait(); err != nil {
		t.Error(err)
	}
	if took := time.Since(began); took > 30*time.Second {
		t.Errorf("took %v", took)
	}
	after, err := term.GetState(int(line.Fd()))
	if err != nil || !reflect.DeepEqual(before, after) {
		t.Errorf("the terminal is %+v, was %+v; %v", after, before, err)
	}
	// What is left to read shows where lines need no end.
	if _, err := term.MakeRaw(int(line.Fd())); err != nil {
		t.Error(err)
	}
	var left int32
	if _, _, failed := syscall.Syscall(syscall.SYS_IOCTL, line.Fd(), syscall.TIOCINQ, uintptr(unsafe.Pointer(&left))); failed != 0 || left > 0 {
		t.Errorf("%d bytes are left to be read; %v", left, failed)
	}
	if err := line.Close(); err != nil {
		t.Error(err)
	}
	if err := <-read; !errors.Is(err, syscall.EIO) { // which is how it ends
		t.Error(err)
	}
	return all.String(), asked
}
