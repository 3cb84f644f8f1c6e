package e2e

import (
	"strings"
	"testing"

	"github.com/openmibi/openmibi/internal/server"
	"github.com/openmibi/openmibi/mibitracker"
)

// Somebody who was handed a link opens it, chooses a password, and is in; then
// the link is used up. The browser sends its secret in one request's body only.
func TestPasswordPage(t *testing.T) {
	t.Parallel()
	b := newBrowser(t)
	s := newSite(t)
	const dora = "dora@example.org"
	logsIn := func(password string) bool {
		client, err := mibitracker.Dial(t.Context(), s.url, mibitracker.WithPassword(dora, password))
		if err == nil {
			client.CloseIdleConnections()
		}
		return err == nil
	}
	link, err := server.Invite(t.Context(), s.data, dora, false, s.url)
	if err != nil {
		t.Fatal(err)
	}
	b.open(link.URL)
	b.until(`!document.getElementById("set").hidden`)
	b.enter("password", "hunter2!")
	b.enter("again", "hunter2!")
	b.eval(`document.querySelector("#set button").click()`)
	b.until(`!document.getElementById("done").hidden`)
	text, _ := b.eval(`document.body.innerText`).(string)
	if !strings.Contains(text, "The password of "+dora+" is set.") {
		t.Errorf("the page shows:\n%s", text)
	}
	if got := b.eval(`location.hash + document.activeElement.id + document.getElementById("password").value`); got != "done" {
		t.Errorf("the secret, the focus and the password: %q", got)
	}
	b.screenshot("password-done")
	if !logsIn("hunter2!") {
		t.Error("the password does not log in")
	}
	if start := b.eval(`document.querySelector("#choose ~ .note a").href`); start != s.url+"/" {
		t.Errorf("the page points to %v", start)
	}

	// The same link again: opened in the same tab, where only its "#" changes.
	b.open(link.URL)
	b.until(`!document.getElementById("set").hidden && document.getElementById("done").hidden`)
	b.enter("password", "another one")
	b.enter("again", "another one")
	b.press()
	b.until(`document.getElementById("set").hidden && document.getElementById("link-problem").innerText.includes("cannot be used any more")`)
	b.screenshot("password-used")
	if logsIn("another one") || !logsIn("hunter2!") {
		t.Error("a link that was used changed the password")
	}

	// What only the server refuses is said at its field, and the link stays good.
	if link, err = server.ResetPassword(t.Context(), s.data, dora, s.url+"/"); err != nil {
		t.Fatal(err)
	}
	b.open(link.URL)
	b.until(`!document.getElementById("set").hidden`)
	long := strings.Repeat("long ", 300)
	b.enter("password", long)
	b.enter("again", long)
	b.press()
	b.until(`document.getElementById("password-problem").innerText.includes("1024 characters")`)
	b.enter("password", "schöne neue Wörter 🔑")
	b.enter("again", "schöne neue Wörter 🔑")
	b.press()
	b.until(`!document.getElementById("done").hidden`)
	if !logsIn("schöne neue Wörter 🔑") || logsIn("hunter2!") {
		t.Error("the password of the reset does not log in, or the old one still does")
	}
	if stored := b.eval(`JSON.stringify([document.cookie, localStorage.length, sessionStorage.length])`); stored != `["",0,0]` {
		t.Errorf("the page keeps %v", stored)
	}
	b.sound()
}
