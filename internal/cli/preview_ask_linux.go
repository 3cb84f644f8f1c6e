package cli

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"syscall"
	"time"

	"golang.org/x/term"

	"github.com/openmibi/openmibi/internal/preview"
)

// answerWait bounds how long a terminal is waited for. One that is asked
// answers at once, but the line to it may be slow, and what comes later is
// typed into the shell.
const answerWait = 2 * time.Second

// showsPixels asks the terminal fd, which standard output is, whether it shows
// images. It is not asked where nobody, or another process, would read the
// answer.
func showsPixels(ctx context.Context, fd int) bool {
	if !inForegroundOf(fd) {
		return false
	}
	// The terminal is opened once more: what is set for this reading, which has to
	// end by itself, holds for no other process.
	tty, err := os.OpenFile("/dev/tty", os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		return false
	}
	defer func() { _ = tty.Close() }()
	if tty.SetReadDeadline(time.Now().Add(answerWait)) != nil {
		return false
	}
	stop := context.AfterFunc(ctx, func() { _ = tty.SetReadDeadline(time.Unix(1, 0)) })
	defer stop()
	raw, err := tty.SyscallConn()
	if err != nil {
		return false
	}
	var before *term.State
	if raw.Control(func(fd uintptr) { before, err = term.MakeRaw(int(fd)) }) != nil || err != nil {
		return false
	}
	defer func() { _ = raw.Control(func(fd uintptr) { _ = term.Restore(int(fd), before) }) }()
	if _, err := tty.WriteString(preview.KittyQuery); err != nil {
		return false
	}
	said := make([]byte, 0, 4096)
	for len(said) < cap(said) {
		n, err := tty.Read(said[len(said):cap(said)])
		said = said[:len(said)+n]
		if all, shows := preview.Answered(said); all {
			return shows
		}
		if err != nil {
			return false
		}
	}
	return false
}

// inForegroundOf says whether a terminal is the one that this process is begun
// from, and sends what is typed to it.
func inForegroundOf(fd int) bool {
	text, err := os.ReadFile("/proc/self/stat")
	if err != nil {
		return false
	}
	var state string
	var parent, group, session, terminal, foreground int32
	_, err = fmt.Sscan(string(text[bytes.LastIndexByte(text, ')')+1:]), &state, &parent, &group, &session, &terminal, &foreground)
	var device syscall.Stat_t
	if err != nil || syscall.Fstat(fd, &device) != nil {
		return false
	}
	return group == foreground && uint32(terminal) == uint32(device.Rdev)
}
