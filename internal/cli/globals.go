package cli

import (
	"fmt"
	"log/slog"
	"os"
	"time"

	"github.com/itchyny/gojq"
	"github.com/spf13/pflag"
	"golang.org/x/term"

	"github.com/openmibi/openmibi/internal/config"
)

// globals are the flags that every command has, and what they open.
type globals struct {
	streams Streams

	settings config.Flags
	caFile   string
	timeout  time.Duration
	logPath  string
	jqText   string
	debug    bool
	quiet    bool
	json     bool
	// bandwidth is a flag of the commands that move files.
	bandwidth bandwidth

	flags *pflag.FlagSet
	jq    *gojq.Code
	log   *os.File
	line  liveLine // on standard error
	// atEnd are called when the command has ended.
	atEnd []func()
}

func (g *globals) register(f *pflag.FlagSet) {
	g.flags = f
	f.StringVar(&g.settings.URL, "url", "", "the server's `URL`; wins over "+config.EnvURL+" and the profile")
	f.StringVar(&g.settings.Profile, "profile", "", "the `name` of the login to use; see mibi login")
	f.StringVar(&g.settings.TokenFile, "token-file", "", "a `file` with a token or an API key; wins over "+config.EnvToken)
	f.StringVar(&g.caFile, "ca-file", "", "a PEM `file` of certificates to trust besides the system's")
	f.DurationVar(&g.timeout, "timeout", 0, "give up when nothing moves for this `time`, such as 30s; 0 waits for ever (default 10s, transfers 30s)")
	f.StringVar(&g.logPath, "log-file", "", "append a log in JSON with all details to this `file`")
	f.StringVar(&g.jqText, "jq", "", "filter the JSON result with a jq `expression`; implies --json")
	f.BoolVar(&g.debug, "debug", false, "log what happens in detail")
	f.BoolVar(&g.quiet, "quiet", false, "print results, warnings and errors only")
	f.BoolVar(&g.json, "json", false, "print results as JSON, for programs")
}

// prepare checks the flags and opens what they name, before any command runs.
func (g *globals) prepare() (err error) {
	if g.timeout < 0 {
		return usage(fmt.Errorf("--timeout is %v, below zero", g.timeout))
	}
	if g.flags.Changed("jq") {
		g.json = true
		if g.jq, err = compileJQ(g.jqText); err != nil {
			return usage(err)
		}
	}
	if g.logPath != "" {
		if g.log, err = os.OpenFile(g.logPath, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600); err != nil {
			return fmt.Errorf("open the log file: %w", err)
		}
	}
	return nil
}

// close ends what prepare opened, and what the command began.
func (g *globals) close() error {
	for _, end := range g.atEnd {
		end()
	}
	if g.log == nil {
		return nil
	}
	if err := g.log.Close(); err != nil {
		return fmt.Errorf("write the log file: %w", err)
	}
	return nil
}

// logger writes to stderr: text for people, JSON with --json. All of it, with
// details, goes to the log file as well.
func (g *globals) logger() *slog.Logger {
	level := slog.LevelInfo
	switch {
	case g.debug:
		level = slog.LevelDebug
	case g.quiet:
		level = slog.LevelWarn
	}
	return g.loggerAt(level)
}

func (g *globals) loggerAt(level slog.Level) *slog.Logger {
	opts := &slog.HandlerOptions{Level: level}
	var people slog.Handler = slog.NewTextHandler(aside{g}, opts)
	if g.json {
		people = slog.NewJSONHandler(aside{g}, opts)
	}
	if g.log == nil {
		return slog.New(people)
	}
	return slog.New(slog.NewMultiHandler(people, slog.NewJSONHandler(g.log, &slog.HandlerOptions{Level: slog.LevelDebug})))
}

// note tells a person what was done, on standard error; --quiet silences it.
func (g *globals) note(format string, args ...any) {
	if !g.quiet {
		_, _ = fmt.Fprintln(aside{g}, printable(fmt.Sprintf(format, args...)))
	}
}

// warn tells a person what may be wrong, also with --quiet.
func (g *globals) warn(text string) {
	_, _ = fmt.Fprintln(aside{g}, "mibi: warning:", printable(text))
}

// terminal says whether a stream is one.
func terminal(stream any) (fd int, ok bool) {
	f, ok := stream.(*os.File)
	if !ok {
		return 0, false
	}
	return int(f.Fd()), term.IsTerminal(int(f.Fd()))
}
