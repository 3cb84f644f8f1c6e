package e2e

import (
	"bytes"
	"crypto/rand"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/openmibi/openmibi/internal/auth"
	"github.com/openmibi/openmibi/mibitracker"
)

// bare sends a request without a client's help.
func bare(t *testing.T, method, target string, header http.Header, body io.Reader) (*http.Response, []byte) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, target, body)
	if err != nil {
		t.Fatal(err)
	}
	for name, values := range header {
		req.Header[name] = values
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	content, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp, content
}

func withGrant(t *testing.T, signed, grant string) string {
	t.Helper()
	u, err := url.Parse(signed)
	if err != nil {
		t.Fatal(err)
	}
	u.RawQuery = url.Values{"grant": {grant}}.Encode()
	return u.String()
}

func grantOf(t *testing.T, signed string) string {
	t.Helper()
	u, err := url.Parse(signed)
	if err != nil || u.Query().Get("grant") == "" {
		t.Fatalf("no grant in the URL: %v", err)
	}
	return u.Query().Get("grant")
}

func TestClientSignedURLs(t *testing.T) {
	t.Parallel()
	f := newFOV(t)
	s := newSite(t)
	ctx := t.Context()
	c := s.client(t, alice)
	run, image := f.shared(ctx, t, c)
	where, err := image.TIFFPath()
	if err != nil {
		t.Fatal(err)
	}
	signed, err := c.Files.Sign(ctx, where)
	if err != nil {
		t.Fatal(err)
	}
	if resp, body := bare(t, "GET", signed, nil, nil); resp.StatusCode != 200 || !bytes.Equal(body, f.tiff) {
		t.Fatalf("the link itself: %d, %d bytes", resp.StatusCode, len(body))
	}
	grant := grantOf(t, signed)
	const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	for i := range len(grant) {
		at := strings.IndexByte(letters, grant[i])
		for _, other := range []byte{letters[(at+1)%64], letters[(at+32)%64]} {
			changed := grant[:i] + string(other) + grant[i+1:]
			if resp, _ := bare(t, "GET", withGrant(t, signed, changed), nil, nil); resp.StatusCode != 403 {
				t.Fatalf("character %d changed: %d", i, resp.StatusCode)
			}
		}
	}
	signer := s.signer(t)
	given, err := signer.Verify(grant, "GET", time.Now())
	if err != nil {
		t.Fatal(err)
	}
	expired, put, another := given, given, given
	expired.Expires = time.Now().Add(-time.Second)
	put.Method = "PUT"
	another.Key = "../openmibi.db"
	foreign, err := auth.NewSigner([]byte(rand.Text() + rand.Text()))
	if err != nil {
		t.Fatal(err)
	}
	for name, g := range map[string]struct {
		grant string
		want  []int
	}{
		"expired":       {signer.Sign(expired), []int{403}},
		"for PUT":       {signer.Sign(put), []int{403}},
		"another's key": {foreign.Sign(given), []int{403}},
		"none":          {"", []int{403}},
		"a line break":  {grant[:10] + "\n" + grant[10:], []int{403}},
		"padded":        {grant + "=", []int{403}},
		"too long":      {strings.Repeat("A", 8000), []int{403}},
		// Even our own signature opens nothing but blobs.
		"a key outside": {signer.Sign(another), []int{400, 403, 404, 500}},
	} {
		resp, body := bare(t, "GET", withGrant(t, signed, g.grant), nil, nil)
		ok := false
		for _, want := range g.want {
			ok = ok || resp.StatusCode == want
		}
		if !ok || bytes.Contains(body, []byte("SQLite")) || bytes.Equal(body, f.tiff) {
			t.Errorf("%s: %d %.100q", name, resp.StatusCode, body)
		}
	}
	for _, method := range []string{"PUT", "POST", "DELETE", "PATCH"} {
		resp, _ := bare(t, method, signed, http.Header{"Content-Type": {"image/tiff"}}, bytes.NewReader(f.tiff))
		if want := map[bool]int{true: 403, false: 405}[method == "PUT"]; resp.StatusCode != want {
			t.Errorf("%s with a grant for GET: %d, want %d", method, resp.StatusCode, want)
		}
	}
	// The name in the path is decoration: what is granted stays what is served.
	renamed := strings.Replace(signed, "/storage/summed_image.tiff", "/storage/other.html", 1)
	resp, body := bare(t, "GET", renamed, nil, nil)
	_, disposition, err := mime.ParseMediaType(resp.Header.Get("Content-Disposition"))
	if renamed == signed || resp.StatusCode == 200 && (!bytes.Equal(body, f.tiff) || resp.Header.Get("Content-Type") != "image/tiff" ||
		err != nil || disposition["filename"] != "summed_image.tiff") {
		t.Errorf("another name: %d, %v", resp.StatusCode, resp.Header)
	}
	// A grant for PUT reads nothing.
	var place struct{ URL, Location string }
	if err := c.JSON(ctx, mibitracker.Request{Route: "/upload_mibitiff/sign_tiff_url/", Query: url.Values{"run_id": {itoa(run.ID)}}}, &place); err != nil {
		t.Fatal(err)
	}
	for _, method := range []string{"GET", "HEAD"} {
		if resp, _ := bare(t, method, place.URL, nil, nil); resp.StatusCode != 403 {
			t.Errorf("%s with a grant for PUT: %d", method, resp.StatusCode)
		}
	}
}

func TestClientRanges(t *testing.T) {
	t.Parallel()
	f := newFOV(t)
	s := newSite(t)
	ctx := t.Context()
	c := s.client(t, alice)
	_, image := f.shared(ctx, t, c)
	where, err := image.TIFFPath()
	if err != nil {
		t.Fatal(err)
	}
	signed, err := c.Files.Sign(ctx, where)
	if err != nil {
		t.Fatal(err)
	}
	size := len(f.tiff)
	etag := `"` + f.sha256 + `"`
	for _, r := range []struct {
		name, ranges string
		header       http.Header
		status       int
		content      []byte
		contentRange string
	}{
		{"first", "bytes=0-99", nil, 206, f.tiff[:100], "bytes 0-99/" + itoa(int64(size))},
		{"rest", "bytes=100-", nil, 206, f.tiff[100:], ""},
		{"suffix", "bytes=-50", nil, 206, f.tiff[size-50:], ""},
		{"suffix larger than the file", "bytes=-99999999", nil, 206, f.tiff, ""},
		{"beyond the end", "bytes=10-99999999", nil, 206, f.tiff[10:], ""},
		{"out of range", "bytes=" + itoa(int64(size)) + "-", nil, 416, nil, "bytes */" + itoa(int64(size))},
		{"backwards", "bytes=9-3", nil, 416, nil, ""},
		{"no numbers", "bytes=a-b", nil, 416, nil, ""},
		{"this version", "bytes=0-9", http.Header{"If-Range": {etag}}, 206, f.tiff[:10], ""},
		{"another version", "bytes=0-9", http.Header{"If-Range": {`"0"`}}, 200, f.tiff, ""},
		{"a weak tag", "bytes=0-9", http.Header{"If-Range": {"W/" + etag}}, 200, f.tiff, ""},
		{"not modified", "", http.Header{"If-None-Match": {etag}}, 304, []byte{}, ""},
		{"not modified, of several", "", http.Header{"If-None-Match": {`"0", W/` + etag}}, 304, []byte{}, ""},
		{"modified", "", http.Header{"If-None-Match": {`"0"`}}, 200, f.tiff, ""},
		{"a match failed", "", http.Header{"If-Match": {`"0"`}}, 412, nil, ""},
	} {
		header := r.header.Clone()
		if header == nil {
			header = http.Header{}
		}
		if r.ranges != "" {
			header.Set("Range", r.ranges)
		}
		resp, body := bare(t, "GET", signed, header, nil)
		if resp.StatusCode != r.status || r.content != nil && !bytes.Equal(body, r.content) ||
			r.contentRange != "" && resp.Header.Get("Content-Range") != r.contentRange {
			t.Errorf("%s: %d, %d bytes, %v", r.name, resp.StatusCode, len(body), resp.Header)
		}
		if r.status < 400 && resp.Header.Get("ETag") != etag {
			t.Errorf("%s: ETag %s", r.name, resp.Header.Get("ETag"))
		}
	}

	resp, body := bare(t, "HEAD", signed, nil, nil)
	modified, err := http.ParseTime(resp.Header.Get("Last-Modified"))
	if resp.StatusCode != 200 || len(body) != 0 || resp.ContentLength != int64(size) || resp.Header.Get("ETag") != etag || err != nil ||
		resp.Header.Get("Accept-Ranges") != "bytes" || time.Since(modified) > time.Hour || !strings.Contains(resp.Header.Get("Cache-Control"), "private") {
		t.Errorf("HEAD: %d, %d bytes, %v", resp.StatusCode, resp.ContentLength, resp.Header)
	}

	resp, body = bare(t, "GET", signed, http.Header{"Range": {"bytes=0-9,20-29,-5"}}, nil)
	media, params, err := mime.ParseMediaType(resp.Header.Get("Content-Type"))
	if resp.StatusCode != 206 || media != "multipart/byteranges" || err != nil {
		t.Fatalf("three ranges: %d %s, %v", resp.StatusCode, media, err)
	}
	parts := multipart.NewReader(bytes.NewReader(body), params["boundary"])
	for _, want := range [][]byte{f.tiff[:10], f.tiff[20:30], f.tiff[size-5:]} {
		part, err := parts.NextPart()
		if err != nil {
			t.Fatal(err)
		}
		if got, err := io.ReadAll(part); err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s: %d bytes, %v", part.Header.Get("Content-Range"), len(got), err)
		}
	}
	// Many overlapping ranges must not multiply the file.
	resp, body = bare(t, "GET", signed, http.Header{"Range": {"bytes=0-" + strings.Repeat(",0-", 500)}}, nil)
	if len(body) > 2*size {
		t.Errorf("500 ranges of the whole file: %d, %d bytes of a file of %d", resp.StatusCode, len(body), size)
	}
}

// No spelling of a path leads out of storage.
func TestClientPathsThatEscape(t *testing.T) {
	t.Parallel()
	f := newFOV(t)
	s := newSite(t)
	ctx := t.Context()
	c := s.client(t, alice)
	run := f.createRun(ctx, t, c)
	xml := run.Path + "/" + run.XML
	if _, err := c.Files.Sign(ctx, xml); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{
		"../openmibi.db", run.Path + "/../" + xml, run.Path + "/./" + run.XML, "/" + xml, run.Path + "//" + run.XML, xml + "/",
		"..%2fopenmibi.db", "%2e%2e/openmibi.db", "%252e%252e%252fopenmibi.db", "/etc/passwd", "%2fetc%2fpasswd",
		`..\openmibi.db`, run.Path + `\` + run.XML, "C:/Windows/win.ini/..", xml + "\x00", xml + "\n", "\xff/" + run.XML, "..", ".", "/",
		"file:///etc/passwd/..",
	} {
		_, err := c.Files.Sign(ctx, path)
		var refused *mibitracker.APIError
		if !errors.As(err, &refused) || refused.Status != 400 || len(refused.Fields["path"]) == 0 {
			t.Errorf("%q: %v, want 400 of path", path, err)
		}
	}
	for _, path := range []string{"openmibi.db", "secrets.json", "server.lock", "blobs/runs", run.Path, "%zz/" + run.XML, strings.Repeat("a/", 500) + "b"} {
		if _, err := c.Files.Sign(ctx, path); !errors.Is(err, mibitracker.ErrNotFound) {
			t.Errorf("%q: %v, want 404", path, err)
		}
	}
	// What is not a route of storage serves no file either.
	for _, route := range []string{"/storage/", "/storage/../openmibi.db", "/blobs/", "/storage/%2e%2e%2fopenmibi.db", "/openmibi.db"} {
		resp, body := bare(t, "GET", s.url+route, nil, nil)
		if resp.StatusCode < 400 || bytes.Contains(body, []byte("SQLite")) {
			t.Errorf("%s: %d", route, resp.StatusCode)
		}
	}
}
