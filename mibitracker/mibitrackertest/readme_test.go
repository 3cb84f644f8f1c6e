package mibitrackertest_test

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

// The README shows nothing in Go that is not compiled and run here.
func TestREADME(t *testing.T) {
	t.Parallel()
	indent := regexp.MustCompile(`(?m)^\t+`)
	text := func(name string) string {
		raw, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		return strings.ReplaceAll(string(raw), "\r\n", "\n")
	}
	compiled := indent.ReplaceAllString(text("example_test.go")+text("usage_test.go")+text("../../mibitiff/example_file_test.go"), "")
	blocks := regexp.MustCompile("(?s)```go\n(.*?)```").FindAllStringSubmatch(text("../../README.md"), -1)
	if len(blocks) < 7 {
		t.Errorf("the README has %d blocks of Go, want five calls, a file and a test", len(blocks))
	}
	for _, block := range blocks {
		if !strings.Contains(compiled, indent.ReplaceAllString(block[1], "")) {
			t.Errorf("no example has this block of the README:\n%s", block[1])
		}
	}
}
