package api_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/openmibi/openmibi/internal/api"
	"github.com/openmibi/openmibi/internal/blob"
	"github.com/openmibi/openmibi/internal/model"
	"github.com/openmibi/openmibi/internal/store"
	"github.com/openmibi/openmibi/mibi"
	"github.com/openmibi/openmibi/mibitiff"
)

// The first image of runXML, and the size of the files made here.
const (
	runName    = "20190308_2169_2170"
	folder     = "Point1/RowNumber0/Depth_Profile0"
	tiffWidth  = 6
	tiffHeight = 4
)

// mibiTIFF makes a MIBItiff of a run and a folder, of 6×4 pixels.
func mibiTIFF(t *testing.T, run, folder string, targets ...string) []byte {
	t.Helper()
	number, _, _ := strings.Cut(folder, "/")
	meta := mibi.Metadata{
		Run: mibi.Text(run), Folder: mibi.Text(folder), FOVID: mibi.Text(number), FOVName: mibi.Text("x"),
		Dwell: mibi.Float(4), Scans: mibi.Int(1), Size: mibi.Float(500), Coordinates: mibi.Pair(1, 2),
		MassGain: mibi.Float(0.6), MassOffset: mibi.Float(0.2), TimeResolution: mibi.Float(0.5),
		Date: time.Date(2019, 3, 8, 11, 2, 3, 0, time.UTC),
	}
	var channels []mibi.Channel
	var planes []mibitiff.Plane
	for i, target := range targets {
		samples := make([]uint16, tiffWidth*tiffHeight)
		for j := range samples {
			samples[j] = uint16(i + j)
		}
		plane, err := mibitiff.NewPlane(tiffWidth, tiffHeight, samples)
		must(t, err)
		channels, planes = append(channels, mibi.Channel{Mass: 89 + i, Target: target}), append(planes, plane)
	}
	var b bytes.Buffer
	must(t, mibitiff.Write(&b, meta, channels, planes))
	return b.Bytes()
}

// sign does the first step of an upload.
func (s *server) sign(t *testing.T, who user, run int64) (putURL, location string) {
	t.Helper()
	o := s.do(t, who, "GET", "/upload_mibitiff/sign_tiff_url/?run_id="+itoa(run), nil).want(t, http.StatusOK).object(t)
	putURL, _ = o["url"].(string)
	location, _ = o["location"].(string)
	return putURL, location
}

// at sends a request to an absolute URL, as a client without credentials does.
func (s *server) at(t *testing.T, method, u, body string, headers ...string) answer {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, u, strings.NewReader(body))
	must(t, err)
	for i := 0; i < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	return s.send(t, req)
}

func (s *server) put(t *testing.T, u, body string) answer {
	t.Helper()
	return s.at(t, "PUT", u, body, "Content-Type", "image/tiff")
}

// enqueue does the last step of an upload.
func (s *server) enqueue(t *testing.T, who user, location string, run int64) answer {
	t.Helper()
	return s.do(t, who, "POST", "/upload_mibitiff/", map[string]any{"location": location, "run_id": run})
}

// publish ends the oldest job as a worker would.
func (s *server) publish(t *testing.T, targets ...string) model.Job {
	t.Helper()
	ctx := t.Context()
	job, err := s.store.TakeJob(ctx, time.Minute, 3)
	must(t, err)
	u, err := s.store.Upload(ctx, job.UploadID)
	must(t, err)
	p := store.Publication{TIFF: model.TIFF{Key: u.Key, Size: u.Size, SHA256: u.SHA256, Width: tiffWidth, Height: tiffHeight},
		Index: model.TIFFIndex{Spans: []model.Span{{Offset: 0, Length: 900}, {Offset: 1000, Length: 850}}, Packed: []byte("packed")}}
	for i, target := range targets {
		key := job.DerivedPrefix() + itoa(int64(i)) + ".png"
		text := "PNG of " + target
		info, err := s.blobs.Put(ctx, key, strings.NewReader(text), blob.PutOptions{Size: int64(len(text))})
		must(t, err)
		p.Channels = append(p.Channels, model.Channel{Name: target, Page: i, Key: key, FileName: target + ".png",
			ContentType: "image/png", Size: info.Size, SHA256: fmt.Sprintf("%x", info.SHA256)})
	}
	ok, err := s.store.Publish(ctx, job, p, nil)
	must(t, err)
	if !ok {
		t.Fatal("the job was overtaken")
	}
	return job
}

// served is a server with a run of alice's whose first image has a TIFF.
type served struct {
	*server
	run, image int64
	path       string // the run's folder in storage
	file       []byte
}

func newServed(t *testing.T, change ...func(*api.Config)) served {
	t.Helper()
	s := newServer(t, change...)
	run := s.addRun(t, s.alice, "one")
	v := served{server: s, run: idOf(run), image: idOf(imagesOf(run)[0]), path: run["path"].(string),
		file: mibiTIFF(t, runName, folder, "CD3/4", "dsDNA")}
	putURL, location := s.sign(t, s.alice, v.run)
	s.put(t, putURL, string(v.file)).want(t, http.StatusOK)
	s.enqueue(t, s.alice, location, v.run).want(t, http.StatusOK)
	s.publish(t, "CD3/4", "dsDNA")
	return v
}

func (v served) url(t *testing.T, path string) string {
	t.Helper()
	return v.do(t, v.alice, "GET", "/download/?path="+url.QueryEscape(path), nil).want(t, http.StatusOK).object(t)["url"].(string)
}

func TestDownload(t *testing.T) {
	t.Parallel()
	v := newServed(t)
	sed := "BM" + strings.Repeat("\x00", 12) + "\x28\x00\x00\x00" + strings.Repeat("s", 40)
	v.do(t, v.alice, "PUT", "/images/"+itoa(v.image)+"/", newForm().file("attachment", "sed ü.bmp", "image/bmp", sed)).want(t, http.StatusOK)
	for path, want := range map[string]struct{ body, contentType string }{
		v.path + "/" + folder + "/summed_image.tiff": {string(v.file), "image/tiff"},
		v.path + "/" + folder + "/sed ü.bmp":         {sed, "image/bmp"},
		v.path + "/" + runName + ".xml":              {runXML, "application/xml"},
	} {
		u := v.url(t, path)
		if !strings.HasPrefix(u, v.URL+"/storage/") {
			t.Errorf("%s leads to %s", path, u)
		}
		got := v.at(t, "GET", u, "", "Authorization", "JWT rubbish").want(t, http.StatusOK)
		if string(got.body) != want.body || got.header.Get("Content-Type") != want.contentType {
			t.Errorf("%s: %d bytes of %s", path, len(got.body), got.header.Get("Content-Type"))
		}
		if etag := fmt.Sprintf(`"%x"`, sha256.Sum256([]byte(want.body))); got.header.Get("ETag") != etag {
			t.Errorf("%s: ETag %s, want %s", path, got.header.Get("ETag"), etag)
		}
		v.do(t, v.bob, "GET", "/download/?path="+url.QueryEscape(path), nil).want(t, http.StatusNotFound)
		v.do(t, v.admin, "GET", "/download/?path="+url.QueryEscape(path), nil).want(t, http.StatusOK)
		v.do(t, user{}, "GET", "/download/?path="+url.QueryEscape(path), nil).want(t, http.StatusUnauthorized)
	}
}

func TestDownloadRefused(t *testing.T) {
	t.Parallel()
	v := newServed(t)
	for path, status := range map[string]int{
		"": 400, "/etc/passwd": 400, "..": 400, "../openmibi.db": 400,
		v.path + "/../../secrets.json":                                  400,
		v.path + "/" + folder + "/../summed_image.tiff":                 400,
		v.path + "/./" + runName + ".xml":                               400,
		v.path + "//" + runName + ".xml":                                400,
		v.path + "/%2e%2e/%2e%2e/secrets.json":                          400,
		v.path + "/%252e%252e/secrets.json":                             400,
		v.path + "/%2fetc":                                              400,
		v.path + "/..%2f..%2fsecrets.json":                              400,
		v.path + "/%25252525252e":                                       400,
		v.path + `\..\secrets.json`:                                     400,
		v.path + "/a\x00b":                                              400,
		v.path + "/a\nb":                                                400,
		v.path + "/\xff\xfe":                                            400,
		v.path:                                                          404,
		v.path + "/100%":                                                404,
		v.path + "/" + folder:                                           404,
		v.path + "/" + folder + "/other.tiff":                           404,
		v.path + "/" + folder + "/SUMMED_IMAGE.TIFF":                    404,
		v.path + "/Point9/summed_image.tiff":                            404,
		"no-run/" + folder + "/summed_image.tiff":                       404,
		v.path + "/Point2/RowNumber0/Chemical_Image0/summed_image.tiff": 404, // nothing uploaded yet
	} {
		got := v.do(t, v.alice, "GET", "/download/?path="+url.QueryEscape(path), nil)
		if got.status != status {
			t.Errorf("%q: %d %s, want %d", path, got.status, got.body, status)
		}
	}
	v.do(t, v.alice, "GET", "/download/", nil).want(t, http.StatusBadRequest, "path")
}

func TestSignedURLRanges(t *testing.T) {
	t.Parallel()
	v := newServed(t)
	u := v.url(t, v.path+"/"+folder+"/summed_image.tiff")
	whole := v.at(t, "GET", u, "").want(t, http.StatusOK)
	etag, modified, size := whole.header.Get("ETag"), whole.header.Get("Last-Modified"), len(v.file)
	if whole.header.Get("Content-Length") != itoa(int64(size)) || modified == "" || whole.header.Get("Accept-Ranges") != "bytes" ||
		!strings.HasPrefix(whole.header.Get("Cache-Control"), "private") || whole.header.Get("Content-Disposition") != "attachment; filename=summed_image.tiff" {
		t.Errorf("headers: %v", whole.header)
	}
	part := func(from, to int) string { return fmt.Sprintf("bytes %d-%d/%d", from, to, size) }
	for name, test := range map[string]struct {
		method       string
		headers      []string
		status       int
		body         string
		contentRange string
	}{
		"head":            {"HEAD", nil, 200, "", ""},
		"head of a part":  {"HEAD", []string{"Range", "bytes=0-9"}, 206, "", part(0, 9)},
		"beginning":       {"GET", []string{"Range", "bytes=0-9"}, 206, string(v.file[:10]), part(0, 9)},
		"from the middle": {"GET", []string{"Range", "bytes=100-"}, 206, string(v.file[100:]), part(100, size-1)},
		"end":             {"GET", []string{"Range", "bytes=-7"}, 206, string(v.file[size-7:]), part(size-7, size-1)},
		"beyond":          {"GET", []string{"Range", fmt.Sprintf("bytes=%d-", size)}, 416, "", fmt.Sprintf("bytes */%d", size)},
		"same version":    {"GET", []string{"Range", "bytes=5-6", "If-Range", etag}, 206, string(v.file[5:7]), part(5, 6)},
		"same time":       {"GET", []string{"Range", "bytes=5-6", "If-Range", modified}, 206, string(v.file[5:7]), part(5, 6)},
		"head, same":      {"HEAD", []string{"Range", "bytes=5-", "If-Range", etag}, 206, "", part(5, size-1)},
		"another time":    {"GET", []string{"Range", "bytes=5-6", "If-Range", "Mon, 01 Jan 2001 00:00:00 GMT"}, 200, string(v.file), ""},
		"weakly the same": {"GET", []string{"Range", "bytes=5-6", "If-Range", "W/" + etag}, 200, string(v.file), ""},
		"too many ranges": {"GET", []string{"Range", "bytes=0-0" + strings.Repeat(",0-0", 64)}, 200, string(v.file), ""},
		"no range at all": {"GET", []string{"Range", "bytes=x"}, 416, "", ""},
		"another version": {"GET", []string{"Range", "bytes=5-6", "If-Range", `"other"`}, 200, string(v.file), ""},
		"not modified":    {"GET", []string{"If-None-Match", etag}, 304, "", ""},
		"must match":      {"GET", []string{"If-Match", `"other"`}, 412, "", ""},
	} {
		got := v.at(t, test.method, u, "", test.headers...)
		if got.status != test.status || test.status/100 == 2 && string(got.body) != test.body {
			t.Errorf("%s: %d, %d bytes; want %d, %d bytes", name, got.status, len(got.body), test.status, len(test.body))
		}
		if test.method == "HEAD" && got.header.Get("Content-Length") == "" {
			t.Errorf("%s: no Content-Length", name)
		}
		wantDigest := ""
		if test.status == 200 || test.status == 206 {
			sum := sha256.Sum256(v.file)
			wantDigest = "sha-256=:" + base64.StdEncoding.EncodeToString(sum[:]) + ":"
		}
		if digest := got.header.Get("Repr-Digest"); digest != wantDigest {
			t.Errorf("%s: Repr-Digest %q, want %q", name, digest, wantDigest)
		}
		if test.status > 400 && (!strings.HasPrefix(string(got.body), `{"detail":`) || got.header.Get("Content-Type") != "application/json" || got.header.Get("Content-Disposition") != "") {
			t.Errorf("%s: %q with %v", name, got.body, got.header)
		}
		if contentRange := got.header.Get("Content-Range"); contentRange != test.contentRange {
			t.Errorf("%s: Content-Range %q, want %q", name, contentRange, test.contentRange)
		}
	}
}

func TestSignedURLRefused(t *testing.T) {
	t.Parallel()
	now := time.Now()
	v := newServed(t, func(c *api.Config) { c.Now = func() time.Time { return now } })
	get := v.url(t, v.path+"/"+folder+"/summed_image.tiff")
	put, _ := v.sign(t, v.alice, v.run)
	grant := func(u string) string { _, g, _ := strings.Cut(u, "grant="); return g }
	flipped := []byte(get)
	flipped[len(flipped)-30] ^= 1
	for name, test := range map[string]struct {
		method, url string
		status      int
	}{
		"tampered":           {"GET", string(flipped), 403},
		"no grant":           {"GET", v.URL + "/storage/summed_image.tiff", 403},
		"empty":              {"GET", v.URL + "/storage/summed_image.tiff?grant=", 403},
		"cut":                {"GET", get[:len(get)-4], 403},
		"rubbish":            {"GET", v.URL + "/storage/x?grant=%00%ff", 403},
		"read with a write":  {"GET", v.URL + "/storage/x?grant=" + grant(put), 403},
		"write with a read":  {"PUT", v.URL + "/storage/x?grant=" + grant(get), 403},
		"deleting":           {"DELETE", get, 405},
		"posting":            {"POST", get, 405},
		"a login token":      {"GET", v.URL + "/storage/x?grant=" + v.alice.token, 403},
		"another name works": {"GET", v.URL + "/storage/other.name?grant=" + grant(get), 200},
	} {
		got := v.at(t, test.method, test.url, "x", "Content-Type", "image/tiff")
		if got.status != test.status || test.status != 200 && !strings.HasPrefix(string(got.body), `{"detail":`) {
			t.Errorf("%s: %d %.100q, want %d", name, got.status, got.body, test.status)
		}
	}
	now = now.Add(2 * time.Hour)
	v.at(t, "GET", get, "").want(t, http.StatusForbidden, "expired")
	v.put(t, put, "x").want(t, http.StatusForbidden, "expired")
	now = now.Add(-2 * time.Hour)
	// The bytes are gone: the URL is right, and leads nowhere.
	image, err := v.store.Image(t.Context(), store.Viewer{Admin: true}, v.image)
	must(t, err)
	must(t, v.blobs.Delete(t.Context(), image.TIFF.Key))
	v.at(t, "GET", get, "").want(t, http.StatusNotFound, "Ask for a new URL")
}

func TestSignedURLBehindAPublicURL(t *testing.T) {
	t.Parallel()
	s := newServer(t, func(c *api.Config) { c.PublicURL = "https://mibi.example.org" })
	run := idOf(s.addRun(t, s.alice, "one"))
	if u, _ := s.sign(t, s.alice, run); !strings.HasPrefix(u, "https://mibi.example.org/storage/summed_image.tiff?grant=") {
		t.Errorf("the URL is %s", u)
	}
}

// A URL goes on to give the version that it was signed for.
func TestReadWhileReplaced(t *testing.T) {
	t.Parallel()
	v := newServed(t)
	u := v.url(t, v.path+"/"+folder+"/summed_image.tiff")
	putURL, location := v.sign(t, v.alice, v.run)
	v.put(t, putURL, string(mibiTIFF(t, runName, folder, "Other"))).want(t, http.StatusOK)
	v.enqueue(t, v.alice, location, v.run).want(t, http.StatusOK)
	v.publish(t, "Other")
	if got := v.at(t, "GET", u, "").want(t, http.StatusOK); !bytes.Equal(got.body, v.file) {
		t.Error("the signed URL gives another version than it was signed for")
	}
}
