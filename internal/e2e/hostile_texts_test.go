package e2e

import (
	"bytes"
	"encoding/json"
	"fmt"
	"image"
	"image/png"
	"mime"
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// hostileTexts are texts that mean something to browsers, terminals,
// spreadsheets, file systems or logs.
var hostileTexts = []string{
	`<script>alert(1)</script>`, `"><img src=x onerror=alert(1)>`, `</title><svg/onload=alert(1)>`, `javascript:alert(1)`, `{{constructor.constructor('x')()}}`,
	"a\r\nSet-Cookie: x=y\r\n\r\n<b>", "\x1b[2J\x1b]0;title\x07", "\x7f\x01\x02", "a\tb\nc", "\u202egnp.exe", "\u200b", "\ufeffbom", "\u2028\u2029", "Z\u0351\u036balgo", "😀",
	`=cmd|' /C calc'!A0`, "../../../../etc/passwd", `..\..\secrets.json`, "/etc/passwd", `C:\Windows\win.ini`, "\\\\host\\share", "CON", "nul.txt", "a/b/../../c", "%2e%2e%2f", "%00", "-rf", "~root",
	"file:///etc/passwd", strings.Repeat("é", 255), "null", "true", "0", "[]", "{}", "level=ERROR msg=forged",
}

// TestTextsAreData: whatever somebody writes into a text comes back as it was
// written, as JSON that no browser takes for a page, or is refused.
func TestTextsAreData(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	token := s.rootToken(t)
	f := newFOV(t)
	run := f.createRun(t.Context(), t, s.client(t, root))
	kinds := map[string][]string{
		"/projects/": {"name", "description"}, "/tissues/": {"organ", "subsite", "diagnosis", "description"}, "/instruments/": {"name", "description"},
		"/slides/":   {"name", "description", "external_id", "source", "lot", "slide_type", "location"},
		"/sections/": {"position", "description", "block"}, "/panels/": {"name", "description"},
		"/imagesets/": {"name", "description"}, "/images/": {"folder", "point", "description", "imaging_preset"},
	}
	kept := 0
	for n, text := range hostileTexts {
		for path, fields := range kinds {
			body := map[string]any{}
			if path == "/images/" {
				body["run"] = run.ID
				body["folder"] = fmt.Sprintf("F%d", n)
			}
			if path == "/imagesets/" {
				body["images"] = []int64{f.imageIn(t, run)}
			}
			if path == "/panels/" {
				body["conjugates"] = []any{map[string]any{"target": "x", "mass": 100}}
			}
			for _, field := range fields {
				body[field] = text
			}
			content, err := json.Marshal(body)
			if err != nil {
				t.Fatal(err)
			}
			status, answer := s.ask(t, token, http.MethodPost, path, string(content))
			var got map[string]any
			if err := json.Unmarshal([]byte(answer), &got); err != nil {
				t.Fatalf("%s %q: %d %s", path, text, status, answer)
			}
			if status == http.StatusBadRequest {
				continue // such as a folder that escapes
			}
			id, _ := got["id"].(float64)
			status, answer = s.ask(t, token, http.MethodGet, fmt.Sprintf("%s%d/", path, int64(id)), "")
			if err := json.Unmarshal([]byte(answer), &got); err != nil || status != http.StatusOK {
				t.Fatalf("%s %q: %d %s", path, text, status, answer)
			}
			for _, field := range fields {
				if got[field] != text {
					t.Errorf("%s %s: %q came back as %q", path, field, text, got[field])
				}
				kept++
			}
		}
	}
	if kept < len(hostileTexts)*10 {
		t.Errorf("only %d texts were kept", kept)
	}
	// What cannot be a text is refused.
	for _, text := range []string{`"a\u0000b"`, "\"a\xffb\"", `"\ud800x\u0000"`, `["a"]`, `{"a": 1}`} {
		if status, answer := s.ask(t, token, http.MethodPost, "/projects/", `{"name": `+text+`}`); status != http.StatusBadRequest {
			t.Errorf("%q: %d %s", text, status, answer)
		}
	}
}

// TestFileNames: what a file is called names nothing on the server, and cannot
// break out of the headers of a download.
func TestFileNames(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	token := s.rootToken(t)
	f := newFOV(t)
	c := s.client(t, root)
	run := f.createRun(t.Context(), t, c)
	id := f.imageIn(t, run)
	var picture bytes.Buffer
	for _, plane := range f.planes {
		if err := png.Encode(&picture, image.NewGray(image.Rect(0, 0, plane.Width(), plane.Height()))); err != nil {
			t.Fatal(err)
		}
		break
	}
	for n, name := range hostileTexts {
		name += ".png"
		escaped := strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\r", "%0D", "\n", "%0A").Replace(name)
		body := formBody("attachment", "NAME", "image/png", picture.Bytes(), nil)
		body.text = strings.Replace(body.text, `filename="NAME"`, `filename="`+escaped+`"`, 1)
		send := func(method, path string) (int, string) {
			t.Helper()
			return s.ask(t, token, method, path, body.text, "Content-Type", body.contentType)
		}
		if status, answer := send(http.MethodPost, fmt.Sprintf("/images/%d/upload_channel/", id)); status == http.StatusOK {
			var made struct{ Channel string }
			if err := json.Unmarshal([]byte(answer), &made); err != nil {
				t.Fatal(err)
			}
			s.checkDownload(t, token, fmt.Sprintf("/images/%d/channel_url/?channel=%s", id, url.QueryEscape(made.Channel)))
		} else if status != http.StatusBadRequest {
			t.Errorf("channel %q: %d %s", name, status, answer)
		}
		if status, answer := send(http.MethodPut, fmt.Sprintf("/images/%d/", id)); status == http.StatusOK {
			var made struct{ SED string }
			if err := json.Unmarshal([]byte(answer), &made); err != nil || strings.ContainsAny(made.SED, "/\\") || strings.Trim(made.SED, ".") == "" {
				t.Fatalf("SED %q became %q, %v", name, made.SED, err)
			}
			s.checkDownload(t, token, "/download/?path="+url.QueryEscape(run.Path+"/"+f.folder+"/"+made.SED))
		} else if status != http.StatusBadRequest {
			t.Errorf("SED %q: %d %s", name, status, answer)
		}
		form := formBody("xml", "NAME", "application/xml", f.xml, map[string]string{"label": fmt.Sprintf("l%d", n), "instrument": "1"})
		form.text = strings.Replace(form.text, `filename="NAME"`, `filename="`+strings.ReplaceAll(escaped, ".png", ".xml")+`"`, 1)
		if status, answer := s.ask(t, token, http.MethodPost, "/runs/", form.text, "Content-Type", form.contentType); status == http.StatusCreated {
			var made struct{ Path, XML string }
			if err := json.Unmarshal([]byte(answer), &made); err != nil || strings.ContainsAny(made.Path, "/\\\r\n\x00") || strings.HasPrefix(made.Path, ".") {
				t.Fatalf("XML %q: %+v, %v", name, made, err)
			}
			s.checkDownload(t, token, "/download/?path="+url.QueryEscape(made.Path+"/"+made.XML))
		} else if status != http.StatusBadRequest {
			t.Errorf("XML %q: %d %s", name, status, answer)
		}
	}
	for _, file := range s.holds(t).Files {
		if !strings.Contains(file, "/blobs/") {
			t.Errorf("a file outside: %s", file)
		}
	}
}

// checkDownload reads a file whose name somebody hostile chose.
func (s *site) checkDownload(t *testing.T, token, path string) {
	t.Helper()
	status, text := s.ask(t, token, http.MethodGet, path, "")
	var signed struct{ URL string }
	if err := json.Unmarshal([]byte(text), &signed); err != nil || status != http.StatusOK {
		t.Errorf("%s: %d %s", path, status, text)
		return
	}
	res, body := bare(t, http.MethodGet, signed.URL, nil, nil)
	if res.StatusCode != http.StatusOK || len(body) == 0 {
		t.Errorf("%s: %d", signed.URL, res.StatusCode)
	}
	harmlessAnswer(t, "GET /storage/ "+path, res, "")
	if kind, params, err := mime.ParseMediaType(res.Header.Get("Content-Disposition")); err != nil || kind != "attachment" || strings.ContainsAny(params["filename"], "/\\\r\n\"") {
		t.Errorf("%s: Content-Disposition %q: %q, %v", path, res.Header.Get("Content-Disposition"), params["filename"], err)
	}
}

// TestEscapingPaths: a download path that leaves its place is refused, in every
// spelling.
func TestEscapingPaths(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	f := newFOV(t)
	run := f.createRun(t.Context(), t, s.client(t, alice))
	mine, others := s.token(t, alice), s.token(t, bob)
	xml := run.Path + "/" + run.Filename
	if status, text := s.ask(t, mine, http.MethodGet, "/download/?path="+url.QueryEscape(xml), ""); status != http.StatusOK {
		t.Fatalf("%d %s", status, text)
	}
	if status, text := s.ask(t, others, http.MethodGet, "/download/?path="+url.QueryEscape(xml), ""); status != http.StatusNotFound {
		t.Errorf("another's file: %d %s", status, text)
	}
	for _, path := range []string{
		"..", "../", "../secrets.json", "../../openmibi.db", run.Path + "/../secrets.json", run.Path + "/../" + xml, run.Path + "/./" + run.Filename, "./" + xml, "/" + xml, "//" + xml,
		run.Path + "//" + run.Filename, xml + "/", xml + "/.", xml + "\x00", xml + "\x00.png", "\x00", strings.ReplaceAll(xml, "/", `\`), `..\..\secrets.json`, `C:\secrets.json`, "C:/secrets.json",
		`\\?\C:\secrets.json`, "%2e%2e/secrets.json", "%252e%252e%252fsecrets.json", "..%2fsecrets.json", "..%c0%afsecrets.json", "..\xc0\xafsecrets.json", "file:///etc/passwd", "/etc/passwd", "/dev/zero",
		"CON", "NUL", "/proc/self/environ", "~/secrets.json", "secrets.json", "openmibi.db", "blobs", strings.Repeat("a/", 2000), strings.Repeat("../", 50) + "etc/passwd", "．．/secrets.json", "", " ",
		run.Path, run.Path + "/", run.Path + "/*", run.Path + "/%", run.Path[:len(run.Path)-1] + "_/" + run.Filename, strings.ToUpper(run.Path) + "/" + run.Filename + "x",
	} {
		status, text := s.ask(t, mine, http.MethodGet, "/download/?path="+url.QueryEscape(path), "")
		if status != http.StatusBadRequest && status != http.StatusNotFound || strings.Contains(text, "storage/") {
			t.Errorf("%.80q: %d %.200s", path, status, text)
		}
	}
}
