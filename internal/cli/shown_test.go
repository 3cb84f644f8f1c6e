package cli

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"testing/iotest"
)

// What is shown on a terminal is never obeyed by it, and JSON stays JSON.
func TestShown(t *testing.T) {
	t.Parallel()
	text := "käse\t\x1b]0;x\x07\u009b31m\x7f\u202e\u2066\xff\n"
	const want = "käse\t\\x1b]0;x\\a\\u009b31m\\u007f\\u202e\\u2066\ufffd\n"
	var whole, pieces bytes.Buffer
	if n, err := (shown{&whole}).Write([]byte(text)); err != nil || n != len(text) {
		t.Errorf("Write = %d, %v", n, err)
	}
	if err := showAll(&pieces, iotest.OneByteReader(strings.NewReader(text))); err != nil {
		t.Error(err)
	}
	for _, got := range []string{whole.String(), pieces.String()} {
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}

	raw, err := json.Marshal(map[string]string{"a": "\x7f\u009b\u202e"})
	if err != nil {
		t.Fatal(err)
	}
	whole.Reset()
	_, _ = shown{&whole}.Write(raw)
	if !json.Valid(whole.Bytes()) || strings.ContainsAny(whole.String(), "\x7f\u009b\u202e") {
		t.Errorf("no JSON, or obeyed: %q", whole.String())
	}
}
