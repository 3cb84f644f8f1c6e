package cli

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/openmibi/openmibi/internal/server"
)

// defaultData is the data folder where none is named.
const defaultData = "mibi-data"

func newUser(g *globals) *cobra.Command {
	cmd := &cobra.Command{Use: "user", Short: "Manage the accounts of a server's data folder", Args: noArgs,
		RunE: showHelp}
	cmd.AddCommand(newUserAdd(g))
	return cmd
}

type userAdd struct {
	data          string
	admin         bool
	passwordStdin bool
}

func newUserAdd(g *globals) *cobra.Command {
	var o userAdd
	cmd := &cobra.Command{
		Use:   "add EMAIL",
		Short: "Add an account",
		Long: "Add an account to the server's data folder. The server may be running.\n" +
			"The password is asked for, or read from standard input with --password-stdin.",
		Example: "  mibi user add ann@example.org --admin --data /srv/mibi\n" +
			"  pass show mibi | mibi user add ann@example.org --password-stdin --data /srv/mibi",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usage(fmt.Errorf("mibi user add takes one EMAIL, not %d arguments", len(args)))
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			password, err := o.readPassword(cmd.Context(), g.streams)
			if err != nil {
				return err
			}
			id, err := server.AddUser(cmd.Context(), o.data, args[0], password, o.admin)
			if err != nil {
				return err
			}
			if g.json {
				return json.NewEncoder(g.streams.Out).Encode(map[string]any{"id": id, "email": args[0], "is_admin": o.admin})
			}
			if g.quiet {
				return nil
			}
			kind := "account"
			if o.admin {
				kind = "administrator"
			}
			_, err = fmt.Fprintf(g.streams.Out, "Added %s %s.\n", kind, args[0])
			return err
		},
	}
	cmd.Flags().StringVar(&o.data, "data", defaultData, "the server's data `folder`")
	cmd.Flags().BoolVar(&o.admin, "admin", false, "make an administrator, who sees and changes everything")
	cmd.Flags().BoolVar(&o.passwordStdin, "password-stdin", false, "read the password from standard input")
	return cmd
}

// maxPassword bounds what is read from standard input, in bytes.
const maxPassword = 4096

// readPassword reads the first line of standard input, or asks on a terminal.
func (o userAdd) readPassword(ctx context.Context, s Streams) (string, error) {
	if o.passwordStdin {
		line, err := bufio.NewReader(io.LimitReader(s.In, maxPassword)).ReadString('\n')
		if err != nil && !errors.Is(err, io.EOF) {
			return "", fmt.Errorf("read the password: %w", err)
		}
		line = strings.TrimRight(line, "\r\n")
		if line == "" {
			return "", usage(errors.New("standard input holds no password"))
		}
		return line, nil
	}
	in, ok := s.In.(*os.File)
	if !ok || !term.IsTerminal(int(in.Fd())) {
		return "", usage(errors.New("there is no terminal to ask for the password on: use --password-stdin"))
	}
	var answers [2]string
	for i, prompt := range []string{"Password: ", "Again: "} {
		_, _ = fmt.Fprint(s.Err, prompt)
		answer, err := readHidden(ctx, int(in.Fd()))
		_, _ = fmt.Fprintln(s.Err)
		if err != nil {
			return "", fmt.Errorf("read the password: %w", err)
		}
		answers[i] = answer
	}
	if answers[0] != answers[1] {
		return "", errors.New("the two passwords differ; nothing was changed")
	}
	return answers[0], nil
}

// readHidden reads a line from a terminal, which does not show it meanwhile. If
// the context ends first the terminal is as it was before.
func readHidden(ctx context.Context, fd int) (string, error) {
	state, err := term.GetState(fd)
	if err != nil {
		return "", err
	}
	type answer struct {
		text []byte
		err  error
	}
	answers := make(chan answer, 1)
	// Nobody can end a read from a terminal. When the context is done, so is the
	// process: the goroutine is not waited for.
	go func() {
		text, err := term.ReadPassword(fd)
		answers <- answer{text, err}
	}()
	select {
	case a := <-answers:
		return string(a.text), a.err
	case <-ctx.Done():
		return "", errors.Join(ctx.Err(), term.Restore(fd, state))
	}
}
