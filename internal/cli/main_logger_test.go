package cli_test

import (
	"bytes"
	"log/slog"
	"testing"

	"github.com/openmibi/openmibi/internal/cli"
)

// What libraries say through the default logger, raw bytes from a server
// among it, does not reach the terminal.
func TestMainSilencesTheDefaultLogger(t *testing.T) {
	before := slog.Default()
	defer slog.SetDefault(before)
	var out, err bytes.Buffer
	if code := cli.Main([]string{"version"}, cli.Streams{In: &bytes.Buffer{}, Out: &out, Err: &err}); code != 0 {
		t.Fatal(err.String())
	}
	if slog.Default().Enabled(t.Context(), slog.LevelError) {
		t.Error("the default logger is heard")
	}
}
