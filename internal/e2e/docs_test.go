package e2e

import (
	"strings"
	"testing"
)

// The documentation's page shows every group of routes, opens one, and asks its
// own server only: in a browser, under the page's policy.
func TestDocsPage(t *testing.T) {
	t.Parallel()
	b := newBrowser(t)
	s := newSite(t)
	for _, form := range []string{"/docs/", "/docs"} {
		b.open(s.url + form)
		b.until(`document.querySelectorAll(".opblock-tag").length >= 10`)
	}
	b.eval(`document.querySelector("[data-tag=images]").click()`)
	b.until(`document.querySelector("#operations-images-change-image .opblock-summary-control") !== null`)
	b.eval(`document.querySelector("#operations-images-change-image .opblock-summary-control").click()`)
	b.until(`document.querySelector("#operations-images-change-image .responses-table") !== null`)
	b.screenshot("docs")
	if text, _ := b.eval(`document.body.innerText`).(string); !strings.Contains(text, "/images/{id}/channelnames/") || strings.Contains(text, "error") && strings.Contains(text, "Resolver") {
		t.Errorf("the page shows:\n%s", text)
	}
	elsewhere := b.eval(`performance.getEntriesByType("resource").map(e => e.name).filter(name => !name.startsWith(location.origin + "/") && !name.startsWith("data:")).join(" ")`)
	if elsewhere != "" {
		t.Errorf("the page asks others: %v", elsewhere)
	}
	b.sound()
}
