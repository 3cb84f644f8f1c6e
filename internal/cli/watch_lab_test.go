package cli_test

import (
	"context"
	"os"
	"regexp"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/openmibi/openmibi/internal/faulty"
)

// untilLimit is how long until waits.
const untilLimit = time.Minute

// until waits until a file has a line that matches: until FILE PATTERN. A
// command in the background writes it.
func until(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: until FILE PATTERN")
	}
	pattern, err := regexp.Compile("(?m)" + args[1])
	ts.Check(err)
	path := ts.MkAbs(args[0])
	var text []byte
	for began := time.Now(); time.Since(began) < untilLimit; time.Sleep(20 * time.Millisecond) {
		if text, err = os.ReadFile(path); err == nil && pattern.Match(text) {
			return
		}
	}
	ts.Fatalf("%s does not come to match %s:\n%s", args[0], args[1], text)
}

// ending puts a proxy before the lab at which a token ends for good when it asks
// for a second place to upload to: it sets ENDING_URL.
func ending(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) > 0 {
		ts.Fatalf("usage: ending")
	}
	proxy, err := faulty.Start(context.Background(), faulty.Config{
		Backend: ts.Getenv("URL"),
		Plan:    faulty.Script{"GET /upload_mibitiff/sign_tiff_url/": {{}, {Kind: faulty.TokenEnds}}},
	})
	ts.Check(err)
	ts.Defer(func() { ts.Check(proxy.Close()) })
	ts.Setenv("ENDING_URL", proxy.URL())
}
