package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"golang.org/x/term"
)

// maxSecret bounds what is read of standard input for a secret, in bytes.
const maxSecret = 64 << 10

// readSecret reads the first line of standard input.
func readSecret(in io.Reader, what string) (string, error) {
	line, err := bufio.NewReader(io.LimitReader(in, maxSecret)).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return "", fmt.Errorf("read the %s: %w", what, err)
	}
	line = strings.TrimRight(line, "\r\n")
	if line == "" {
		return "", usage(fmt.Errorf("standard input holds no %s", what))
	}
	return line, nil
}

// askHidden asks on a terminal, which does not show the answer.
func askHidden(ctx context.Context, s Streams, fd int, prompt string) (string, error) {
	return ask(ctx, s, fd, prompt, func() (string, error) {
		text, err := term.ReadPassword(fd)
		_, _ = fmt.Fprintln(s.Err)
		return string(text), err
	})
}

// askLine asks on a terminal.
func askLine(ctx context.Context, s Streams, fd int, prompt string) (string, error) {
	return ask(ctx, s, fd, prompt, func() (string, error) {
		// A byte at a time: what follows is the next question's answer.
		var line []byte
		for one := make([]byte, 1); len(line) < maxSecret; {
			n, err := s.In.Read(one)
			if n == 1 && one[0] == '\n' {
				break
			}
			line = append(line, one[:n]...)
			if err == io.EOF {
				break
			}
			if err != nil {
				return "", err
			}
		}
		return strings.TrimSpace(string(line)), nil
	})
}

// ask reads an answer from a terminal. If the context ends first the terminal
// is as it was before.
func ask(ctx context.Context, s Streams, fd int, prompt string, read func() (string, error)) (string, error) {
	state, err := term.GetState(fd)
	if err != nil {
		return "", err
	}
	_, _ = fmt.Fprint(s.Err, prompt)
	type answer struct {
		text string
		err  error
	}
	answers := make(chan answer, 1)
	// Nobody can end a read from a terminal. When the context is done, so is the
	// process: the goroutine is not waited for.
	go func() {
		text, err := read()
		answers <- answer{text, err}
	}()
	select {
	case a := <-answers:
		if a.err != nil {
			return "", fmt.Errorf("read the answer: %w", a.err)
		}
		return a.text, nil
	case <-ctx.Done():
		_, _ = fmt.Fprintln(s.Err)
		return "", errors.Join(ctx.Err(), term.Restore(fd, state))
	}
}
