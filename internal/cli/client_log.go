package cli

import (
	"context"
	"fmt"
	"log/slog"
	"net/url"
)

// clientLogger is the logger of the client that a command has: people read in
// one sentence that a request is tried again, and the rest in the log's own
// form. With --debug, and for programs, all of it is.
func (g *globals) clientLogger() *slog.Logger {
	if g.json || g.debug {
		return g.logger()
	}
	return slog.New(retryWords{g.logger().Handler(), g})
}

// retryWords says in words what the client notes of a repetition: a record with
// the attribute because. A log file has the record as it is.
type retryWords struct {
	slog.Handler
	g *globals
}

func (h retryWords) Handle(ctx context.Context, r slog.Record) error {
	said := map[string]string{}
	r.Attrs(func(a slog.Attr) bool {
		said[a.Key] = a.Value.String()
		return true
	})
	if said["because"] == "" {
		return h.Handler.Handle(ctx, r)
	}
	if said["attempt"] == "1" { // the next ones end in the same, or in an error
		_, _ = fmt.Fprintln(aside{h.g}, printable(fmt.Sprintf("mibi: no answer from %s (%s): trying again", origin(said["url"]), said["because"])))
	}
	if h.g.log == nil {
		return nil
	}
	return slog.NewJSONHandler(h.g.log, &slog.HandlerOptions{Level: slog.LevelDebug}).Handle(ctx, r)
}

// origin is the server of a URL, which is all that people read of it.
func origin(text string) string {
	u, err := url.Parse(text)
	if err != nil || u.Host == "" {
		return text
	}
	return u.Scheme + "://" + u.Host
}
