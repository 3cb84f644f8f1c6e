package e2e

import (
	"bufio"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"testing"
	"time"
)

// browser drives a headless Chromium over its DevTools protocol, by two pipes.
// It is for one goroutine.
type browser struct {
	t       *testing.T
	to      *os.File
	from    *bufio.Reader
	calls   int
	session string
	errors  []string // what the page threw, or what its policy refused
}

// patience is how long a page may take over anything.
const patience = 30 * time.Second

// newBrowser starts a Chromium with a profile of its own, or skips the test.
func newBrowser(t *testing.T) *browser {
	t.Helper()
	if testing.Short() || runtime.GOOS == "windows" {
		t.Skip("a browser is started by long tests, and where a process can be handed pipes")
	}
	var program string
	for _, name := range []string{os.Getenv("MIBI_CHROMIUM"), "chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			program = path
			break
		}
	}
	if program == "" {
		t.Skip("there is no Chromium on the PATH; MIBI_CHROMIUM can name one")
	}
	theirIn, to, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	from, theirOut, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	// It is ended below, once it was asked to.
	cmd := exec.CommandContext(context.WithoutCancel(t.Context()), program, "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
		"--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-quic",
		"--user-data-dir="+t.TempDir(), "--remote-debugging-pipe", "about:blank")
	cmd.ExtraFiles = []*os.File{theirIn, theirOut} // 3 and 4: what the flag above means
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	_, _ = theirIn.Close(), theirOut.Close()
	b := &browser{t: t, to: to, from: bufio.NewReader(from)}
	t.Cleanup(func() {
		// It writes its profile until it has ended, and then closes its output.
		_, _ = to.Write([]byte(`{"id": 0, "method": "Browser.close"}` + "\x00"))
		_, _ = io.Copy(io.Discard, b.from)
		_, _ = to.Close(), from.Close()
		if err := cmd.Wait(); err != nil {
			t.Errorf("the browser did not end well: %v", err)
		}
	})
	if err := from.SetReadDeadline(time.Now().Add(4 * patience)); err != nil {
		t.Fatal(err)
	}
	var target struct{ TargetID string }
	b.call("Target.createTarget", map[string]any{"url": "about:blank"}, &target)
	var attached struct{ SessionID string }
	b.call("Target.attachToTarget", map[string]any{"targetId": target.TargetID, "flatten": true}, &attached)
	b.session = attached.SessionID
	for _, domain := range []string{"Page", "Runtime", "Log"} {
		b.call(domain+".enable", nil, nil)
	}
	return b
}

// message is what the protocol sends: an answer, which has an id, or an event.
type message struct {
	ID     int
	Method string
	Result json.RawMessage
	Error  *struct{ Message string }
	Params struct {
		Entry struct{ Source, Level, Text string }
		// Of Runtime.exceptionThrown and of an evaluation.
		ExceptionDetails exception
	}
}

type exception struct {
	Text      string
	Exception struct{ Description string }
}

// call calls a method and waits for its answer; events on the way are looked at.
func (b *browser) call(method string, params, answer any) {
	b.t.Helper()
	b.calls++
	call := map[string]any{"id": b.calls, "method": method}
	if params != nil {
		call["params"] = params
	}
	if b.session != "" {
		call["sessionId"] = b.session
	}
	text, err := json.Marshal(call)
	if err != nil {
		b.t.Fatal(err)
	}
	if _, err := b.to.Write(append(text, 0)); err != nil {
		b.t.Fatalf("the browser does not listen: %v", err)
	}
	for {
		text, err := b.from.ReadBytes(0)
		if err != nil {
			b.t.Fatalf("%s: the browser does not answer: %v", method, err)
		}
		var m message
		if err := json.Unmarshal(text[:len(text)-1], &m); err != nil {
			b.t.Fatal(err)
		}
		switch {
		case m.Method == "Runtime.exceptionThrown":
			b.errors = append(b.errors, m.Params.ExceptionDetails.Exception.Description)
		case m.Method == "Log.entryAdded" && m.Params.Entry.Level == "error" && m.Params.Entry.Source != "network":
			b.errors = append(b.errors, m.Params.Entry.Text)
		case m.ID != b.calls:
		case m.Error != nil:
			b.t.Fatalf("%s: %s", method, m.Error.Message)
		case answer == nil:
			return
		default:
			if err := json.Unmarshal(m.Result, answer); err != nil {
				b.t.Fatal(err)
			}
			return
		}
	}
}

// eval gives the value of an expression in the page; of a promise, once it is kept.
func (b *browser) eval(expression string) any {
	b.t.Helper()
	var answer struct {
		Result           struct{ Value any }
		ExceptionDetails *exception
	}
	b.call("Runtime.evaluate", map[string]any{"expression": expression, "awaitPromise": true, "returnByValue": true, "userGesture": true}, &answer)
	if e := answer.ExceptionDetails; e != nil {
		b.t.Fatalf("%s: %s %s", expression, e.Text, e.Exception.Description)
	}
	return answer.Result.Value
}

// until waits until an expression in the page is true.
func (b *browser) until(condition string) {
	b.t.Helper()
	holds := b.eval(fmt.Sprintf(`new Promise((done) => {
		const end = performance.now() + %d;
		const look = () => {
			if (%s) done(true);
			else if (performance.now() > end) done(false);
			else setTimeout(look, 10);
		};
		look();
	})`, patience.Milliseconds(), condition))
	if holds != true {
		b.t.Fatalf("the page never came to %s; it shows:\n%v", condition, b.eval("document.body.innerText"))
	}
}

// open goes to a URL, and waits until the page and its scripts are there.
func (b *browser) open(url string) {
	b.t.Helper()
	var answer struct{ ErrorText string }
	b.call("Page.navigate", map[string]any{"url": url}, &answer)
	if answer.ErrorText != "" {
		b.t.Fatalf("open the page: %s", answer.ErrorText)
	}
	b.until("document.readyState === 'complete'")
}

// enter types into the element of an id, in place of what is there.
func (b *browser) enter(id, text string) {
	b.t.Helper()
	b.eval(fmt.Sprintf("document.getElementById(%q).select()", id))
	b.call("Input.insertText", map[string]any{"text": text}, nil)
}

// press presses and releases Enter, wherever the page's focus is.
func (b *browser) press() {
	b.t.Helper()
	for _, kind := range []string{"keyDown", "keyUp"} {
		b.call("Input.dispatchKeyEvent", map[string]any{"type": kind, "key": "Enter", "code": "Enter", "windowsVirtualKeyCode": 13, "text": "\r"}, nil)
	}
}

// screenshot writes a picture of the page where MIBI_SCREENSHOTS names a folder.
func (b *browser) screenshot(name string) {
	b.t.Helper()
	folder := os.Getenv("MIBI_SCREENSHOTS")
	if folder == "" {
		return
	}
	var answer struct{ Data string }
	b.call("Page.captureScreenshot", map[string]any{"format": "png"}, &answer)
	picture, err := base64.StdEncoding.DecodeString(answer.Data)
	if err == nil {
		err = os.WriteFile(filepath.Join(folder, name+".png"), picture, 0o600)
	}
	if err != nil {
		b.t.Fatal(err)
	}
}

// sound fails the test for what the page threw, or tried against its policy.
func (b *browser) sound() {
	b.t.Helper()
	if len(b.errors) > 0 {
		b.t.Errorf("the page failed: %q", slices.Compact(b.errors))
	}
}
