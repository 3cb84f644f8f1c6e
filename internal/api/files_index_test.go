package api_test

import (
	"crypto/sha256"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// A TIFF's index is given to those who prefer to have it, and the
// answer to all others stays as the contract has it.
func TestDownloadIndex(t *testing.T) {
	t.Parallel()
	v := newServed(t)
	tiff, xml := v.path+"/"+folder+"/summed_image.tiff", v.path+"/"+runName+".xml"
	index := fmt.Sprintf(`"index":{"etag":"\"%x\"","size":%d,"spans":[[0,900],[1000,850]],"deflate":"cGFja2Vk"}`, sha256.Sum256(v.file), len(v.file))
	for name, c := range map[string]struct {
		path, prefer string
		want         bool
	}{
		"not asked":           {tiff, "", false},
		"asked":               {tiff, "tiff-index", true},
		"among others":        {tiff, `respond-async, wait=10, Tiff-Index; a="b"`, true},
		"something else":      {tiff, "tiff-index-of-another-kind, handling=tiff-index", false},
		"of what is no TIFF":  {xml, "tiff-index", false},
		"of nothing, or junk": {tiff, ",;,=", false},
	} {
		u := v.URL + "/download/?path=" + url.QueryEscape(c.path)
		got := v.at(t, http.MethodGet, u, "", "Authorization", "JWT "+v.alice.token, "Prefer", c.prefer).want(t, http.StatusOK)
		applied := got.header.Get("Preference-Applied") == "tiff-index"
		if strings.Contains(string(got.body), index) != c.want || strings.Contains(string(got.body), "index") != c.want || applied != c.want {
			t.Errorf("%s: %s, Preference-Applied %q", name, got.body, got.header.Get("Preference-Applied"))
		}
		if o := got.object(t); !c.want && len(o) != 1 || o["url"] == "" || !strings.Contains(strings.Join(got.header.Values("Vary"), ","), "Prefer") {
			t.Errorf("%s: %v, Vary %v", name, o, got.header.Values("Vary"))
		}
	}
	v.at(t, http.MethodGet, v.URL+"/download/?path="+url.QueryEscape(tiff), "", "Authorization", "JWT "+v.bob.token, "Prefer", "tiff-index").
		want(t, http.StatusNotFound)
}
