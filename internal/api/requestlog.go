package api

import (
	"context"
	"log/slog"
)

// RequestLogger is a logger whose lines carry the number of the request that
// their context belongs to, as request_id: the number that the answer shows.
func RequestLogger(l *slog.Logger) *slog.Logger {
	if _, does := l.Handler().(requestLog); does {
		return l
	}
	return slog.New(requestLog{l.Handler()})
}

type requestLog struct{ slog.Handler }

func (h requestLog) Handle(ctx context.Context, r slog.Record) error {
	if id := requestID(ctx); id != "" {
		r = r.Clone()
		r.AddAttrs(slog.String("request_id", id))
	}
	return h.Handler.Handle(ctx, r)
}

func (h requestLog) WithAttrs(attrs []slog.Attr) slog.Handler {
	return requestLog{h.Handler.WithAttrs(attrs)}
}

func (h requestLog) WithGroup(name string) slog.Handler {
	return requestLog{h.Handler.WithGroup(name)}
}
