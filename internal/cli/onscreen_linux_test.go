package cli_test

import (
	"errors"
	"fmt"
	"io"
	"os"
	"syscall"
	"unsafe"

	"github.com/rogpeppe/go-internal/testscript"
)

// onscreen runs a command that writes to a terminal: onscreen COMMAND [ARG...].
// Its stdout is what the terminal was sent, all of it. The script engine's own
// ttyout stops reading when the command ends, whatever is still to be read;
// and a command that owns its terminal takes with it what is unread.
func onscreen(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) == 0 {
		ts.Fatalf("usage: onscreen COMMAND [ARG...]")
	}
	screen, name, err := newTerminal()
	ts.Check(err)
	defer func() { _ = screen.Close() }()
	// As long as one has it open the terminal does not end.
	line, err := os.OpenFile(name, os.O_RDWR|syscall.O_NOCTTY, 0)
	ts.Check(err)
	type reading struct {
		text []byte
		err  error
	}
	read := make(chan reading, 1)
	go func() {
		text, err := io.ReadAll(screen)
		read <- reading{text, err}
	}()
	failed := ts.Exec("sh", append([]string{"-c", `exec "$@" >` + name, "sh"}, args...)...)
	ts.Check(line.Close())
	shown := <-read
	if !errors.Is(shown.err, syscall.EIO) { // which is how it ends
		ts.Fatalf("read the terminal: %v", shown.err)
	}
	said := ts.ReadFile("stderr")
	_, err = ts.Stdout().Write(shown.text)
	ts.Check(err)
	_, err = io.WriteString(ts.Stderr(), said)
	ts.Check(err)
	ts.Check(failed)
}

// newTerminal gives the reading end of a new terminal and its device.
func newTerminal() (screen *os.File, name string, err error) {
	if screen, err = os.OpenFile("/dev/ptmx", os.O_RDWR|syscall.O_NOCTTY, 0); err != nil {
		return nil, "", err
	}
	raw, err := screen.SyscallConn()
	if err != nil {
		return nil, "", err
	}
	var number, unlock int32
	var failed syscall.Errno
	err = raw.Control(func(fd uintptr) {
		if _, _, failed = syscall.Syscall(syscall.SYS_IOCTL, fd, syscall.TIOCSPTLCK, uintptr(unsafe.Pointer(&unlock))); failed == 0 {
			_, _, failed = syscall.Syscall(syscall.SYS_IOCTL, fd, syscall.TIOCGPTN, uintptr(unsafe.Pointer(&number)))
		}
	})
	if err == nil && failed != 0 {
		err = failed
	}
	if err != nil {
		_ = screen.Close()
		return nil, "", err
	}
	return screen, fmt.Sprintf("/dev/pts/%d", number), nil
}
