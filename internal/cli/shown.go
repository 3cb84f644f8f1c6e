package cli

import (
	"bufio"
	"errors"
	"io"
)

// results is where results go that are not a table: on a terminal they are
// shown, elsewhere written as they are.
func (g *globals) results() io.Writer {
	if _, ok := terminal(g.streams.Out); ok {
		return shown{g.streams.Out}
	}
	return g.streams.Out
}

// shown writes what a terminal would obey as escapes; of whole runes, in each
// Write. JSON stays JSON: what is escaped stands in its texts only.
type shown struct{ to io.Writer }

func (s shown) Write(p []byte) (int, error) {
	if _, err := io.WriteString(s.to, escape(string(p), "\n\t")); err != nil {
		return 0, err
	}
	return len(p), nil
}

// showAll shows what it reads, whatever it is.
func showAll(to io.Writer, r io.Reader) error {
	in, out := bufio.NewReader(r), bufio.NewWriter(to)
	for {
		char, _, err := in.ReadRune()
		if err != nil {
			if errors.Is(err, io.EOF) {
				err = nil
			}
			return errors.Join(err, out.Flush())
		}
		if _, err := out.WriteString(escape(string(char), "\n\t")); err != nil {
			return err
		}
	}
}
